import type { SeriesView } from '../frames';
import { type ColumnSpec, compileCheckedMapping, formatPath, type RowMappingSpec, SCALAR } from '../payload';
import type { PivotFilter, TopicPattern } from '../topics';
import { getOrSet } from '../utils/get-or-set';
import { isNamed, plainName } from './match-past';
import type { PastField } from './past-fields';
import { pastFrame } from './past-frame';

/** The part of a query that names its series and fields. */
export interface SeriesNames {
  readonly patterns: readonly TopicPattern[];
  /** `pivot`: the filters that have the named level. */
  readonly mapping: RowMappingSpec & { readonly pivot?: readonly PivotFilter[] };
  /** The named level that is the name of a field. */
  readonly pivot?: string | undefined;
}

interface NewSeries {
  readonly topic: string;
  readonly labels: Record<string, string>;
  readonly fields: PastField[];
}

/**
 * The series that a query would have if the fields of another data source came as messages: for sensors that have
 * published nothing since the panel was opened. The topic is in the label `topic`, or follows from the labels that the
 * query's levels are named after, or is the query's only topic.
 *
 * @param own the series that the query has; a field that belongs to one of them did not match it.
 */
export function seriesOfPast(
  fields: readonly PastField[],
  { patterns, mapping, pivot }: SeriesNames,
  own: readonly SeriesView[]
): { views: SeriesView[]; unmatched: PastField[] } {
  const compiled = compileCheckedMapping(mapping);
  const known = new Set(own.map(keyOf));
  const payloadLabels = ({ labels }: PastField): Record<string, string> =>
    Object.fromEntries(
      compiled.labels.flatMap(({ name }) => (Object.hasOwn(labels, name) ? [[name, labels[name]]] : []))
    );
  const series = new Map<string, NewSeries>();
  const unmatched: PastField[] = [];
  for (const field of fields) {
    const found = topicOf(field, patterns, pivot);
    const name = found && { topic: found.topic, labels: { ...payloadLabels(field), ...found.labels } };
    if (name === undefined || known.has(keyOf(name))) {
      unmatched.push(field);
    } else {
      getOrSet(series, keyOf(name), (): NewSeries => ({ ...name, fields: [] })).fields.push(field);
    }
  }
  const views = [...series.values()].flatMap(({ topic, labels, fields: found }): SeriesView[] => {
    const columns = new Map<string, { spec: ColumnSpec; field: PastField }>();
    for (const field of found) {
      const spec = columnOf(field, found.length === 1, compiled.fields);
      if (spec === undefined || columns.has(spec.name)) {
        unmatched.push(field);
      } else {
        columns.set(spec.name, { spec, field });
      }
    }
    const all = [...columns.values()];
    const frame = pastFrame(
      all.map(({ spec }) => spec),
      new Map(all.map(({ field }, i) => [i, field]))
    );
    return all.length === 0 ? [] : [{ topic, labels, frame }];
  });
  return { views, unmatched };
}

function keyOf({ topic, labels }: Pick<SeriesView, 'topic' | 'labels'>): string {
  return JSON.stringify([topic, ...Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function topicOf(
  { labels }: PastField,
  patterns: readonly TopicPattern[],
  pivot: string | undefined
): { topic: string; labels: Record<string, string> } | undefined {
  for (const pattern of patterns) {
    const topic = labels['topic'] ?? topicFrom(pattern.text, labels);
    const own = topic === undefined ? undefined : pattern.labels(topic);
    delete own?.[pivot ?? ''];
    // A label that is another value than the level of its name is another series.
    if (
      topic !== undefined &&
      own !== undefined &&
      Object.entries(own).every(([name, v]) => (labels[name] ?? v) === v)
    ) {
      return { topic, labels: own };
    }
  }
  return undefined;
}

/** The topic of a pattern with labels for all of its named levels; undefined if it has wildcards without a name. */
export function topicFrom(text: string, labels: PastField['labels']): string | undefined {
  const levels = text.split('/').map((level): string | undefined => {
    const name = /^\{([^{}#]+)#?\}$/.exec(level)?.[1];
    return name === undefined ? level : Object.hasOwn(labels, name) ? labels[name] : undefined;
  });
  return levels.some((level) => level === undefined || level === '+' || level === '#') ? undefined : levels.join('/');
}

type Chosen = NonNullable<ReturnType<typeof compileCheckedMapping>['fields']>;

function columnOf(field: PastField, isOnly: boolean, chosen: Chosen | undefined): ColumnSpec | undefined {
  const { type, names, pivoted } = field;
  if (chosen === undefined) {
    return isOnly && pivoted === undefined
      ? { path: [], name: SCALAR, type }
      : { path: [names[0]], name: names[0], type };
  }
  const wanted =
    chosen.length === 1 && isOnly
      ? chosen[0]
      : chosen.find(({ path, title }) => isNamed(field, [formatPath(path), title ?? ''].map(plainName)));
  return (
    wanted && {
      path: wanted.path,
      name: wanted.title ?? formatPath(wanted.path),
      type,
      ...(wanted.title === undefined ? undefined : { title: wanted.title }),
      ...(wanted.unit === undefined ? undefined : { unit: wanted.unit }),
      // As the only field of a series has no name in a query that names no field.
      ...(isOnly && wanted.path.length === 1 && wanted.path[0] === SCALAR ? { whole: true } : undefined),
    }
  );
}
