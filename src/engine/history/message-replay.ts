import { numberAt, readMessage, type Segment, sizeAt, type StoredMessage, timeAt, topicAt } from './message-segment';

/**
 * Reads messages of a ring in the order in which they came, up to the newest, those included that are added meanwhile.
 * What the ring gives up meanwhile is not read.
 */
export class Replay {
  readonly #segments: () => readonly Segment[];
  readonly #nameOf: (id: number) => string;
  readonly #matches: (topic: string) => boolean;
  readonly #oldest: number;
  /** By the number of the topic; `undefined` for one that is not wanted. */
  readonly #names = new Map<number, string | undefined>();
  #segment: Segment | undefined;
  #at = 0;
  /** The number of the last message that was read or passed over. */
  #last = 0;

  /** @param oldest messages that came before are passed over, in milliseconds since 1970. */
  constructor(
    segments: () => readonly Segment[],
    nameOf: (id: number) => string,
    matches: (topic: string) => boolean,
    oldest: number
  ) {
    this.#segments = segments;
    this.#nameOf = nameOf;
    this.#matches = matches;
    this.#oldest = oldest;
  }

  /** The next message; `undefined` where none is left, so that the next one that is added is live. */
  next(): StoredMessage | undefined {
    for (let segment = this.#seek(); segment !== undefined; segment = this.#seek()) {
      while (this.#at < segment.used) {
        const at = this.#at;
        this.#at += sizeAt(segment, at);
        const number = numberAt(segment, at);
        const isWanted = number > this.#last && timeAt(segment, at) >= this.#oldest;
        const topic = isWanted ? this.#name(topicAt(segment, at)) : undefined;
        this.#last = Math.max(this.#last, number);
        if (topic !== undefined) {
          return readMessage(segment, at, topic);
        }
      }
    }
    return undefined;
  }

  /** Passes over all that is there now. */
  skip(): void {
    this.#last = this.#segments().at(-1)?.last ?? this.#last;
  }

  /** The segment that has the next message: the one that was being read, or where it was moved to, or the one after. */
  #seek(): Segment | undefined {
    const segments = this.#segments();
    if (this.#segment !== undefined && this.#at < this.#segment.used && segments.includes(this.#segment)) {
      return this.#segment;
    }
    // From the end: where little is left to read, which is when this is called most often, the segment is the last.
    let found = segments.length;
    while (found > 0 && segments[found - 1].last > this.#last) {
      found--;
    }
    if (segments[found] !== this.#segment) {
      this.#segment = segments[found];
      this.#at = 0;
    }
    return this.#segment;
  }

  #name(id: number): string | undefined {
    let name = this.#names.get(id);
    if (name === undefined && !this.#names.has(id)) {
      const found = this.#nameOf(id);
      name = this.#matches(found) ? found : undefined;
      this.#names.set(id, name);
    }
    return name;
  }
}
