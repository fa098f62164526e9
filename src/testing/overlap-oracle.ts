import { setTimeout as sleep } from 'node:timers/promises';
import { numbersOf } from '../payload';
import { matches } from '../topics';
import { SPEC, type TestEngine } from './test-engine';

/** Filters that overlap in every way: covers, crossings, chains. */
export const FILTERS = ['#', 'o/#', 'o/+', 'o/a', 'o/b', '+/a', 'o/+/c', 'o/a/+', '+/+/c', 'o/a/c'] as const;

const TOPICS = ['o/a', 'o/b', 'o/a/c', 'o/b/c', 'o/a/d', 'x/a', 'y'];

/** A stream leaves when it has the last message of each topic, or has received nothing for so many milliseconds. */
const ARRIVAL_MS = 10_000;

/** How much later a second copy may come, in milliseconds. */
const SLOWER_MS = 300;

interface Visit {
  readonly stream: number;
  readonly filters: readonly string[];
  /** Number of the last message that was published when the broker had granted all filters; -1 before. */
  from: number;
  to: number;
}

export interface OracleOptions {
  readonly random: (below: number) => number;
  readonly publish: (topic: string, payload: number) => void | Promise<unknown>;
  /** How long messages flow after the first grant, in milliseconds, and how many a second. */
  readonly durationMs: number;
  readonly perSecond: number;
  readonly qos?: readonly (0 | 1)[];
  /** Filters that bring nothing: streams need not have their messages. */
  readonly silent?: readonly string[];
  /** The longest time that a stream stays, in milliseconds. */
  readonly stayMs?: number;
  /** Whether a client with one filter received a message: what the broker does not send, no stream must have. */
  readonly received?: (payload: number) => boolean;
}

export interface OracleResult {
  readonly published: number;
  /** Messages that streams must have, summed. */
  readonly expected: number;
  /** Streams that the broker granted all filters. */
  readonly granted: number;
  readonly visits: number;
  readonly missing: string[];
  readonly doubled: string[];
}

/**
 * Streams with overlapping filters join and leave while numbered messages flow. Each stream must have each message
 * once that is published between the grant of its filters and its leaving.
 */
export async function runOracle(engine: TestEngine, options: OracleOptions): Promise<OracleResult> {
  const { random, publish, durationMs, perSecond, qos = [0, 1], silent = [], stayMs = 3_000, received } = options;
  const topics: string[] = [];
  const visits: Visit[] = [];
  const open = new Map<string, Visit>();
  /** How often each stream has had each number. */
  const counts = new Map<number, Map<number, number>>();
  let next = 1;
  let at = 0;
  let end = Infinity;

  const notePosted = (): void => {
    for (; at < engine.posted.length; at++) {
      const message = engine.posted[at];
      const visit = message.type === 'subscribed' && message.granted ? visits[message.stream - 1] : undefined;
      if (visit?.from === -1) {
        visit.from = topics.length - 1;
        end = Math.min(end, performance.now() + durationMs);
      }
      for (const { stream, chunks } of message.type === 'batch' ? message.streams : []) {
        const own = counts.get(stream) ?? new Map<number, number>();
        counts.set(stream, own);
        const values = chunks.flatMap((chunk) =>
          // A message that says that a value is no longer there has no column.
          chunk.columns.slice(0, 1).flatMap((column) => [...(numbersOf(chunk, column) ?? [])])
        );
        for (const value of values) {
          own.set(value, (own.get(value) ?? 0) + 1);
        }
      }
    }
  };
  const wants = ({ filters }: Visit, value: number): boolean =>
    filters.some((filter) => !silent.includes(filter) && matches(filter, topics[value]));
  /** The last message of each topic that a stream must have has come; each topic may come over another session. */
  const hasLast = (visit: Visit): boolean => {
    const { stream, from, to } = visit;
    notePosted();
    const waiting = new Set(TOPICS);
    for (let value = to; value > (from === -1 ? Infinity : from) && waiting.size > 0; value--) {
      if (waiting.has(topics[value]) && wants(visit, value)) {
        if (counts.get(stream)?.has(value) !== true) {
          return false;
        }
        waiting.delete(topics[value]);
      }
    }
    return true;
  };
  const stay = async (filter: string): Promise<void> => {
    const filters = random(4) === 0 ? [filter, FILTERS[random(FILTERS.length)]] : [filter];
    const visit: Visit = { stream: next++, filters: [...new Set(filters)], from: -1, to: -1 };
    visits.push(visit);
    open.set(filter, visit);
    engine.open(visit.stream, {
      ...SPEC,
      filters: visit.filters,
      qos: qos[random(qos.length)],
      pendingRows: 100_000,
      maxSeries: 100,
    });
    await sleep(random(stayMs));
    notePosted();
    visit.to = topics.length - 1;
    // A broker that waits for acknowledgements, as RabbitMQ does, may be seconds behind.
    const rows = (): number => counts.get(visit.stream)?.size ?? 0;
    for (let had = rows(), late = performance.now() + ARRIVAL_MS; !hasLast(visit) && performance.now() < late;) {
      await sleep(20);
      if (rows() > had) {
        had = rows();
        late = performance.now() + ARRIVAL_MS;
      }
    }
    await sleep(SLOWER_MS);
    engine.post({ type: 'close', stream: visit.stream });
    open.delete(filter);
  };

  const began = performance.now();
  const comings = FILTERS.map(async (filter) => {
    while (performance.now() < end) {
      await sleep(random(stayMs / 2));
      await stay(filter);
    }
  });
  while (performance.now() < end) {
    notePosted();
    const due = Math.floor(((performance.now() - began) / 1_000) * perSecond);
    while (topics.length < due) {
      const topic = TOPICS[random(TOPICS.length)];
      topics.push(topic);
      await publish(topic, topics.length - 1);
    }
    await sleep(2 + random(5));
  }
  await Promise.all(comings);
  await sleep(SLOWER_MS);
  notePosted();

  const missing: string[] = [];
  const doubled: string[] = [];
  let expected = 0;
  for (const visit of visits) {
    const { stream, from, to } = visit;
    const filters = visit.filters.join(' ');
    const own = counts.get(stream) ?? new Map<number, number>();
    for (const [value, count] of own) {
      if (count > 1) {
        doubled.push(`stream ${stream} ${filters}: ${value} on ${topics[value]} ${count} times`);
      }
    }
    const first = from === -1 ? Infinity : from + 1;
    for (let value = first; value <= to; value++) {
      if (received?.(value) !== false && wants(visit, value)) {
        expected++;
        if (!own.has(value)) {
          missing.push(`stream ${stream} ${filters}: ${value} on ${topics[value]}, of ${first} to ${to}`);
        }
      }
    }
  }
  const granted = visits.filter(({ from }) => from !== -1).length;
  return { published: topics.length, expected, granted, visits: visits.length, missing, doubled };
}
