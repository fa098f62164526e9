import type { DataFrame } from '@grafana/data';
import { compareSeries } from './legend';
import type { ShapeOptions } from './shapes';
import { type SeriesView, unionFrame } from './union';

/** One frame, a row per series: when its newest message was and the newest value of each of its fields. */
export function latestFrame(
  series: readonly SeriesView[],
  { refId, unitOf }: Pick<ShapeOptions, 'refId' | 'unitOf'>
): DataFrame {
  const rows = series
    .filter(({ frame }) => frame.length > 0)
    .toSorted(compareSeries)
    .map((view) => ({ view, row: view.frame.length - 1 }));
  return unionFrame(refId, series, rows, (frame, column) => frame.newest(column), unitOf);
}
