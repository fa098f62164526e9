import {
  numberAt,
  originAt,
  readMessage,
  type Run,
  type Segment,
  sizeAt,
  type StoredMessage,
  timeAt,
} from './message-segment';
import type { Origin, RingTopic } from './ring-topics';

/** The part of a ring that a replay reads. */
export interface ReplaySource {
  readonly segments: readonly Segment[];
  /** Another one whenever messages are at another place than before. */
  readonly version: number;
  origin(id: number): Origin;
}

/**
 * Reads messages of a ring in the order in which they came, up to the newest, those included that are added meanwhile.
 * Messages that the ring evicts meanwhile are not read.
 */
export class Replay {
  readonly #ring: ReplaySource;
  readonly #matches: (topic: string) => boolean;
  readonly #oldest: number;
  readonly #isWanted = new WeakMap<RingTopic, boolean>();
  /** The last origins, by their ids, which the ring uses again. */
  readonly #origins: Array<{ readonly origin: Origin; readonly isWanted: boolean } | undefined> = [];
  #version = -1;
  /** The position of the next message, as long as the ring has this version. */
  #index = 0;
  #at = 0;
  #segment: Segment | undefined;
  /** The number of the last message that was read or passed over. */
  #last = 0;

  /** @param oldest messages that came before are passed over, in milliseconds since 1970. */
  constructor(ring: ReplaySource, matches: (topic: string) => boolean, oldest: number) {
    this.#ring = ring;
    this.#matches = matches;
    this.#oldest = oldest;
  }

  /** The next message; `undefined` if none is left, so that the next one that is added is live. */
  next(): StoredMessage | undefined {
    const origin = this.#advance();
    return origin === undefined ? undefined : readMessage(this.#segment!, this.#at, origin.topic.name, origin.epoch);
  }

  /** All messages that are left, where they are, without an object for each. */
  runs(): Run[] {
    const runs: Run[] = [];
    let [from, begin, end] = [this.#segment, 0, 0];
    const close = (): void => {
      if (from !== undefined && begin < end) {
        runs.push({ segment: from, begin, end });
      }
    };
    while (this.#advance() !== undefined) {
      const at = this.#at;
      if (this.#segment !== from || at !== end) {
        close();
        [from, begin] = [this.#segment, at];
      }
      end = at + sizeAt(this.#segment!, at);
    }
    close();
    return runs;
  }

  origin(id: number): Origin {
    return this.#ring.origin(id);
  }

  /** Passes over all that is there now. */
  skip(): void {
    this.#last = this.#ring.segments.at(-1)?.last ?? this.#last;
    this.#version = -1;
  }

  /** Goes on to the next message that is wanted. @returns its origin; `undefined` if none is left. */
  #advance(): Origin | undefined {
    const ring = this.#ring;
    if (this.#version !== ring.version) {
      this.#seek();
    }
    const { segments } = ring;
    for (;;) {
      const segment = this.#segment;
      if (segment === undefined || this.#at >= segment.used) {
        const next = segment === undefined ? 0 : this.#index + 1;
        if (next >= segments.length) {
          return undefined;
        }
        this.#index = next;
        this.#segment = segments[next];
        this.#at = 0;
        continue;
      }
      const number = numberAt(segment, this.#at);
      if (number > this.#last) {
        this.#last = number;
        const origin = this.#wanted(segment);
        if (origin !== undefined) {
          return origin;
        }
      }
      this.#at += sizeAt(segment, this.#at);
    }
  }

  #wanted(segment: Segment): Origin | undefined {
    if (timeAt(segment, this.#at) < this.#oldest) {
      return undefined;
    }
    const id = originAt(segment, this.#at);
    const origin = this.#ring.origin(id);
    let known = this.#origins[id];
    if (known?.origin !== origin) {
      known = { origin, isWanted: this.#wants(origin.topic) };
      this.#origins[id] = known;
    }
    return known.isWanted ? origin : undefined;
  }

  #wants(topic: RingTopic): boolean {
    let isWanted = this.#isWanted.get(topic);
    if (isWanted === undefined) {
      isWanted = this.#matches(topic.name);
      this.#isWanted.set(topic, isWanted);
    }
    return isWanted;
  }

  /** Finds the segment that has the next message: the one that was being read, or where it was moved to, or the one after. */
  #seek(): void {
    const { segments, version } = this.#ring;
    this.#version = version;
    // From the end: where little is left to read, which is when this is called most often, the segment is the last.
    let found = segments.length;
    while (found > 0 && segments[found - 1].last > this.#last) {
      found--;
    }
    this.#index = Math.max(0, Math.min(found, segments.length - 1));
    this.#segment = segments[this.#index];
    this.#at = found < segments.length ? 0 : (this.#segment?.used ?? 0);
  }
}
