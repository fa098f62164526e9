import { ByteError } from './byte-reader';
import { SharedValues } from './shared-values';

/** Tags whose content is not a value of its own: it defines or uses one from elsewhere in the payload. */
export const TAGS = {
  /** A value that is referred to, and a reference to it (cbor.schmorp.de/value-sharing). */
  shared: 28,
  sharedRef: 29,
  /** A text that has come before, and what that is counted in (cbor.schmorp.de/stringref). */
  stringRef: 25,
  stringNamespace: 256,
  /** Values that are packed, and the table that they are in (draft-ietf-cbor-packed). */
  packed: 51,
  /** Records of cbor-x: with their keys; and those of the keys that have come before, from this tag on. */
  bundledStrings: 0xdff9,
  recordDefinition: 0xdfff,
  records: 0xe000,
  lastRecords: 0xffff,
} as const;

/** Whether a tag is one of {@link TAGS}. */
export function isReferenceTag(tag: number | string): tag is number {
  return (
    typeof tag === 'number' &&
    (tag === TAGS.sharedRef ||
      tag === TAGS.shared ||
      tag === TAGS.stringRef ||
      tag === TAGS.stringNamespace ||
      tag === TAGS.packed ||
      (tag >= TAGS.recordDefinition && tag <= TAGS.lastRecords) ||
      tag === TAGS.bundledStrings)
  );
}

/** The values that later parts of a payload refer to. */
export class CborReferences {
  readonly shared = new SharedValues();
  /** Texts and bytes of the namespace that is read; `undefined` outside of any. */
  strings: SharedStrings | undefined;
  /** The keys of records, by their tag. */
  readonly records = new Map<number, readonly string[]>();
}

/** Texts and bytes of one namespace, numbered as they come. */
export class SharedStrings {
  readonly #values = new SharedValues();

  /** @param length in bytes. A text that is shorter than a reference to it has no number. */
  note(value: unknown, length: number): void {
    const { count } = this.#values;
    const shortest = count < 24 ? 3 : count < 256 ? 4 : count < 65_536 ? 5 : 7;
    if (length >= shortest) {
      this.#values.define(count, () => value);
    }
  }

  /** @throws {ByteError} if there is no such text. */
  refer(index: unknown): unknown {
    return this.#values.refer(index, Infinity);
  }
}

/** The keys of a record; those of other kinds are an error. @throws {ByteError} */
export function recordKeys(keys: unknown): readonly string[] {
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    throw new ByteError('it has a record whose keys are not a list of texts');
  }
  return keys;
}
