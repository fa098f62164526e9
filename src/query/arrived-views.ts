import type { StreamSpec } from '../engine';
import { CircularFrame, type SeriesView, type TimeSpan } from '../frames';
import { isNumeric, RETAINED, type SeriesChunk, TIMED, writeNumber } from '../payload';

/** A view with its newest row at another time, for as long as nothing has changed. */
interface Arrived {
  readonly view: SeriesView;
  readonly revision: number;
  readonly appended: number;
  readonly arrival: number;
  readonly isMarked: boolean;
}

const made = new WeakMap<SeriesView, Arrived>();

/** The last result for views, so that the same series are the same array. */
const last = new WeakMap<readonly SeriesView[], readonly SeriesView[]>();

/**
 * A retained message that a historian has is a row at its own time. Where a range begins after that, the series has the
 * row at the time when the broker sent the message, as it has without a historian.
 *
 * @param arrivals when the broker has sent retained messages, by their topics, in milliseconds since the epoch.
 */
export function arrivedViews(
  views: readonly SeriesView[],
  arrivals: ReadonlyMap<string, number>,
  window: TimeSpan,
  { retained }: Pick<StreamSpec, 'retained'>
): readonly SeriesView[] {
  if (arrivals.size === 0 || retained === 'ignore') {
    return views;
  }
  const newest = newestTimes(views, arrivals);
  const all = views.map((view) => {
    const { topic, frame } = view;
    const arrival = arrivals.get(topic) ?? -Infinity;
    const row = arrival < window.from || arrival > window.to ? undefined : rowBefore(view, arrival);
    const time = row === undefined ? Infinity : frame.time(row);
    // Of the series of a topic, those of its newest message. A row with a time of its own has it at its arrival, too.
    return row !== undefined && time < window.from && time === newest.get(topic) && (frame.mark(row) & TIMED) === 0
      ? arrivedView(view, row, arrival, retained === 'mark')
      : view;
  });
  const before = last.get(views);
  const isSame = before !== undefined && all.every((view, at) => view === before[at]);
  const result = isSame ? before : all.some((view, at) => view !== views[at]) ? all : views;
  last.set(views, result);
  return result;
}

function newestTimes(views: readonly SeriesView[], arrivals: ReadonlyMap<string, number>): Map<string, number> {
  const newest = new Map<string, number>();
  for (const view of views) {
    const arrival = arrivals.get(view.topic);
    const row = arrival === undefined ? undefined : rowBefore(view, arrival);
    if (row !== undefined) {
      newest.set(view.topic, Math.max(view.frame.time(row), newest.get(view.topic) ?? -Infinity));
    }
  }
  return newest;
}

/** The newest row of a series when a message arrived. */
function rowBefore({ frame }: SeriesView, arrival: number): number | undefined {
  return frame.newestRowBefore(frame.rowsBetween(-Infinity, arrival).to);
}

function arrivedView(view: SeriesView, row: number, arrival: number, isMarked: boolean): SeriesView {
  const { frame } = view;
  const { revision } = frame;
  const appended = frame.evicted + frame.length;
  const known = made.get(view);
  if (
    known?.revision === revision &&
    known.appended === appended &&
    known.arrival === arrival &&
    known.isMarked === isMarked
  ) {
    return known.view;
  }
  const past: SeriesView = { ...view, frame: rowAt(frame, row, arrival, isMarked ? RETAINED : 0) };
  const arrived: SeriesView = { ...view, past };
  made.set(view, { view: arrived, revision, appended, arrival, isMarked });
  return arrived;
}

/** A frame with one row of another one, at another time. */
function rowAt(frame: CircularFrame, row: number, time: number, flags: number): CircularFrame {
  const numbers = frame.columns.filter(({ type }) => isNumeric(type)).length;
  const floats = new Float64Array(2 + numbers);
  const halves = new Uint32Array(floats.buffer);
  floats.set([time, flags]);
  let at = 2;
  const chunk: SeriesChunk = {
    series: 0,
    rows: 1,
    dropped: 0,
    floats,
    timesAt: 0,
    flagsAt: 1,
    columns: frame.columns.map((spec, index) => {
      const cell = frame.cell(index, row);
      if (!isNumeric(spec.type)) {
        return { index, spec, values: [cell] };
      }
      writeNumber(floats, halves, at, cell as number | null | undefined);
      return { index, spec, numbersAt: at++ };
    }),
  };
  const one = new CircularFrame(1);
  one.append(chunk);
  return one;
}
