import { ROW_OVERHEAD, TOPIC_OVERHEAD } from './options';
import type { Indexed } from './topic-index';

const INITIAL_CAPACITY = 4;

/** Bytes of a user property in addition to its name and value. */
const PROPERTY_OVERHEAD = 64;

/** How much longer than other messages the last birth is stored: a node may be born once in months. */
export const BIRTH_AGE_MS = 30 * 86_400_000;

/** Topics of births (Sparkplug 3.0, 4.1). */
const BIRTH = /^spBv1\.0\/[^/]+\/[ND]BIRTH\//;

/** MQTT 5 user properties of a message. A name that comes several times has a list of values. */
export type UserProperties = Readonly<Record<string, string | readonly string[]>>;

/** How a message was published. */
export interface MessageFlags {
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

const QOS_BITS = 3;
const RETAIN_BIT = 4;

/**
 * The messages of one topic, in a ring buffer that grows as needed. Row numbers increase for the life of the series, so
 * that a slow reader keeps its position when the oldest rows are evicted.
 *
 * Payloads are strings with one byte per character (`latin1`). Buffers would be slices of a shared slab of 8 KiB, which
 * would stay in memory as long as any topic needs one of its slices.
 */
export class Series implements Indexed<Series> {
  readonly topic: string;
  /** Whether it has the births of a Sparkplug node or device, of which data has only numbers in place of names. */
  readonly isBirth: boolean;
  older: Series | undefined;
  newer: Series | undefined;
  /** Time of the newest row, in milliseconds since 1970; it never decreases. */
  lastTime = -Infinity;
  /** Time of the newest evicted row, in milliseconds since 1970; -Infinity when none was evicted. */
  evictedUntil = -Infinity;
  /** Bytes of the rows. */
  bytes = 0;
  /** Number of the oldest row. */
  first: number;
  /** Number of the next row to be added. */
  next: number;
  /** Whether it was read from the disk, and has had no new message since. */
  restored = false;
  /** Whether the topic was evicted. Its rows can still be read. */
  removed = false;
  #times = new Float64Array(INITIAL_CAPACITY);
  #payloads: string[] = Array.from({ length: INITIAL_CAPACITY }, () => '');
  #flags = new Uint8Array(INITIAL_CAPACITY);
  /** By row. */
  readonly #properties = new Map<number, UserProperties>();

  /** @param first number of the first row */
  constructor(topic: string, first = 0) {
    this.topic = topic;
    this.isBirth = BIRTH.test(topic);
    this.first = first;
    this.next = first;
  }

  /** When the first row is due for eviction, compared with those of other topics: see {@link BIRTH_AGE_MS}. */
  get dueTime(): number {
    const time = this.timeOf(this.first);
    return this.isBirth && this.length === 1 ? time + BIRTH_AGE_MS : time;
  }

  get length(): number {
    return this.next - this.first;
  }

  /** Bytes of the series without its rows. */
  get ownBytes(): number {
    return this.topic.length + TOPIC_OVERHEAD;
  }

  /**
   * Adds a row.
   *
   * @param time milliseconds since 1970; raised to the time of the newest row
   * @param payload in `latin1`
   * @param flags see {@link flagsOf}
   */
  push(time: number, payload: string, flags = 0, properties?: UserProperties): void {
    if (this.length === this.#times.length) {
      this.#grow();
    }
    const at = this.#at(this.next);
    this.lastTime = Math.max(this.lastTime, time);
    this.#times[at] = this.lastTime;
    this.#payloads[at] = payload;
    this.#flags[at] = flags;
    this.bytes += payload.length + ROW_OVERHEAD;
    if (properties !== undefined) {
      this.#properties.set(this.next, properties);
      this.bytes += propertyBytes(properties);
    }
    this.next += 1;
  }

  /** Evicts the oldest row; returns its bytes. */
  shift(): number {
    const at = this.#at(this.first);
    let bytes = this.#payloads[at].length + ROW_OVERHEAD;
    const properties = this.#properties.size > 0 ? this.#properties.get(this.first) : undefined;
    if (properties !== undefined) {
      this.#properties.delete(this.first);
      bytes += propertyBytes(properties);
    }
    this.#payloads[at] = '';
    this.evictedUntil = this.#times[at];
    this.first += 1;
    this.bytes -= bytes;
    return bytes;
  }

  timeOf(row: number): number {
    return this.#times[this.#at(row)];
  }

  /** The payload of a row, in `latin1`. */
  payloadOf(row: number): string {
    return this.#payloads[this.#at(row)];
  }

  /** The flags of a row, as {@link flagsOf} packs them. */
  packedFlagsOf(row: number): number {
    return this.#flags[this.#at(row)];
  }

  propertiesOf(row: number): UserProperties | undefined {
    return this.#properties.get(row);
  }

  /** Number of the first row at or after a time; `next` when there is none. */
  searchFrom(time: number): number {
    return this.#search((each) => each < time);
  }

  /** Number of the first row after a time; `next` when there is none. */
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
    const flags = new Uint8Array(capacity);
    for (let row = this.first; row < this.next; row += 1) {
      const from = this.#at(row);
      const to = row % capacity;
      times[to] = this.#times[from];
      payloads[to] = this.#payloads[from];
      flags[to] = this.#flags[from];
    }
    this.#times = times;
    this.#payloads = payloads;
    this.#flags = flags;
  }
}

/** Packs QoS and retain flag into a byte. */
export function flagsOf({ qos, retain }: MessageFlags): number {
  return qos | (retain ? RETAIN_BIT : 0);
}

export function qosOf(flags: number): number {
  return flags & QOS_BITS;
}

export function retainOf(flags: number): boolean {
  return (flags & RETAIN_BIT) !== 0;
}

function propertyBytes(properties: UserProperties): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(properties)) {
    for (const value of [values].flat()) {
      bytes += PROPERTY_OVERHEAD + name.length + value.length;
    }
  }
  return bytes;
}
