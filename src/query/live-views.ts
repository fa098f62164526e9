import type { StreamSeries } from '../connection/shared-stream';
import { compareSeries, type SeriesView } from '../frames';
import { getOrSet } from '../utils/get-or-set';
import { type ParsedQuery, seriesLabels } from './parse-query';

/** The series of a query, as they were for its last response. */
interface Known {
  /** In the order in which they came. */
  arrived: readonly SeriesView[];
  /** The same, in the order of {@link compareSeries}. */
  views: readonly SeriesView[];
  readonly viewOf: WeakMap<StreamSeries, SeriesView>;
}

const known = new WeakMap<ParsedQuery, Known>();

/**
 * The series that have rows, as a query sees them, in the order of their names: Grafana gives colors, tiles and lines
 * of a state timeline by position, and the order of arrival differs for each viewer and after each reload. The labels
 * of a series do not change, and with thousands of series they would be most of the work of a response: views are made
 * once, and the array is the same one as long as it would have the same views.
 */
export function liveViews(query: ParsedQuery, series: readonly StreamSeries[]): readonly SeriesView[] {
  const last = getOrSet(known, query, (): Known => ({ arrived: [], views: [], viewOf: new WeakMap() }));
  const arrived: SeriesView[] = [];
  const now = performance.now();
  for (const each of series) {
    each.lastRead = now;
    if (each.frame.columns.length > 0) {
      arrived.push(getOrSet(last.viewOf, each, () => viewOf(query, each)));
    }
  }
  if (arrived.length !== last.arrived.length || arrived.some((view, i) => view !== last.arrived[i])) {
    last.views = inOrder(arrived, last.views);
    last.arrived = arrived;
  }
  return last.views;
}

/** @param sorted the series of the last response, which take one comparison each: sorting merges the others into them. */
function inOrder(views: readonly SeriesView[], sorted: readonly SeriesView[]): readonly SeriesView[] {
  const added = new Set(views);
  const stayed = sorted.filter((view) => added.delete(view));
  return [...stayed, ...added].toSorted(compareSeries);
}

function viewOf(query: ParsedQuery, series: StreamSeries): SeriesView {
  return { topic: series.topic, frame: series.frame, labels: seriesLabels(query, series) };
}
