import { CLEARED } from '../decoded';
import { setOwn } from '../formats/values';

/** A value below a key; there is no such key for no value. */
export function inField(value: unknown, field: string): unknown {
  if (value === undefined || value === CLEARED) {
    return value;
  }
  const object = {};
  setOwn(object, field, value);
  return object;
}
