import { MAX_PART_BYTES, payloadJson, YIELD_EVERY } from './response';
import type { Outage } from './outages';
import type { Selected, Selection } from './selection';
import { qosOf, retainOf } from './series';

/** Bytes of a part without its messages. */
const PART_OVERHEAD = 240;
/** Bytes of a topic in a part, without its name and messages. */
const TOPIC_OVERHEAD = 90;
/** Bytes of a message in a part, without its payload and user properties: time, flags and sequence. */
const ROW_OVERHEAD = 40;

/** The properties of a response that only its first part has. */
export interface ResponseHead {
  /** When the request was received, in milliseconds since 1970. */
  readonly now: number;
  /** Identifies this run of the historian: sequences of another run are not comparable. */
  readonly run: string;
  /** The selection was made at the mark. */
  readonly mark: boolean;
  /** When the historian was away. */
  readonly away: readonly Outage[];
}

/** A topic whose messages are not all sent yet; the next one to send is the newest. */
interface Rest {
  readonly selected: Selected;
  /** Messages that are left. */
  left: number;
  /** Row of the newest message that is left, and its time. */
  row: number;
  time: number;
}

/**
 * The parts of a response of version 2: the newest messages of all topics first, so that each part is older than the
 * parts before it. Within a part, the messages of a topic are oldest first. Undefined between the parts where the caller
 * should let other work have its turn.
 *
 * @param maxBytes of a part; a message that is larger alone gets a larger part of its own
 */
export function* newestFirst(
  { topics, total, truncated }: Selection,
  { away, ...head }: ResponseHead,
  maxBytes = MAX_PART_BYTES
): Generator<string | undefined> {
  const heap = new NewestHeap(topics);
  const thinned = topics.some(({ rows }) => rows !== undefined);
  let part = new Part(maxBytes);
  let number = 0;
  let sent = 0;
  let isTruncated = truncated;
  const finish = (last: object): string => {
    const first =
      number === 0 ? { ...head, total, ...(thinned && { thinned }), ...(away.length > 0 && { away }) } : undefined;
    const text = part.json({ v: 2, part: number, ...first, ...last });
    number += 1;
    part = new Part(maxBytes);
    return text;
  };
  for (let rest = heap.newest; rest; rest = heap.newest) {
    const { selected, row } = rest;
    if (row < selected.series.first) {
      // Evicted meanwhile, and with it all older ones
      isTruncated = true;
      heap.drop();
    } else if (part.add(selected, row)) {
      heap.advance();
      sent += 1;
      if (sent % YIELD_EVERY === 0) {
        yield undefined;
      }
    } else {
      yield finish({});
    }
  }
  yield finish({ done: true, truncated: isTruncated });
}

/** A binary heap of topics: the one with the newest message is at its root. */
class NewestHeap {
  readonly #heap: Rest[];

  constructor(topics: readonly Selected[]) {
    this.#heap = topics.map((selected) => {
      const left = selected.rows?.length ?? selected.to - selected.from;
      const row = rowAt(selected, left - 1);
      return { selected, left, row, time: selected.series.timeOf(row) };
    });
    for (let at = (this.#heap.length >>> 1) - 1; at >= 0; at -= 1) {
      this.#sink(at);
    }
  }

  get newest(): Rest | undefined {
    return this.#heap.at(0);
  }

  /** Passes over the newest message. */
  advance(): void {
    const [rest] = this.#heap;
    rest.left -= 1;
    if (rest.left === 0) {
      this.drop();
      return;
    }
    rest.row = rowAt(rest.selected, rest.left - 1);
    const { series } = rest.selected;
    rest.time = rest.row < series.first ? -Infinity : series.timeOf(rest.row);
    this.#sink(0);
  }

  /** Passes over all that is left of the topic with the newest message. */
  drop(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
  }

  #sink(start: number): void {
    const heap = this.#heap;
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let newest = at;
      if (left < heap.length && heap[left].time > heap[newest].time) {
        newest = left;
      }
      if (right < heap.length && heap[right].time > heap[newest].time) {
        newest = right;
      }
      if (newest === at) {
        return;
      }
      [heap[at], heap[newest]] = [heap[newest], heap[at]];
      at = newest;
    }
  }
}

function rowAt({ from, rows }: Selected, at: number): number {
  return rows?.[at] ?? from + at;
}

/** The messages of a topic in a part, newest first. */
interface TopicRows {
  readonly selected: Selected;
  readonly rows: number[];
  readonly times: number[];
  readonly payloads: string[];
  readonly flags: number[];
  /** JSON of the user properties. */
  readonly properties: string[];
}

class Part {
  readonly #maxBytes: number;
  #bytes = PART_OVERHEAD;
  readonly #topics = new Map<Selected, TopicRows>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a message. Returns false when it belongs in the next part; an empty part takes any message. */
  add(selected: Selected, row: number): boolean {
    const { series } = selected;
    const payload = payloadJson(series.payloadOf(row));
    const properties = JSON.stringify(series.propertiesOf(row) ?? null);
    const known = this.#topics.get(selected);
    const opening = known ? 0 : TOPIC_OVERHEAD + Buffer.byteLength(JSON.stringify(series.topic));
    const size = opening + ROW_OVERHEAD + Buffer.byteLength(payload) + Buffer.byteLength(properties);
    if (this.#topics.size > 0 && this.#bytes + size > this.#maxBytes) {
      return false;
    }
    this.#bytes += size;
    const topic = known ?? { selected, rows: [], times: [], payloads: [], flags: [], properties: [] };
    if (!known) {
      this.#topics.set(selected, topic);
    }
    topic.rows.push(row);
    topic.times.push(series.timeOf(row));
    topic.payloads.push(payload);
    topic.flags.push(series.packedFlagsOf(row));
    topic.properties.push(properties);
    return true;
  }

  json(head: object): string {
    const topics = [...this.#topics.values()].map(topicJson);
    return `${JSON.stringify(head).slice(0, -1)},"topics":[${topics.join(',')}]}`;
  }
}

/** Fields that have their default for all messages of the topic are left out. */
function topicJson({ selected, rows, times, payloads, flags, properties }: TopicRows): string {
  for (const list of [rows, times, payloads, flags, properties]) {
    list.reverse();
  }
  const isRun = rows[rows.length - 1] - rows[0] === rows.length - 1;
  const fields = [
    `"topic":${JSON.stringify(selected.series.topic)}`,
    isRun ? `"first":${rows[0]}` : `"sequences":[${rows.join(',')}]`,
    `"times":[${times.join(',')}]`,
    `"payloads":[${payloads.join(',')}]`,
  ];
  if (flags.some((each) => qosOf(each) !== 0)) {
    fields.push(`"qos":[${flags.map(qosOf).join(',')}]`);
  }
  if (flags.some(retainOf)) {
    fields.push(`"retain":[${flags.map((each) => (retainOf(each) ? 1 : 0)).join(',')}]`);
  }
  if (properties.some((each) => each !== 'null')) {
    fields.push(`"properties":[${properties.join(',')}]`);
  }
  return `{${fields.join(',')}}`;
}
