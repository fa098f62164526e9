import { heapOf, type Newest, removeTop, sink } from './newest-heap';
import { type RowOf, rowsOf, type SeriesView, type TimeSpan } from './union';

/** Rows of a table: nobody reads more. */
const MAX_TABLE_ROWS = 10_000;

interface Cursor extends Newest {
  readonly view: SeriesView;
  readonly from: number;
  row: number;
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
  const cursors: Cursor[] = [];
  for (const [order, view] of series.entries()) {
    const { from, to } = rowsOf(view, window, orUntil);
    if (to > from) {
      cursors.push({ view, order, from, row: to - 1, time: view.frame.time(to - 1) });
    }
  }
  const heap = heapOf(cursors);
  const rows: RowOf[] = [];
  while (heap.length > 0 && rows.length < limit) {
    const [top] = heap;
    rows.push({ view: top.view, row: top.row });
    if (--top.row >= top.from) {
      top.time = top.view.frame.time(top.row);
      sink(heap, 0);
    } else {
      removeTop(heap);
    }
  }
  return { rows: rows.toReversed(), more: heap.length > 0 };
}
