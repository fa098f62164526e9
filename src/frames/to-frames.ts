import type { DataFrame } from '@grafana/data';
import { compareSeries } from './legend';
import { getOrSet } from '../utils/get-or-set';
import type * as lines from './lines';
import { newestRows } from './newest-rows';
import { newestRowsNotice } from './left-out-rows';
import { emptyFrame, seriesFrames, type ShapeOptions } from './shapes';
import { rowsOf, type SeriesView, unionFrame } from './union';

/**
 * `series`: one frame per topic, a row per message. `latest`: one frame, a row per topic with its newest values.
 * `table`: one frame, a row per message of all topics, the newest first. `logs`: the same as lines of a log. `annotations`: the same as
 * events on a time axis.
 */
export type FrameShape = 'series' | 'latest' | 'table' | 'logs' | 'annotations';

/** The shapes that are a part of the plugin, because few queries have them: `lines.ts`. */
export type LineShapes = typeof lines;

/**
 * The frames of a query in the shape that the query asks for, at least one.
 *
 * @param lineShapes without them, logs and annotations are empty.
 */
export function toFrames(
  shape: FrameShape,
  series: readonly SeriesView[],
  options: ShapeOptions,
  lineShapes?: LineShapes
): DataFrame[] {
  switch (shape) {
    case 'latest':
      return [latestFrame(series, options)];
    case 'table':
      return [tableFrame(withPasts(series), options)];
    case 'logs':
      return [lineShapes?.logsFrame(withPasts(series), options) ?? emptyFrame(options.refId)];
    case 'annotations':
      return [lineShapes?.annotationsFrame(withPasts(series), options) ?? emptyFrame(options.refId)];
    default:
      return seriesFrames(inOrder(series), options);
  }
}

/** The older rows of a series are rows of the same topic in another frame. */
function withPasts(series: readonly SeriesView[]): SeriesView[] {
  return series.flatMap((view) => (view.past === undefined ? [view] : [view, view.past]));
}

/** One frame with a row per series: the time of its newest message and the newest value of each of its fields. */
export function latestFrame(
  series: readonly SeriesView[],
  options: Pick<ShapeOptions, 'refId' | 'announced' | 'until' | 'orUntil' | 'marksRetained'>
): DataFrame {
  const { until, orUntil } = options;
  const newestOf = (view: SeriesView): number | undefined =>
    until === undefined
      ? view.frame.newestRow
      : view.frame.newestRowBefore(rowsOf(view, { from: -Infinity, to: until }, orUntil).to);
  const rows = inOrder(series).flatMap((view) => {
    const row = newestOf(view);
    if (row !== undefined || view.past === undefined) {
      return row === undefined ? [] : [{ view, row }];
    }
    const past = newestOf(view.past);
    return past === undefined ? [] : [{ view: view.past, row: past }];
  });
  const cell: Parameters<typeof unionFrame>[2] =
    until === undefined
      ? (frame, column) => frame.newest(column)
      : (frame, column, row) => frame.newestUpTo(column, row);
  return unionFrame(withPasts(series), rows, cell, options);
}

/** The last order of thousands of series, which a query hands over in the same array as long as it has no other ones. */
const orders = new WeakMap<readonly SeriesView[], readonly SeriesView[]>();

function inOrder(series: readonly SeriesView[]): readonly SeriesView[] {
  return getOrSet(orders, series, () => series.toSorted(compareSeries));
}

/**
 * One frame with a row per message of all series, the newest first: a table panel shows the first rows, and would stand
 * still while new ones come below.
 */
function tableFrame(series: readonly SeriesView[], options: ShapeOptions): DataFrame {
  const { rows, more } = newestRows(series, options);
  const frame = unionFrame(series, rows.toReversed(), (each, column, row) => each.cell(column, row), options);
  return more ? { ...frame, meta: { notices: [newestRowsNotice(rows.length)] } } : frame;
}
