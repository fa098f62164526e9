import type { DataFrame, QueryResultMetaNotice } from '@grafana/data';
import { MAX_TABLE_ROWS, newestRows } from './newest-rows';
import type { ShapeOptions } from './shapes';
import { type SeriesView, unionFrame } from './union';

/** One frame, a row per message of all series, in the order of their times. */
export function tableFrame(series: readonly SeriesView[], { refId, window, announced }: ShapeOptions): DataFrame {
  const { rows, more } = newestRows(series, window);
  const frame = unionFrame(refId, series, rows, (each, column, row) => each.cell(column, row), announced);
  return more ? { ...frame, meta: { notices: [cutNotice()] } } : frame;
}

/** For a frame that does not have all rows of its window. */
export function cutNotice(rows = MAX_TABLE_ROWS): QueryResultMetaNotice {
  return { severity: 'info', text: `Shown: the newest ${rows.toLocaleString('en-US')} rows of this time range.` };
}
