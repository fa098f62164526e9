import { isRecord } from '../../utils/is-object';
import { setOwn } from './values';

/** Keys of SenML in CBOR (RFC 8428, 6, table 4; RFC 8798 has no further ones). */
const CBOR_KEYS: Readonly<Record<string, string>> = {
  '-1': 'bver',
  '-2': 'bn',
  '-3': 'bt',
  '-4': 'bu',
  '-5': 'bv',
  '-6': 'bs',
  // As micropython-senml and kpn-senml have it.
  '-16': 'bs',
  '0': 'n',
  '1': 'u',
  '2': 'v',
  '3': 'vs',
  '4': 'vb',
  '5': 's',
  '6': 't',
  '7': 'ut',
  '8': 'vd',
};

/** Whether all labels of all records are those of SenML, and one of them is a name. */
export function isSenmlCbor(value: unknown): boolean {
  const keys = Array.isArray(value) && value.every(isRecord) ? value.map((record) => Object.keys(record)) : [];
  return (
    keys.some((each) => each.includes('0') || each.includes('-2')) &&
    keys.every((each) => each.every((key) => Object.hasOwn(CBOR_KEYS, key)))
  );
}

export function isCborArray(bytes: Uint8Array): boolean {
  return bytes[0] >= 0x80 && bytes[0] <= 0x9f;
}

/** A record with the keys that it has in JSON; what is no record stays as it is. */
export function fromCbor(record: unknown): unknown {
  if (!isRecord(record)) {
    return record;
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    setOwn(result, Object.hasOwn(CBOR_KEYS, key) ? CBOR_KEYS[key] : key, record[key]);
  }
  return result;
}
