import { count } from '../../utils/format-number';
import { beyond, type Decoded } from '../decoded';
import { SeveralValues } from '../rows/rows';
import type { ByteReader } from './byte-reader';

/**
 * The values of a payload, one after the other: several objects, or several lists, are one row each (RFC 8742 calls that
 * a CBOR sequence). Bytes behind another value are left out, because they are more likely to be something else.
 *
 * @param read reads one value. @throws {ByteError} from it for the first value.
 */
export function readAll(reader: ByteReader, maxRows: number, read: () => unknown): Decoded {
  const first = read();
  if (reader.left === 0) {
    return first;
  }
  const values = [first];
  const kind = kindOf(first);
  let end = reader.at;
  const limit = kind === undefined ? 1 : maxRows;
  while (reader.left > 0 && values.length < limit) {
    const value = tryRead(read);
    if (kindOf(value) !== kind) {
      break;
    }
    values.push(value);
    end = reader.at;
  }
  const left = reader.bytes.length - end;
  const rows = values.map((value) => ({ value }));
  return new SeveralValues(
    rows,
    left === 0
      ? []
      : [values.length >= maxRows ? beyond('rows', maxRows) : `Left out: ${count(left, 'byte')} after the value.`]
  );
}

function tryRead(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function kindOf(value: unknown): 'object' | 'list' | undefined {
  return typeof value !== 'object' || value === null ? undefined : Array.isArray(value) ? 'list' : 'object';
}
