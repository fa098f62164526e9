import { count } from '../../utils/format-number';
import { ByteError } from './byte-reader';
import { FreeKeys, setOwn } from './values';

/** Characters of the text of a key that is an object or a list. */
const MAX_KEY_TEXT = 1_000;

/** Collects the entries of a map whose keys need not be texts. No entry replaces another: `1` and `1 2`. */
export class MapEntries {
  readonly object: Record<string, unknown> = {};
  /** Undefined while all keys are texts: of equal ones, the last counts, as in JSON. */
  #keys: FreeKeys | undefined;

  /** @throws {ByteError} if the key is an object or a list of more than 1,000 characters. */
  add(key: unknown, value: unknown): void {
    if (this.#keys === undefined && typeof key === 'string') {
      setOwn(this.object, key, value);
    } else {
      this.#keys ??= new FreeKeys(this.object);
      setOwn(this.object, this.#keys.free(keyText(key)), value);
    }
  }
}

/**
 * A key that need not be text as text.
 *
 * @throws {ByteError} if it would be long. An object in a key of an object in a key: each level puts the quotes of those
 * within it into quotes, so that the text doubles with each.
 */
function keyText(key: unknown): string {
  if (typeof key === 'string') {
    return key;
  }
  const text = typeof key === 'number' ? String(key) : JSON.stringify(key);
  if (text.length > MAX_KEY_TEXT) {
    throw new ByteError(`a key is an object or a list of more than ${count(MAX_KEY_TEXT, 'character')}`);
  }
  return text;
}
