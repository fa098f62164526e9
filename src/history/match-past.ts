import { seriesTitles, type SeriesView } from '../frames';
import { type ColumnSpec, formatPath, SCALAR } from '../payload';
import { getOrSet } from '../utils/get-or-set';
import type { PastField } from './past-fields';

/** The fields of another data source that have the older rows of a series, by the number of the series' column. */
export type PastColumns = ReadonlyMap<number, PastField>;

export interface PastMatches {
  readonly bySeries: ReadonlyMap<SeriesView, PastColumns>;
  /** Fields that match no series, or several equally well. */
  readonly unmatched: readonly PastField[];
}

interface Candidate {
  readonly view: SeriesView;
  readonly column: number;
  readonly score: number;
}

/** How much a name that is the topic counts: more than labels and field names. */
const NAMED = 1_000;
const PER_LABEL = 10;

/**
 * Finds for each field of another data source the column of a query that it has older rows of:
 *
 * - No label that both have may differ. The more labels are equal, the better.
 * - A field that is called as the topic, or as the labels of a series, belongs to that series.
 * - A query with one series needs no label.
 * - Within a series, names decide; a series with one column of the field's type needs no name.
 *
 * Only a best match counts: a field that fits several columns equally well matches none of them, and the same holds
 * for several fields that fit one column.
 */
export function matchPast(views: readonly SeriesView[], fields: readonly PastField[]): PastMatches {
  const viewsOf = seriesFinder(views);
  const wanted = new Map<SeriesView, Map<number, Array<{ field: PastField; score: number }>>>();
  for (const field of fields) {
    const best = onlyBest(viewsOf(field).flatMap((view) => candidatesIn(view, field)));
    if (best !== undefined) {
      const columns = getOrSet(wanted, best.view, () => new Map());
      getOrSet(columns, best.column, () => []).push({ field, score: best.score });
    }
  }
  const bySeries = new Map<SeriesView, PastColumns>();
  const matched = new Set<PastField>();
  for (const [view, columns] of wanted) {
    const chosen = [...columns].flatMap(([column, found]): Array<[number, PastField]> => {
      const best = onlyBest(found);
      return best === undefined ? [] : [[column, best.field]];
    });
    if (chosen.length > 0) {
      bySeries.set(view, new Map(chosen));
      chosen.forEach(([, field]) => matched.add(field));
    }
  }
  return { bySeries, unmatched: fields.filter((field) => !matched.has(field)) };
}

function onlyBest<T extends { readonly score: number }>(candidates: readonly T[]): T | undefined {
  const best = candidates.reduce((most, { score }) => Math.max(most, score), 0);
  const all = candidates.filter(({ score }) => score === best);
  return all.length === 1 ? all[0] : undefined;
}

/** Finds the series that may match a field without a look at all of them: a query can have hundreds. */
function seriesFinder(views: readonly SeriesView[]): (field: PastField) => readonly SeriesView[] {
  if (views.length === 1) {
    return () => views;
  }
  const byLabel = new Map<string, SeriesView[]>();
  const byName = new Map<string, SeriesView[]>();
  const titles = seriesTitles(views);
  for (const [i, view] of views.entries()) {
    for (const label of Object.entries(labelsOf(view))) {
      getOrSet(byLabel, label.join('\n'), () => []).push(view);
    }
    for (const name of new Set([view.topic, titles[i]])) {
      getOrSet(byName, name, () => []).push(view);
    }
  }
  return ({ labels, names }) => {
    const named = names.map((name) => byName.get(name)).find((found) => found?.length === 1);
    const labelled = Object.entries(labels).flatMap((label) => {
      const found = byLabel.get(label.join('\n'));
      return found === undefined ? [] : [found];
    });
    // A series with all of the labels is in the shortest list.
    const [shortest = []] = labelled.toSorted((a, b) => a.length - b.length);
    return named ?? shortest;
  };
}

function candidatesIn(view: SeriesView, field: PastField): Candidate[] {
  const own = labelsOf(view);
  let shared = 0;
  for (const [name, value] of Object.entries(field.labels)) {
    if (Object.hasOwn(own, name)) {
      if (own[name] !== value) {
        return [];
      }
      shared++;
    }
  }
  const named = field.names.includes(view.topic) ? NAMED : 0;
  const columns = [...view.frame.columns.entries()].filter(([, { type }]) => isReadAs(type, field.type));
  return columns.flatMap(([column, spec]): Candidate[] => {
    const name = nameScore(spec, field, columns.length === 1);
    return name === 0 ? [] : [{ view, column, score: named + shared * PER_LABEL + name }];
  });
}

/** The labels of a series, and its topic. */
export function labelsOf({ labels, topic }: SeriesView): Record<string, string> {
  return { ...labels, topic };
}

function isReadAs(own: ColumnSpec['type'], past: PastField['type']): boolean {
  return own === past || (own === 'boolean' && past === 'number') || (own === 'number' && past === 'boolean');
}

/**
 * How well a field is named as a column: as the column 4, with more before its name 2 to 3 (the longer name is the
 * better one), else as the only one 1, or not at all 0.
 */
function nameScore({ name, path }: ColumnSpec, field: PastField, isOnly: boolean): number {
  const isScalar = path.length === 0 && name === SCALAR;
  const wanted = isScalar ? [] : [name, formatPath(path)].map(plainName);
  if (isNamed(field, wanted)) {
    return 4;
  }
  const ends = field.names.map((each) => `_${plainName(withoutLabels(each))}`);
  const [longest = 0] = wanted
    .filter((each) => ends.some((end) => end.endsWith(`_${each}`)))
    .map(({ length }) => length)
    .toSorted((x, y) => y - x);
  return longest > 0 ? 2 + Math.min(1, longest / 100) : isScalar || isOnly ? 1 : 0;
}

/** @param wanted names by {@link plainName}. */
export function isNamed({ names }: PastField, wanted: readonly string[]): boolean {
  return names.some((each) => wanted.includes(plainName(each)));
}

/** `ENERGY.Power` and `ENERGY_Power` are one name: recorders replace points and brackets. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '_');
}

/** InfluxDB's data source names a field `home.temperature { room: kitchen }`. */
function withoutLabels(name: string): string {
  return name.replace(/\s*\{.*\}$/, '');
}
