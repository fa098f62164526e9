/** What has a first row, which changes only to later ones. */
export interface Evictable {
  /** Whether nobody wants to hear of it any more. */
  readonly removed: boolean;
  readonly first: number;
  readonly length: number;
  timeOf(row: number): number;
}

interface Entry<T> {
  readonly item: T;
  /** Time of its first row when that was last looked at: it may be later by now. */
  time: number;
}

/**
 * Finds the series whose first row is the oldest of all: a heap by times that are put right only when an entry comes to
 * the top, so that writing to a series costs nothing here. A series that has ended or has no rows is forgotten.
 */
export class EvictionQueue<T extends Evictable> {
  readonly #heap: Array<Entry<T>> = [];

  /** @param item with a row, and not here yet */
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
