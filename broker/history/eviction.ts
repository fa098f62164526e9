/** An item with rows in the order of time, of which the first ones are evicted. */
export interface Evictable {
  /** Whether the item was removed, and must not be returned any more. */
  readonly removed: boolean;
  readonly first: number;
  readonly length: number;
  timeOf(row: number): number;
}

interface Entry<T> {
  readonly item: T;
  /** Time of the first row when it was last read; the actual time may be later. */
  time: number;
}

/**
 * Finds the item whose first row is the oldest: a heap whose times are corrected only when an entry comes to the top, so
 * that an added row costs nothing here. Removed and empty items are dropped from the heap.
 */
export class EvictionQueue<T extends Evictable> {
  readonly #heap: Array<Entry<T>> = [];

  /** @param item has a row, and is not in the queue yet */
  add(item: T): void {
    const heap = this.#heap;
    let at = heap.push({ item, time: item.timeOf(item.first) }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent].time <= heap[at].time) {
        return;
      }
      [heap[parent], heap[at]] = [heap[at], heap[parent]];
      at = parent;
    }
  }

  /** The item with the oldest first row; undefined when the queue is empty. */
  oldest(): T | undefined {
    const heap = this.#heap;
    for (let top = heap.at(0); top; top = heap.at(0)) {
      const { item } = top;
      const time = item.removed || item.length === 0 ? Infinity : item.timeOf(item.first);
      if (time === top.time) {
        return item;
      }
      if (time === Infinity) {
        const last = heap.pop();
        if (last && last !== top) {
          heap[0] = last;
        }
      } else {
        top.time = time;
      }
      this.#sink();
    }
    return undefined;
  }

  #sink(): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = left < heap.length && heap[left].time < heap[at].time ? left : at;
      least = right < heap.length && heap[right].time < heap[least].time ? right : least;
      if (least === at) {
        return;
      }
      [heap[least], heap[at]] = [heap[at], heap[least]];
      at = least;
    }
  }
}
