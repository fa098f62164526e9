/** An item with rows, of which the first ones are evicted. */
export interface Evictable {
  /** Whether the item was removed, and must not be returned any more. */
  readonly removed: boolean;
  readonly length: number;
  /** When its first row is due, compared with those of other items. */
  readonly dueTime: number;
}

interface Entry<T> {
  readonly item: T;
  /** When the first row was due when that was last read; it may be later by now. */
  time: number;
}

/**
 * Finds the item whose first row is due first: a heap whose times are corrected only when an entry comes to the top, so
 * that an added row costs nothing here. Removed and empty items are dropped from the heap.
 */
export class EvictionQueue<T extends Evictable> {
  readonly #heap: Array<Entry<T>> = [];
  /** The entry of an item that was added again; its earlier ones count no longer. */
  readonly #again = new WeakMap<T, Entry<T>>();

  /** Adds an item again: its first row is due earlier than before. */
  addAgain(item: T): void {
    this.#again.set(item, this.add(item));
  }

  /** @param item has a row, and is not in the queue yet */
  add(item: T): Entry<T> {
    const heap = this.#heap;
    const entry = { item, time: item.dueTime };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent].time <= heap[at].time) {
        return entry;
      }
      [heap[parent], heap[at]] = [heap[at], heap[parent]];
      at = parent;
    }
    return entry;
  }

  /** The item whose first row is due first; undefined when the queue is empty. */
  oldest(): T | undefined {
    const heap = this.#heap;
    for (let top = heap.at(0); top; top = heap.at(0)) {
      const { item } = top;
      const isGone = item.removed || item.length === 0 || (this.#again.get(item) ?? top) !== top;
      const time = isGone ? Infinity : item.dueTime;
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
