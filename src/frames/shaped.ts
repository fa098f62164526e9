import type { DataFrame } from '@grafana/data';
import { annotationsFrame } from './annotations';
import { latestFrame } from './latest';
import { logsFrame } from './logs';
import { seriesFrames, type ShapeOptions } from './shapes';
import { tableFrame } from './table';
import type { SeriesView } from './union';

export type Shape = 'series' | 'latest' | 'table' | 'logs' | 'annotations';

/** The frames of a query in the shape that it asks for, at least one. */
export function toFrames(shape: Shape, series: readonly SeriesView[], options: ShapeOptions): DataFrame[] {
  switch (shape) {
    case 'latest':
      return [latestFrame(series, options)];
    case 'table':
      return [tableFrame(series, options)];
    case 'logs':
      return [logsFrame(series, options)];
    case 'annotations':
      return [annotationsFrame(series, options)];
    default:
      return seriesFrames(series, options);
  }
}
