import { type DataFrame, type Field, FieldType } from '@grafana/data';
import { type ColumnSpec, formatPath } from '../payload';
import { type Gap, withGaps } from './gaps';
import { type ReduceOptions, reduceRows, type Rows } from './reduce';
import { separateTimes } from './separate-times';
import { automaticLegend, type LegendParts, renderLegend, seriesTitles } from './legend';
import { reductionNotice } from './left-out-rows';
import { configOf, FIELD_TYPE, rowsOf, type SeriesView, type AnnouncedLookup } from './union';

export interface ShapeOptions {
  readonly refId: string;
  /** Milliseconds since the epoch, both ends in the window. */
  readonly window: { readonly from: number; readonly to: number };
  /** The end of a time range that has ended, for the latest values; in milliseconds since the epoch. */
  readonly until?: number;
  /** See {@link rowsOf}. */
  readonly orUntil?: number;
  readonly legend: string | undefined;
  /** The query's short name for a series, if it has one; see {@link seriesTitles}. */
  readonly title?: ((topic: string, labels: SeriesView['labels']) => string | undefined) | undefined;
  /** See {@link automaticLegend}. */
  readonly alone: boolean;
  /** The panel has series of other queries, too: Grafana joins all of them by time. */
  readonly joined?: boolean;
  /** Without it, all rows are shown. */
  readonly reduce?: ReduceOptions;
  /** Times in which nothing could come, which lines do not bridge. */
  readonly gaps?: readonly Gap[];
  /** For what neither the query nor the payload says of a column. */
  readonly announced?: AnnouncedLookup;
  /** Tables, logs and annotations mark the rows of retained messages. */
  readonly marksRetained?: boolean;
  /** Log lines begin with their topic, where the labels of a line are not shown. */
  readonly linesNameTopic?: boolean;
}

const ALL: ReduceOptions = { how: 'all', intervalMs: 0, maxPoints: 0 };

/**
 * One frame per series, a row per message. Everything in the frames is new: Grafana's core writes into frames
 * and cuts their arrays short (grafana/scenes#1644), so nothing that is handed out may be kept.
 */
export function seriesFrames(series: readonly SeriesView[], options: ShapeOptions): DataFrame[] {
  const titles = seriesTitles(series, options.title);
  return series.map((view, i) => {
    const { topic, labels, frame, past } = view;
    const own = reducedRows(view, options);
    const reduced = past === undefined ? own : joinRows(reducedRows(past, options), own);
    if (series.length > 1 || options.joined === true) {
      separateTimes(reduced.times);
    }
    const rows = withGaps(reduced, options.gaps ?? []);
    const fields: Field[] = [{ name: 'Time', type: FieldType.time, config: {}, values: rows.times }];
    for (const [index, column] of frame.columns.entries()) {
      fields.push({
        name: column.name,
        type: FIELD_TYPE[column.type],
        labels: { ...labels, topic },
        config: {
          displayNameFromDS: nameOf(column, view, titles[i], options),
          ...configOf(column, topic, options.announced),
        },
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

function reducedRows(view: SeriesView, { window, orUntil, reduce }: ShapeOptions): Rows {
  const { from, to } = rowsOf(view, window, orUntil);
  return reduceRows(view.frame, from, to, reduce ?? ALL);
}

function joinRows(past: Rows, own: Rows): Rows {
  const times = [...past.times, ...own.times];
  const values = (column: number): unknown[] => [...past.values(column), ...own.values(column)];
  const reduced = own.reduced ?? past.reduced;
  if (past.times.length === 0 || own.times.length === 0 || past.times[past.times.length - 1] <= own.times[0]) {
    return { times, values, reduced };
  }
  // The time in a retained message lies among the older rows.
  const order = [...times.keys()].toSorted((a, b) => times[a] - times[b]);
  const ordered = <T>(cells: readonly T[]): T[] => order.map((row) => cells[row]);
  return { times: ordered(times), values: (column) => ordered(values(column)), reduced };
}

/** A frame that holds no data, for what there is to say of its query. */
export function emptyFrame(refId: string): DataFrame {
  return { refId, fields: [], length: 0 };
}

function nameOf(column: ColumnSpec, { topic, labels }: SeriesView, title: string, options: ShapeOptions): string {
  // A payload that is one value has a column without a name; a second column, for another type, needs a name.
  const isWhole = column.path.length === 0 || column.whole === true;
  const scalar = isWhole && column.name === formatPath(column.path) && column.title === undefined;
  const parts: LegendParts = { topic, labels, field: column.name, scalar };
  const { legend } = options;
  return legend === undefined || legend === ''
    ? automaticLegend(parts, title, options.alone)
    : renderLegend(legend, parts);
}
