import { isUtf8 } from 'node:buffer';
import { PROTOCOL_VERSION, type HistoryRequest } from './protocol';
import type { Series } from './series';
import type { HistoryStore } from './store';

/** Bytes of a part. A message that is larger alone comes in a part of its own. */
export const MAX_PART_BYTES = 64 << 10;

/** Bytes of a part without its rows: version, number, and what the last one says. */
const PART_OVERHEAD = 160;
/** Bytes of a topic in a part without its name and rows. */
const TOPIC_OVERHEAD = 40;
/** Topics, and rows, that are looked at without letting others have their turn. */
const YIELD_EVERY = 256;

/**
 * The parts of an answer, one after the other; undefined between them where it is time to let others have their turn.
 *
 * @param mayRead whether the client that asked may read a topic
 * @param now milliseconds since 1970, when it was asked
 */
export function* responseParts(
  store: HistoryStore,
  ask: HistoryRequest,
  mayRead: (topic: string) => boolean,
  now: number
): Generator<string | undefined> {
  const part = new PartBuilder();
  const seen = ask.filters.length > 1 ? new Set<Series>() : undefined;
  let truncated = store.evictedUntil >= ask.from;
  let looked = 0;
  for (const filter of ask.filters) {
    for (const series of store.matching(filter)) {
      looked += 1;
      if (looked % YIELD_EVERY === 0) {
        yield undefined;
      }
      if (!seen?.has(series) && mayRead(series.topic)) {
        seen?.add(series);
        truncated = (yield* rowsOf(series, ask, part)) || truncated;
      }
    }
  }
  yield part.take({ done: true, truncated, now });
}

/** Returns whether there was more in the range than what it gives. */
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
      yield part.take({});
    }
    // Meanwhile the oldest may have gone
    row = Math.max(row, series.first);
  }
  return first > start || series.evictedUntil >= from;
}

/** A payload as it stands in an answer: a string where it is text, an object where it is not. */
function payloadJson(latin1: string): string {
  // oxlint-disable-next-line no-control-regex -- what is the same in ASCII
  if (/^[\0-\x7f]*$/.test(latin1)) {
    return JSON.stringify(latin1);
  }
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? JSON.stringify(bytes.toString()) : `{"base64":"${bytes.toString('base64')}"}`;
}

/** A part in the making. */
class PartBuilder {
  #number = 0;
  #bytes = PART_OVERHEAD;
  /** Whole topics, and the one that is being written. */
  #topics: string[] = [];
  #topic: string | undefined;
  #times: string[] = [];
  #payloads: string[] = [];

  /**
   * Adds a row, all of it as JSON. Returns false where it is for the next part; an empty one takes every row.
   */
  add(topic: string, time: string, payload: string): boolean {
    // Each with a comma
    const row = time.length + Buffer.byteLength(payload) + 2;
    const size = topic === this.#topic ? row : row + TOPIC_OVERHEAD + Buffer.byteLength(topic);
    if (this.#bytes > PART_OVERHEAD && this.#bytes + size > MAX_PART_BYTES) {
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

  /** The part, and the next one begins. */
  take(last: { done?: true; truncated?: boolean; now?: number }): string {
    this.#endTopic();
    const head = JSON.stringify({ v: PROTOCOL_VERSION, part: this.#number, ...last }).slice(0, -1);
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
