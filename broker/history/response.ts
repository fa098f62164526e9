import { isUtf8 } from 'node:buffer';
import type { HistoryRequest } from './protocol';
import type { Series } from './series';
import type { HistoryStore } from './store';

/** Largest part, in bytes. A message that is larger alone gets a larger part of its own. */
export const MAX_PART_BYTES = 64 << 10;

/** Bytes of a part without its messages: version, part number, and the fields of the last part. */
const PART_OVERHEAD = 160;
/** Bytes of a topic in a part, without its name and messages. */
const TOPIC_OVERHEAD = 40;
/** Topics, and messages, that are read before other clients have their turn. */
export const YIELD_EVERY = 256;

/**
 * The parts of a response of version 1, topic by topic, with undefined between them where the caller should let other work have its turn.
 *
 * @param mayRead whether the client may read a topic
 * @param now when the request was received, in milliseconds since 1970
 * @param maxBytes of a part; a message that is larger alone gets a larger part of its own
 */
export function* responseParts(
  store: HistoryStore,
  request: HistoryRequest,
  mayRead: (topic: string) => boolean,
  now: number,
  maxBytes = MAX_PART_BYTES
): Generator<string | undefined> {
  const part = new PartBuilder(maxBytes);
  const seen = request.filters.length > 1 ? new Set<Series>() : undefined;
  let truncated = store.evictedUntil >= request.from;
  let visited = 0;
  for (const filter of request.filters) {
    for (const series of store.matching(filter)) {
      visited += 1;
      if (visited % YIELD_EVERY === 0) {
        yield undefined;
      }
      if (!seen?.has(series) && mayRead(series.topic)) {
        seen?.add(series);
        truncated = (yield* rowsOf(series, request, part)) || truncated;
      }
    }
  }
  yield part.finish({ done: true, truncated, now });
}

/** Returns whether the range has more messages than those it yields. */
function* rowsOf(
  series: Series,
  { from, to, limit }: HistoryRequest,
  part: PartBuilder
): Generator<string | undefined, boolean> {
  const start = series.searchFrom(from);
  const stop = series.searchAfter(to);
  const first = Math.max(start, stop - limit);
  const topic = JSON.stringify(series.topic);
  let row = first;
  while (row < stop) {
    const time = String(series.timeOf(row));
    const payload = payloadJson(series.payloadOf(row));
    if (part.add(topic, time, payload)) {
      row += 1;
      if (row % YIELD_EVERY === 0) {
        yield undefined;
      }
    } else {
      yield part.finish({});
    }
    // The oldest messages may have been evicted meanwhile
    row = Math.max(row, series.first);
  }
  return first > start || series.evictedUntil >= from;
}

/** A payload as JSON: a string for UTF-8, an object with base64 for other bytes. */
export function payloadJson(latin1: string): string {
  // oxlint-disable-next-line no-control-regex -- the same characters in ASCII, latin1 and UTF-8
  if (/^[\0-\x7f]*$/.test(latin1)) {
    return JSON.stringify(latin1);
  }
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? JSON.stringify(bytes.toString()) : `{"base64":"${bytes.toString('base64')}"}`;
}

/** Builds the parts of a response, one after the other. */
class PartBuilder {
  readonly #maxBytes: number;
  #number = 0;
  #bytes = PART_OVERHEAD;
  /** JSON of the finished topics. */
  #topics: string[] = [];
  /** JSON of the name of the current topic. */
  #topic: string | undefined;
  #times: string[] = [];
  #payloads: string[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a message, given as JSON. Returns false when it belongs in the next part; an empty part takes any message. */
  add(topic: string, time: string, payload: string): boolean {
    // Each with a comma
    const row = time.length + Buffer.byteLength(payload) + 2;
    const size = topic === this.#topic ? row : row + TOPIC_OVERHEAD + Buffer.byteLength(topic);
    if (this.#bytes > PART_OVERHEAD && this.#bytes + size > this.#maxBytes) {
      return false;
    }
    this.#bytes += size;
    if (topic !== this.#topic) {
      this.#endTopic();
      this.#topic = topic;
    }
    this.#times.push(time);
    this.#payloads.push(payload);
    return true;
  }

  /** Returns the JSON of the part, and begins the next one. */
  finish(last: { done?: true; truncated?: boolean; now?: number }): string {
    this.#endTopic();
    const head = JSON.stringify({ v: 1, part: this.#number, ...last }).slice(0, -1);
    const text = `${head},"topics":[${this.#topics.join(',')}]}`;
    this.#number += 1;
    this.#bytes = PART_OVERHEAD;
    this.#topics = [];
    return text;
  }

  #endTopic(): void {
    if (this.#topic !== undefined) {
      const rows = `"times":[${this.#times.join(',')}],"payloads":[${this.#payloads.join(',')}]`;
      this.#topics.push(`{"topic":${this.#topic},${rows}}`);
    }
    this.#topic = undefined;
    this.#times = [];
    this.#payloads = [];
  }
}
