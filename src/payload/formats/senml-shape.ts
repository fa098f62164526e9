import { isRecord } from '../../utils/is-object';

/** Keys of a record (RFC 8428, 4, and RFC 8798). */
export const SENML_KEYS: ReadonlySet<string> = new Set([
  'n',
  'u',
  'v',
  'vs',
  'vb',
  'vd',
  's',
  't',
  'ut',
  'bn',
  'bt',
  'bu',
  'bv',
  'bs',
  'bver',
]);
const VALUES = ['v', 'vs', 'vb', 'vd', 's'];

/**
 * Whether JSON is SenML and nothing else: a list of records that have a name and a value, and no other keys than those
 * of SenML. A base name stands for the names of the records after it.
 */
export function isSenml(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) {
    return false;
  }
  let [hasBase, hasValue] = [false, false];
  for (const record of value as unknown[]) {
    if (!isRecord(record) || !Object.keys(record).every((key) => SENML_KEYS.has(key))) {
      return false;
    }
    const { bn, n } = record;
    const hasOwnValue = VALUES.some((key) => Object.hasOwn(record, key));
    hasBase ||= typeof bn === 'string';
    hasValue ||= hasOwnValue;
    if (!hasBase && (typeof n !== 'string' || !hasOwnValue)) {
      return false;
    }
  }
  return hasValue;
}
