import type { QueryResultMetaNotice } from '@grafana/data';
import { formatNumber } from '../utils/format-number';
import type { ReduceOptions, ReduceMode } from './reduce';

/** The notices of a frame about rows that it leaves out. Notices about everything else are in `src/notices`. */

/** A table has only the newest rows of its time range. */
export function newestRowsNotice(rows: number): QueryResultMetaNotice {
  return { severity: 'info', text: `The panel shows the newest ${formatNumber(rows)} rows of this time range.` };
}

const REDUCED: Record<Exclude<ReduceMode, 'all'>, string> = {
  minmax: 'the rows with the smallest and largest values',
  mean: 'the mean',
  last: 'the last row',
};

/** A series has more rows than are drawn. */
export function reductionNotice(
  how: Exclude<ReduceMode, 'all'>,
  { how: requested, intervalMs }: ReduceOptions
): QueryResultMetaNotice {
  const why = requested === undefined ? ', because there are more rows than the panel has room for' : '';
  return { severity: 'info', text: `The panel shows ${REDUCED[how]} of each ${formatNumber(intervalMs)} ms${why}.` };
}
