/** A series by the newest of its rows that was not taken. */
export interface Newest {
  /** Milliseconds since the epoch. */
  time: number;
  /** The position of the series, so that rows of one time have the same order in every response. */
  readonly order: number;
}

/** Arranges series as a heap, with the newest row of all on top. */
export function heapOf<T extends Newest>(items: T[]): T[] {
  for (let i = (items.length >> 1) - 1; i >= 0; i--) {
    sink(items, i);
  }
  return items;
}

/** Removes the top. */
export function removeTop(heap: Newest[]): void {
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) {
    heap[0] = last;
    sink(heap, 0);
  }
}

/** Moves an item down to its place, after its time has become earlier. */
export function sink(heap: Newest[], begin: number): void {
  for (let i = begin; ;) {
    const left = 2 * i + 1;
    let top = i;
    for (const child of [left, left + 1]) {
      if (child < heap.length && isNewer(heap[child], heap[top])) {
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

function isNewer(a: Newest, b: Newest): boolean {
  return a.time > b.time || (a.time === b.time && a.order > b.order);
}
