import { type RowOf, rowsOf, type SeriesView, type TimeSpan } from './union';

/** Rows of a table: nobody reads more. */
const MAX_TABLE_ROWS = 10_000;

interface Cursor {
  readonly view: SeriesView;
  readonly from: number;
  row: number;
  time: number;
}

/**
 * The newest rows of all series in a span of time, both ends in it, the oldest first.
 *
 * @param options see {@link rowsOf}.
 * @returns the rows, and whether there were more.
 */
export function newestRows(
  series: readonly SeriesView[],
  { window, orUntil }: { readonly window: TimeSpan; readonly orUntil?: number },
  limit = MAX_TABLE_ROWS
): { rows: RowOf[]; more: boolean } {
  // A heap of the newest row of each series that was not taken, the newest of all on top.
  const heap: Cursor[] = [];
  for (const view of series) {
    const { from, to } = rowsOf(view, window, orUntil);
    if (to > from) {
      heap.push({ view, from, row: to - 1, time: view.frame.time(to - 1) });
    }
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) {
    sink(heap, i);
  }
  const rows: RowOf[] = [];
  while (heap.length > 0 && rows.length < limit) {
    const [top] = heap;
    rows.push({ view: top.view, row: top.row });
    if (--top.row >= top.from) {
      top.time = top.view.frame.time(top.row);
    } else {
      const last = heap.pop()!;
      if (last !== top) {
        heap[0] = last;
      }
    }
    sink(heap, 0);
  }
  return { rows: rows.toReversed(), more: heap.length > 0 };
}

function sink(heap: Cursor[], begin: number): void {
  for (let i = begin; ;) {
    const left = 2 * i + 1;
    let top = i;
    for (const child of [left, left + 1]) {
      if (child < heap.length && heap[child].time > heap[top].time) {
        top = child;
      }
    }
    if (top === i) {
      return;
    }
    [heap[i], heap[top]] = [heap[top], heap[i]];
    i = top;
  }
}
