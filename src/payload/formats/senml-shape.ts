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
 * Whether JSON is SenML and nothing else: a list of records that have a name and a value. A base name stands for the
 * names of the records after it. Keys that SenML does not have are ignored (RFC 8428, 4.4); a record that has some is
 * one of SenML if there is a base name, if it has a unit, or if another record has none.
 */
export function isSenml(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) {
    return false;
  }
  let [hasBase, hasValue, isPure, isMixed] = [false, false, false, false];
  for (const record of value as unknown[]) {
    if (!isRecord(record)) {
      return false;
    }
    const { bn, n, u } = record;
    hasBase ||= typeof bn === 'string';
    if (!hasBase && typeof n !== 'string') {
      // Most lists: no more is looked at.
      return false;
    }
    const foreign = foreignKey(record);
    const hasOwnValue = VALUES.some((key) => Object.hasOwn(record, key));
    hasValue ||= hasOwnValue;
    isPure ||= foreign === undefined;
    isMixed ||= foreign !== undefined && (typeof u !== 'string' || foreign.endsWith('_'));
    if (hasBase ? foreign !== undefined && !hasOwnValue : !hasOwnValue || foreign?.endsWith('_')) {
      return false;
    }
  }
  return hasValue && (hasBase || isPure || !isMixed);
}

/** The first key that SenML does not have. */
export function foreignKey(record: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(record).find((key) => !SENML_KEYS.has(key));
}

/** Whether JSON may be SenML of a draft before RFC 8428: an object with its records under `e`. */
export function mayBeSenmlDraft(value: unknown): boolean {
  return isRecord(value) && Array.isArray(value['e']);
}
