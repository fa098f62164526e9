import { type DataFrame, type Field, FieldType, type QueryResultMetaNotice } from '@grafana/data';
import type { ColumnSpec, ColumnType } from '../payload';
import type { CircularFrame } from './circular-frame';
import { automaticLegend, type LegendParts, renderLegend } from './legend';

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
}

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
  return series.map(({ topic, labels, frame }) => {
    const { from, to } = frame.rowsBetween(options.window.from, options.window.to);
    const fields: Field[] = [{ name: 'Time', type: FieldType.time, config: {}, values: frame.times(from, to) }];
    for (const [index, column] of frame.columns.entries()) {
      fields.push({
        name: column.name,
        type: FIELD_TYPE[column.type],
        labels: { ...labels, topic },
        config: { displayNameFromDS: nameOf(column, topic, labels, options) },
        values: frame.values(index, from, to),
      });
    }
    return { refId: options.refId, name: topic, fields, length: to - from };
  });
}

/** One frame, a row per topic: when its newest message came and the newest value of each of its fields. */
export function latestFrame(series: readonly SeriesView[], options: ShapeOptions): DataFrame {
  const rows = series
    .filter(({ frame }) => frame.length > 0)
    .toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0));
  const fields = [
    column('Time', FieldType.time, rows.map(({ frame }) => frame.newestTime)),
    column('Topic', FieldType.string, rows.map(({ topic }) => topic)),
  ];
  const taken = new Set(['Time', 'Topic']);
  for (const label of new Set(series.flatMap(({ labels }) => Object.keys(labels)))) {
    taken.add(label);
    fields.push(column(label, FieldType.string, rows.map(({ labels }) => labels[label])));
  }
  for (const [name, type, indexOf] of unionOfColumns(series, taken)) {
    fields.push(
      column(name, FIELD_TYPE[type], rows.map(({ frame }) => newestOf(frame, indexOf.get(frame))))
    );
  }
  return { refId: options.refId, name: options.refId, fields, length: rows.length };
}

/** A frame that holds no data, only what there is to say. */
export function noticeFrame(refId: string, notices: QueryResultMetaNotice[]): DataFrame {
  return { refId, fields: [], length: 0, meta: { notices } };
}

function column(name: string, type: FieldType, values: unknown[]): Field {
  return { name, type, config: {}, values };
}

function nameOf(
  column: ColumnSpec,
  topic: string,
  labels: Readonly<Record<string, string>>,
  { legend, alone }: ShapeOptions
): string {
  const parts: LegendParts = { topic, labels, field: column.name, scalar: column.path.length === 0 };
  return legend === undefined || legend === '' ? automaticLegend(parts, alone) : renderLegend(legend, parts);
}

function newestOf(frame: CircularFrame, index: number | undefined): unknown {
  return index === undefined ? undefined : frame.newest(index);
}

const RANK: readonly ColumnType[] = ['number', 'string', 'boolean', 'json', 'unknown'];
const TYPE_WORD: Record<ColumnType, string> = {
  number: 'number',
  string: 'text',
  boolean: 'boolean',
  json: 'JSON',
  unknown: 'null',
};

/** The columns of all series: those of one name and type are one; of one name and several types, each its own. */
function unionOfColumns(
  series: readonly SeriesView[],
  taken: Set<string>
): Array<[name: string, type: ColumnType, indexOf: Map<CircularFrame, number>]> {
  const byName = new Map<string, Map<ColumnType, Map<CircularFrame, number>>>();
  for (const { frame } of series) {
    for (const [index, { name, type }] of frame.columns.entries()) {
      const types = getOrSet(byName, name, () => new Map());
      getOrSet(types, type, () => new Map()).set(frame, index);
    }
  }
  return [...byName].flatMap(([name, types]) =>
    RANK.filter((type) => types.has(type)).map((type, i): [string, ColumnType, Map<CircularFrame, number>] => {
      const own = i > 0 ? `${name} (${TYPE_WORD[type]})` : name;
      return [taken.has(own) ? `${own} (payload)` : own, type, types.get(type)!];
    })
  );
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
