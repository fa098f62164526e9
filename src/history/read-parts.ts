import type { BackfillPart } from './backfill-part';
import { type PastField, readAllCells, withoutOuterNulls } from './past-fields';

/**
 * The fields of several parts of a range. Parts meet or overlap: an older one ends where a newer one begins, because
 * the last interval of the older one had only begun.
 *
 * @param parts oldest first.
 * @param labelNames as for `readPastFields`.
 */
export function readParts(parts: readonly BackfillPart[], labelNames: ReadonlySet<string>): PastField[] {
  const all = parts.map(({ frames }) => byIdentity(readAllCells(frames, labelNames)));
  const keys = new Set(all.flatMap((fields) => [...fields.keys()]));
  return [...keys].flatMap((key) => {
    const pieces: PastField[] = [];
    let end = Infinity;
    for (let i = parts.length - 1; i >= 0; i--) {
      const field = all[i].get(key);
      if (field !== undefined) {
        pieces.unshift(before(field, end));
      }
      // An interval has the time of its begin, which may be before that of the part
      end = Math.min(end, parts[i].from, field?.times[0] ?? Infinity);
    }
    return withoutOuterNulls(pieces.length === 1 ? pieces[0] : joined(pieces));
  });
}

/** The fields by what they are; where several are the same, by their place among these, too. */
function byIdentity(fields: readonly PastField[]): Map<string, PastField> {
  const all = new Map<string, PastField>();
  for (const field of fields) {
    const { labels, names, type } = field;
    const identity = JSON.stringify([type, names, Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    let key = identity;
    for (let n = 2; all.has(key); n++) {
      key = `${identity} ${n}`;
    }
    all.set(key, field);
  }
  return all;
}

function before(field: PastField, end: number): PastField {
  const { times, values } = field;
  const rows = times.findLastIndex((time) => time < end) + 1;
  return rows === times.length ? field : { ...field, times: times.slice(0, rows), values: values.slice(0, rows) };
}

function joined(pieces: readonly PastField[]): PastField {
  return {
    ...pieces[pieces.length - 1],
    times: pieces.flatMap(({ times }) => times),
    values: pieces.flatMap(({ values }) => values),
  };
}
