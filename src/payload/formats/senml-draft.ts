import { isRecord } from '../../utils/is-object';

type Json = Readonly<Record<string, unknown>>;

/** The keys of the object and of its records (draft-jennings-senml-10, 4). */
const OBJECT_KEYS = new Set(['e', 'bn', 'bt', 'bu', 'ver']);
const RECORD_KEYS = new Set(['n', 'u', 'v', 'sv', 'bv', 's', 't', 'ut']);
const VALUES = ['v', 'sv', 'bv', 's'];

export const DRAFT =
  'The SenML is of a draft from before RFC 8428: its records are in "e". It is read as the draft has it. Have the sender send SenML of RFC 8428.';

/**
 * SenML of the drafts before RFC 8428, such as draft-jennings-senml-10, as the RFC has it: there, the records are a list
 * in an object with the base fields, and the keys of text and booleans are others.
 *
 * @returns `undefined` for other JSON.
 */
export function fromDraft(value: unknown): Json[] | undefined {
  if (!isRecord(value) || !Array.isArray(value['e']) || !hasOnly(value, OBJECT_KEYS)) {
    return undefined;
  }
  const { e, bn, bt, bu } = value;
  const isNamed = (record: Json): boolean => typeof record['n'] === 'string' || typeof bn === 'string';
  const records = e as unknown[];
  const areRecords = records.every(
    (record) =>
      isRecord(record) &&
      hasOnly(record, RECORD_KEYS) &&
      isNamed(record) &&
      VALUES.some((key) => Object.hasOwn(record, key))
  );
  if (records.length === 0 || !areRecords) {
    return undefined;
  }
  // The base fields hold for all records after them.
  return [
    { bn, bt, bu },
    ...(records as Json[]).map(({ n, u, v, sv, bv, s, t, ut }) => ({ n, u, v, vs: sv, vb: bv, s, t, ut })),
  ];
}

function hasOnly(object: Json, keys: ReadonlySet<string>): boolean {
  return Object.keys(object).every((key) => keys.has(key));
}
