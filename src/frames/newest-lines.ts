import { heapOf, type Newest, removeTop, type RowOf, rowsOf, type SeriesView, sink, type TimeSpan } from './index';
import type { CircularFrame } from './circular-frame';

const SECOND_MS = 1_000;

export interface LineLimits {
  /** The largest number of lines of each second of the clock. */
  readonly perSecond: number;
  /** The largest number of lines. */
  readonly lines: number;
}

interface Cursor extends Newest {
  readonly view: SeriesView;
  readonly from: number;
  /** The row after the newest that was not taken. */
  end: number;
}

/** Rows of a series in one second; `to` is exclusive. */
interface Span {
  readonly view: SeriesView;
  readonly order: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The newest lines of a log, the oldest first: of each second the first ones, up to a limit. Which lines of a second are
 * taken does not change while more of them come, so a live log gets no more new lines than the limit, however often it
 * is drawn. Rows of one series and one time stay in the order in which they came.
 *
 * @param options see {@link rowsOf}.
 * @returns the rows, and how many rows of the span were left out.
 */
export function newestLines(
  series: readonly SeriesView[],
  { window, orUntil }: { readonly window: TimeSpan; readonly orUntil?: number },
  { perSecond, lines }: LineLimits
): { rows: RowOf[]; left: number } {
  const cursors: Cursor[] = [];
  let left = 0;
  for (const [order, view] of series.entries()) {
    const { from, to } = rowsOf(view, window, orUntil);
    if (to > from) {
      cursors.push({ view, order, from, end: to, time: view.frame.time(to - 1) });
      left += to - from;
    }
  }
  const heap = heapOf(cursors);
  const seconds: RowOf[][] = [];
  for (let room = lines; heap.length > 0 && room > 0;) {
    const spans = takeSecond(heap);
    // Of the oldest second, only the newest lines may have room.
    const rows = firstRows(spans, perSecond).slice(-room);
    seconds.push(rows);
    room -= rows.length;
    left -= rows.length;
  }
  return { rows: seconds.toReversed().flat(), left };
}

/** Takes all rows of the newest second that is left. */
function takeSecond(heap: Cursor[]): Span[] {
  const begin = Math.floor(heap[0].time / SECOND_MS) * SECOND_MS;
  const spans: Span[] = [];
  while (heap.length > 0 && heap[0].time >= begin) {
    const [cursor] = heap;
    const { view, order, from, end } = cursor;
    const first = firstRowSince(view.frame, begin, from, end);
    spans.push({ view, order, from: first, to: end });
    if (first > from) {
      cursor.end = first;
      cursor.time = view.frame.time(first - 1);
      sink(heap, 0);
    } else {
      removeTop(heap);
    }
  }
  return spans;
}

/** The first row since a time, of the rows from `from` to `end` (exclusive), the last of which is one. */
function firstRowSince(frame: CircularFrame, time: number, from: number, end: number): number {
  // Most series have few rows in a second, so the search begins at the end.
  let high = end - 1;
  for (let step = 1; high > from; step *= 2) {
    const low = Math.max(from, high - step);
    if (frame.time(low) < time) {
      return between(frame, time, low + 1, high);
    }
    high = low;
  }
  return high;
}

/** As {@link firstRowSince}, where row `high` is since then and no row before `low` is. */
function between(frame: CircularFrame, time: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (frame.time(middle) >= time) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** The first rows of several series together, ordered by time. */
function firstRows(spans: readonly Span[], limit: number): RowOf[] {
  if (spans.length === 1) {
    const [{ view, from, to }] = spans;
    return Array.from({ length: Math.min(limit, to - from) }, (_, i) => ({ view, row: from + i }));
  }
  // A heap has the largest on top, and the smallest is wanted.
  const heap = heapOf(
    spans.map(({ view, order, from, to }) => ({ view, row: from, to, order: -order, time: -view.frame.time(from) }))
  );
  const rows: RowOf[] = [];
  while (heap.length > 0 && rows.length < limit) {
    const [top] = heap;
    rows.push({ view: top.view, row: top.row });
    if (++top.row < top.to) {
      top.time = -top.view.frame.time(top.row);
      sink(heap, 0);
    } else {
      removeTop(heap);
    }
  }
  return rows;
}
