import { ROW_OVERHEAD, TOPIC_OVERHEAD } from './options';
import type { Indexed } from './topic-index';

const INITIAL_CAPACITY = 4;

/**
 * The messages of one topic, in a ring that grows to what it has to hold. Rows have numbers that go on for the life of
 * the series, so that who reads it slowly knows where it was when the oldest ones have gone meanwhile.
 *
 * Payloads are strings of one byte a character (`latin1`): as Buffers they would each be a part of a slab of 8 KiB, and
 * hold all of it for as long as the slowest topic in it is kept.
 */
export class Series implements Indexed<Series> {
  readonly topic: string;
  older: Series | undefined;
  newer: Series | undefined;
  /** Time of the newest row; it never goes back. */
  lastTime = -Infinity;
  /** Time of the newest row that was thrown away. */
  evictedUntil = -Infinity;
  /** Bytes of its rows. */
  bytes = 0;
  /** Numbers of the oldest row, and of the one that comes next. */
  first: number;
  next: number;
  /** Whether nothing came since it was read from the disk. */
  restored = false;
  /** Whether it was thrown away as a whole. What it held can still be read. */
  removed = false;
  #times = new Float64Array(INITIAL_CAPACITY);
  #payloads: string[] = Array.from({ length: INITIAL_CAPACITY }, () => '');

  /** @param first number of its first row */
  constructor(topic: string, first = 0) {
    this.topic = topic;
    this.first = first;
    this.next = first;
  }

  get length(): number {
    return this.next - this.first;
  }

  /** What it costs without rows. */
  get ownBytes(): number {
    return this.topic.length + TOPIC_OVERHEAD;
  }

  /** @param payload in `latin1` */
  push(time: number, payload: string): void {
    if (this.length === this.#times.length) {
      this.#grow();
    }
    const at = this.#at(this.next);
    this.lastTime = Math.max(this.lastTime, time);
    this.#times[at] = this.lastTime;
    this.#payloads[at] = payload;
    this.bytes += payload.length + ROW_OVERHEAD;
    this.next += 1;
  }

  /** Throws the oldest row away; returns its bytes. */
  shift(): number {
    const at = this.#at(this.first);
    const bytes = this.#payloads[at].length + ROW_OVERHEAD;
    this.#payloads[at] = '';
    this.evictedUntil = this.#times[at];
    this.first += 1;
    this.bytes -= bytes;
    return bytes;
  }

  timeOf(row: number): number {
    return this.#times[this.#at(row)];
  }

  /** In `latin1`. */
  payloadOf(row: number): string {
    return this.#payloads[this.#at(row)];
  }

  /** Number of the first row whose time is not before this one; `next` where there is none. */
  searchFrom(time: number): number {
    return this.#search((each) => each < time);
  }

  /** Number of the first row whose time is after this one; `next` where there is none. */
  searchAfter(time: number): number {
    return this.#search((each) => each <= time);
  }

  #search(isBefore: (time: number) => boolean): number {
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (isBefore(this.timeOf(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #at(row: number): number {
    return row % this.#times.length;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const times = new Float64Array(capacity);
    const payloads = Array.from({ length: capacity }, () => '');
    for (let row = this.first; row < this.next; row += 1) {
      const from = this.#at(row);
      const to = row % capacity;
      times[to] = this.#times[from];
      payloads[to] = this.#payloads[from];
    }
    this.#times = times;
    this.#payloads = payloads;
  }
}
