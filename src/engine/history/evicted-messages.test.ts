/** What the record has evicted comes to a stream that opens later: each message once. */
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { numbersOf } from '../../payload';
import { bytesOf, incoming } from '../../testing/incoming';
import { Stream } from '../stream';
import { EvictedMessages } from './evicted-messages';
import type { HistoryResult, OnPart } from './history-request';
import type { HistoryMessage } from './history-response';
import { Recorder } from './recorder';
import type { Span } from './spans';

const BEGIN = 1_700_000_000_000;
const EPOCH = 1;

interface Published {
  readonly topic: string;
  readonly value: number;
  readonly time: number;
  readonly sequence: number;
}

interface Clock {
  readonly clockError: number;
  readonly uncertaintyMs: number;
}

/** A broker with a historian, and a client that records little. */
class Simulation {
  readonly #published: Published[] = [];
  readonly requested: Span[] = [];
  readonly #clock: Clock;
  readonly #perPart: number;
  readonly #next = new Map<string, number>();
  readonly #marksSeen = new Set<string>();
  readonly recorder = new Recorder(
    { onReplayed: () => undefined, isReady: () => true, onStorage: () => undefined, onGap: () => undefined },
    () => Date.now()
  );
  readonly evicted: EvictedMessages;
  readonly #streams: Stream[] = [];
  readonly #onWay = new Set<() => void>();
  #lastRecorded = 0;
  #lastArrival = 0;

  constructor(clock: Clock, bytes: number, perPart: number) {
    this.#clock = clock;
    this.#perPart = perPart;
    this.recorder.configure({ bytes, ageMs: Infinity });
    const client = {
      request: (_filters: readonly string[], span: Span, onPart: OnPart) => this.#request(span, onPart),
    };
    this.evicted = new EvictedMessages({
      client,
      recorder: this.recorder,
      marksSeen: this.#marksSeen,
      events: {
        isReady: () => true,
        onRows: () => undefined,
        onStatus: () => undefined,
        shown: () => Promise.resolve(),
        now: () => Date.now(),
      },
    });
    this.evicted.start();
  }

  /** @returns lets the message arrive. */
  publish({ topic, value, lag }: Sent): () => void {
    const sequence = this.#next.get(topic) ?? 0;
    this.#next.set(topic, sequence + 1);
    this.#lastRecorded = Math.max(this.#lastRecorded, Date.now() + lag);
    this.#published.push({ topic, value, time: this.#lastRecorded, sequence });
    const arrive = (): void => {
      if (!this.#onWay.delete(arrive)) {
        return;
      }
      this.#lastArrival = Math.max(this.#lastArrival, Date.now());
      const message = incoming(topic, String(value));
      const isRecorded = this.recorder.record(message, this.#lastArrival, EPOCH);
      for (const stream of this.#streams) {
        if (!isRecorded || !this.recorder.isReplaying(stream)) {
          stream.add(message, this.#lastArrival, EPOCH);
        }
      }
    };
    this.#onWay.add(arrive);
    return arrive;
  }

  open(from = BEGIN - 1_000): Stream {
    const spec = { filters: ['+'], qos: 0, format: 'number', pendingRows: 10_000, maxSeries: 10 } as const;
    const stream = new Stream(this.#streams.length + 1, spec);
    this.#streams.push(stream);
    this.recorder.open(stream);
    this.evicted.request(stream, { from, to: Infinity });
    return stream;
  }

  get values(): number[] {
    return this.#published.map(({ value }) => value);
  }

  #request(span: Span, onPart: OnPart): { result: Promise<HistoryResult>; cancel: () => void } {
    this.requested.push(span);
    const mark = span.to === Infinity ? `mark ${this.requested.length}` : undefined;
    const { clockError } = this.#clock;
    const result = new Promise<HistoryResult>((resolve) => {
      setTimeout(() => {
        const selected = this.#published.filter(
          ({ time }) => time + clockError >= span.from && time + clockError <= span.to
        );
        if (mark !== undefined) {
          // The broker sends it behind all that the response has
          this.#onWay.forEach((arrive) => arrive());
          this.recorder.recordMark(mark, Date.now(), EPOCH);
          this.#marksSeen.add(mark);
        }
        for (let end = selected.length; end >= 0; end -= this.#perPart) {
          const part = selected.slice(Math.max(0, end - this.#perPart), end);
          onPart(this.#partOf(part, mark !== undefined), mark, end <= this.#perPart);
        }
        resolve({ state: 'done', truncated: false, userProperties: true });
      }, 250);
    });
    return { result, cancel: () => undefined };
  }

  #partOf(published: readonly Published[], isMarked: boolean) {
    const { clockError, uncertaintyMs } = this.#clock;
    const messages = published.map(({ topic, value, time, sequence }): HistoryMessage => ({
      topic,
      payload: bytesOf(String(value)),
      time: time + clockError,
      sequence,
      retain: false,
      qos: 0,
      userProperties: undefined,
      epoch: 0,
    }));
    return { messages, progress: 1, isMarked, run: 'run', clock: { offsetMs: 0, uncertaintyMs }, away: [] };
  }
}

interface Sent {
  readonly topic: string;
  readonly value: number;
  readonly after: number;
  readonly way: number;
  readonly lag: number;
}

/** The values of a stream's rows since the last call. */
function valuesOf(stream: Stream): number[] {
  return (stream.take()?.chunks ?? []).flatMap((chunk) =>
    chunk.columns.flatMap((column) => [...(numbersOf(chunk, column) ?? [])])
  );
}

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

/** @param isInTurn each comes before the next one is published; otherwise some are on their way. */
async function publishAll(simulation: Simulation, all: readonly Sent[]): Promise<void> {
  for (const sent of all) {
    await vi.advanceTimersByTimeAsync(sent.after);
    const arrive = simulation.publish(sent);
    await vi.advanceTimersByTimeAsync(sent.way);
    arrive();
  }
}

const error = fc.integer({ min: 0, max: 30 }).chain((uncertaintyMs) =>
  fc.record({
    uncertaintyMs: fc.constant(uncertaintyMs),
    clockError: fc.integer({ min: -uncertaintyMs, max: uncertaintyMs }),
  })
);

/** Messages each of which is another one; a historian that is a client of the broker may stall. */
const different = fc
  .array(
    fc.record({
      topic: fc.integer({ min: 1, max: 3 }).map((n) => `t${n}`),
      after: fc.oneof({ weight: 5, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.nat(5_000) }),
      way: fc.nat(100),
      lag: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1_500) }),
    }),
    { minLength: 30, maxLength: 200 }
  )
  .map((all) => all.map((each, value) => ({ ...each, value })));

/** Equal messages of one topic. */
const equal = fc
  .record({ count: fc.integer({ min: 60, max: 300 }), after: fc.integer({ min: 40, max: 300 }), way: fc.nat(9) })
  .map(({ count, after, way }) => Array.from({ length: count }, () => ({ topic: 't', value: 7, after, way, lag: 0 })));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a stream that opens after messages were evicted', () => {
  test.each([
    ['whatever the clocks and delays', different],
    ['if all of them are equal', equal],
  ])(
    'has each message once, %s',
    async (_, messages) => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            messages,
            error,
            perPart: fc.integer({ min: 1, max: 100 }),
            bytes: fc.integer({ min: 600, max: 3_000 }),
            later: fc.integer({ min: 1, max: 20 }),
            pause: fc.constantFrom(0, 300, 3_000, 20_000),
          }),
          async ({ messages: all, error: clock, perPart, bytes, later, pause }) => {
            vi.setSystemTime(BEGIN);
            const exact = { clockError: Math.sign(clock.clockError), uncertaintyMs: Math.min(clock.uncertaintyMs, 1) };
            const simulation = new Simulation(messages === equal ? exact : clock, bytes, perPart);
            await publishAll(simulation, all.slice(0, -later));
            await vi.advanceTimersByTimeAsync(pause);
            const onWay = simulation.publish(all.at(-1)!);
            const stream = simulation.open();
            await vi.advanceTimersByTimeAsync(5);
            onWay();
            await publishAll(simulation, all.slice(-later, -1));
            await vi.advanceTimersByTimeAsync(10_000);
            expect(sorted(valuesOf(stream))).toEqual(sorted(simulation.values));
            expect(simulation.requested.length).toBe(stream.lost === undefined ? 0 : 1);
          }
        ),
        { numRuns: 100 }
      );
    },
    120_000
  );

  const hundred = Array.from({ length: 100 }, (_, value) => ({ topic: 't', value, after: 200, way: 1, lag: 0 }));
  const values = hundred.map(({ value }) => value);

  test('shares the request of streams that open with it, and is the only one to get its messages', async () => {
    vi.setSystemTime(BEGIN);
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 1 }, 1_000, 100);
    const first = simulation.open();
    await publishAll(simulation, hundred);
    const others = [simulation.open(), simulation.open()];
    await vi.advanceTimersByTimeAsync(10_000);
    expect([first, ...others].map((stream) => sorted(valuesOf(stream)))).toEqual([values, values, values]);
    expect(simulation.requested).toHaveLength(1);
  });

  test('requests what it lacks for a longer range, and nothing for the same one', async () => {
    vi.setSystemTime(BEGIN);
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 1 }, 1_000, 100);
    await publishAll(simulation, hundred);
    const from = BEGIN + 5_100;
    const stream = simulation.open(from);
    await vi.advanceTimersByTimeAsync(10_000);
    simulation.evicted.request(stream, { from, to: Infinity });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(simulation.requested.map((span) => span.from)).toEqual([from]);
    simulation.evicted.request(stream, { from: BEGIN, to: Infinity });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(simulation.requested.slice(1)).toEqual([{ from: BEGIN, to: from }]);
    expect(sorted(valuesOf(stream))).toEqual(values);
  });

  test('gets from other requests what was missed since it opened', async () => {
    vi.setSystemTime(BEGIN);
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 1 }, 1_000, 100);
    await publishAll(
      simulation,
      hundred.map((each) => ({ ...each, after: 10 }))
    );
    const stream = simulation.open();
    const at = (time: number) => ({ ...incoming('t', '1'), time, epoch: 0 });
    expect([-100, 100].map((ms) => simulation.evicted.bring(stream, at(Date.now() + ms)))).toEqual([true, false]);
  });
});
