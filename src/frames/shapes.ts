import { type DataFrame, type Field, FieldType, type QueryResultMetaNotice } from '@grafana/data';
import { type ColumnSpec, type ColumnType, formatPath, Namer, type Path } from '../payload';
import type { CircularFrame } from './circular-frame';
import { type ReduceOptions, type Reduction, reduceRows } from './reduce';
import { automaticLegend, type LegendParts, renderLegend, seriesTitles } from './legend';

/** A series as a query sees it. */
export interface SeriesView {
  readonly topic: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly frame: CircularFrame;
}

export interface ShapeOptions {
  readonly refId: string;
  /** Milliseconds since the epoch, both ends in the window. */
  readonly window: { readonly from: number; readonly to: number };
  readonly legend: string | undefined;
  /** See {@link automaticLegend}. */
  readonly alone: boolean;
  /** Without it, all rows are shown. */
  readonly reduce?: ReduceOptions;
}

const ALL: ReduceOptions = { how: 'all', intervalMs: 0, maxPoints: 0 };

const FIELD_TYPE: Record<ColumnType, FieldType> = {
  number: FieldType.number,
  string: FieldType.string,
  boolean: FieldType.boolean,
  json: FieldType.other,
  unknown: FieldType.other,
};

/**
 * One frame per topic, a row per message. Everything in the frames is made anew: Grafana's core writes into frames
 * and cuts their arrays short (grafana/scenes#1644), so nothing that is handed out may be kept.
 */
export function seriesFrames(series: readonly SeriesView[], options: ShapeOptions): DataFrame[] {
  const titles = seriesTitles(series);
  return series.map((view, i) => {
    const { topic, labels, frame } = view;
    const { from, to } = frame.rowsBetween(options.window.from, options.window.to);
    const rows = reduceRows(frame, from, to, options.reduce ?? ALL);
    const fields: Field[] = [{ name: 'Time', type: FieldType.time, config: {}, values: rows.times }];
    for (const [index, column] of frame.columns.entries()) {
      fields.push({
        name: column.name,
        type: FIELD_TYPE[column.type],
        labels: { ...labels, topic },
        config: { displayNameFromDS: nameOf(column, view, titles[i], options) },
        values: rows.values(index),
      });
    }
    const shaped: DataFrame = { refId: options.refId, name: topic, fields, length: rows.times.length };
    if (rows.reduced !== undefined) {
      shaped.meta = { notices: [reductionNotice(rows.reduced, options.reduce ?? ALL)] };
    }
    return shaped;
  });
}

/** One frame, a row per topic: when its newest message came and the newest value of each of its fields. */
export function latestFrame(series: readonly SeriesView[], options: ShapeOptions): DataFrame {
  const rows = series
    .filter(({ frame }) => frame.length > 0)
    .toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0));
  const fields = [
    column(
      'Time',
      FieldType.time,
      rows.map(({ frame }) => frame.newestTime)
    ),
    column(
      'Topic',
      FieldType.string,
      rows.map(({ topic }) => topic)
    ),
  ];
  const namer = new Namer(['Time', 'Topic']);
  for (const label of new Set(series.flatMap(({ labels }) => Object.keys(labels)))) {
    const values = rows.map(({ labels }) => (Object.hasOwn(labels, label) ? labels[label] : undefined));
    fields.push(column(namer.unique(label, 'level'), FieldType.string, values));
  }
  for (const { path, types } of unionOfColumns(series)) {
    for (const [i, [type, indexOf]] of types.entries()) {
      const values = rows.map(({ frame }) => newestOf(frame, indexOf.get(frame)));
      fields.push(column(namer.name(path, type, i > 0), FIELD_TYPE[type], values));
    }
  }
  return { refId: options.refId, name: options.refId, fields, length: rows.length };
}

/** A frame that holds no data, only what there is to say. */
export function noticeFrame(refId: string, notices: QueryResultMetaNotice[]): DataFrame {
  return { refId, fields: [], length: 0, meta: { notices } };
}

/** Kept, because making one for each packet takes longer than the rest of the packet. */
const digits = new Intl.NumberFormat('en-US');

const REDUCED: Record<Exclude<Reduction, 'all'>, string> = {
  minmax: 'the rows with the smallest and largest values',
  mean: 'the mean',
  last: 'the last row',
};

function reductionNotice(
  how: Exclude<Reduction, 'all'>,
  { how: asked, intervalMs }: ReduceOptions
): QueryResultMetaNotice {
  const shown = `Shown: ${REDUCED[how]} of each ${digits.format(intervalMs)} ms.`;
  const why = asked === undefined ? ' There are more rows than the panel has room for.' : '';
  return { severity: 'info', text: `${shown}${why}` };
}

/** Named outright: core names a lone column called "Value" after its frame (calculateFieldDisplayName). */
function column(name: string, type: FieldType, values: unknown[]): Field {
  return { name, type, config: { displayNameFromDS: name }, values };
}

function nameOf(column: ColumnSpec, { topic, labels }: SeriesView, title: string, options: ShapeOptions): string {
  // Beside the column of a payload that is one value, one for values of another type needs its name.
  const scalar = column.path.length === 0 && column.name === formatPath(column.path);
  const parts: LegendParts = { topic, labels, field: column.name, scalar };
  const { legend } = options;
  return legend === undefined || legend === ''
    ? automaticLegend(parts, title, options.alone)
    : renderLegend(legend, parts);
}

function newestOf(frame: CircularFrame, index: number | undefined): unknown {
  return index === undefined ? undefined : frame.newest(index);
}

const RANK: readonly ColumnType[] = ['number', 'string', 'boolean', 'json', 'unknown'];

/** Where a column is in each of the frames that have it. */
type IndexOf = Map<CircularFrame, number>;

interface UnionColumn {
  readonly path: Path;
  readonly types: Array<[ColumnType, IndexOf]>;
}

/**
 * The columns of all series: those of one path and type are one, whatever each series calls them; of one path and
 * several types, each its own. A column that had only nulls so far belongs to any other of its path.
 */
function unionOfColumns(series: readonly SeriesView[]): UnionColumn[] {
  const byPath = new Map<string, { path: Path; types: Map<ColumnType, IndexOf> }>();
  for (const { frame } of series) {
    for (const [index, { path, type }] of frame.columns.entries()) {
      const { types } = getOrSet(byPath, JSON.stringify(path), () => ({ path, types: new Map() }));
      getOrSet(types, type, () => new Map()).set(frame, index);
    }
  }
  return [...byPath.values()].map(({ path, types }) => {
    const known = RANK.flatMap((type): Array<[ColumnType, IndexOf]> => {
      const indexOf = types.get(type);
      return indexOf === undefined ? [] : [[type, indexOf]];
    });
    const [first, last] = [known[0], known.at(-1)!];
    if (first === last || last[0] !== 'unknown') {
      return { path, types: known };
    }
    return { path, types: [[first[0], new Map([...last[1], ...first[1]])], ...known.slice(1, -1)] };
  });
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
