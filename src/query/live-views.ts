import type { StreamSeries } from '../connection/shared-stream';
import type { SeriesView } from '../frames';
import { getOrSet } from '../utils/get-or-set';
import { type ParsedQuery, seriesLabels } from './parse-query';

/** The series of a query, as they were for its last response. */
interface Known {
  views: readonly SeriesView[];
  readonly viewOf: WeakMap<StreamSeries, SeriesView>;
}

const known = new WeakMap<ParsedQuery, Known>();

/**
 * The series that have rows, as a query sees them, in the order in which they came. The labels of a series do not
 * change, and with thousands of series they would be most of the work of a response: views are made once, and the
 * array is the same one as long as it would have the same views.
 */
export function liveViews(query: ParsedQuery, series: readonly StreamSeries[]): readonly SeriesView[] {
  const last = getOrSet(known, query, (): Known => ({ views: [], viewOf: new WeakMap() }));
  const views: SeriesView[] = [];
  const now = performance.now();
  for (const each of series) {
    each.lastRead = now;
    if (each.frame.columns.length > 0) {
      views.push(getOrSet(last.viewOf, each, () => viewOf(query, each)));
    }
  }
  if (views.length !== last.views.length || views.some((view, i) => view !== last.views[i])) {
    last.views = views;
  }
  return last.views;
}

function viewOf(query: ParsedQuery, series: StreamSeries): SeriesView {
  return { topic: series.topic, frame: series.frame, labels: seriesLabels(query, series) };
}
