import type { DataFrame } from '@grafana/data';
import { compareSeries } from './legend';
import type { ShapeOptions } from './shapes';
import { type SeriesView, unionFrame } from './union';

/** One frame, a row per series: when its newest message was and the newest value of each of its fields. */
export function latestFrame(
  series: readonly SeriesView[],
  { refId, announced }: Pick<ShapeOptions, 'refId' | 'announced'>
): DataFrame {
  const rows = series.toSorted(compareSeries).flatMap((view) => {
    const row = view.frame.newestRow;
    return row === undefined ? [] : [{ view, row }];
  });
  return unionFrame(refId, series, rows, (frame, column) => frame.newest(column), announced);
}
