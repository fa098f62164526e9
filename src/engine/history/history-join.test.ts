import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IncomingMessage } from '../incoming-message';
import { HistoryJoin } from './history-join';
import type { HistoryMessage, HistoryPart } from './history-response';
import { KnownHistory } from './known-history';
import { isMarkName, markName } from './marks';
import { ownMessages } from './own-messages';
import { Recorder } from './recorder';

const utf8 = new TextEncoder();
const text = new TextDecoder();
const BEGIN = 1_700_000_000_000;

interface Published {
  readonly topic: string;
  readonly payload: string;
  readonly time: number;
  readonly sequence: number;
}

/** A broker with a historian, and one client that records. Times are in milliseconds since the beginning. */
class Simulation {
  now = BEGIN;
  readonly published: Published[] = [];
  readonly #next = new Map<string, number>();
  readonly recorder = new Recorder(
    { onReplayed: () => {}, isReady: () => true, onStorage: () => {}, onGap: () => {} },
    () => this.now
  );
  readonly known = new KnownHistory();
  #marks = 0;
  #epoch = 1;
  #lastArrival = 0;
  #lastRecorded = 0;
  isSubscribed = false;
  /** Of the historian. */
  run = 'run';
  readonly clockError: number;
  readonly uncertaintyMs: number;

  /** @param clockError how wrong the corrected times of the historian are, and what is known of that. */
  constructor({ clockError, uncertaintyMs }: { clockError: number; uncertaintyMs: number }) {
    this.clockError = clockError;
    this.uncertaintyMs = uncertaintyMs;
    this.recorder.configure({ bytes: 16_000_000, ageMs: Infinity });
  }

  /** @param lagMs how much later a historian that is a client of the broker receives the message than it is published. */
  publish(topic: string, payload: string, wayMs: number, isLost: boolean, lagMs = 0): void {
    const sequence = this.#next.get(topic) ?? 0;
    this.#next.set(topic, sequence + 1);
    this.#lastRecorded = Math.max(this.#lastRecorded, this.now + lagMs);
    this.published.push({ topic, payload, time: this.#lastRecorded, sequence });
    if (this.isSubscribed && !isLost) {
      this.#arrive(topic, payload, wayMs, false);
    }
  }

  /** @param isRetained the broker sends the newest message of each topic again. */
  subscribe(isRetained: boolean): void {
    this.isSubscribed = true;
    if (isRetained) {
      for (const topic of this.#next.keys()) {
        this.#arrive(topic, this.published.findLast((each) => each.topic === topic)!.payload, 1, true);
      }
    }
  }

  disconnect(): void {
    this.isSubscribed = false;
    this.#epoch++;
  }

  /** Requests the span from a time on; the parts arrive now. @param maxParts the response ends early, after so many. */
  join(from: number, perPart: number, isMarked = true, maxParts = Infinity): void {
    const mark = `mark ${++this.#marks}`;
    if (isMarked) {
      this.recorder.recordMark(mark, this.now, this.#epoch);
    }
    const selected = this.published.filter(({ time }) => time + this.clockError >= from);
    const join = new HistoryJoin(
      { from, to: Infinity },
      (hasMark, historyEpoch) =>
        ownMessages(
          this.recorder.replay(() => true),
          {
            historyEpoch,
            span: { from, to: Infinity },
            mark: hasMark ? markName(mark) : undefined,
            known: this.known,
          }
        ),
      this.known
    );
    const fresh = [];
    let parts = 0;
    for (let end = selected.length; end >= 0 && parts < maxParts; end -= perPart) {
      parts++;
      const part = this.#part(selected.slice(Math.max(0, end - perPart), end));
      fresh.unshift(...join.add(part, isMarked, end <= perPart));
    }
    this.recorder.insert(fresh, (message) => join.isReplaced(message));
    if (join.isJoined) {
      this.known.addMark(markName(mark), { matches: () => true, from, newer: join.newer });
    }
  }

  /** How often each payload of each topic is recorded. */
  get recorded(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { topic, payload } of this.messages) {
      const key = `${topic} ${payload}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  get messages(): Array<{ topic: string; payload: string; time: number }> {
    const own = ownMessages(
      this.recorder.replay(() => true),
      {
        historyEpoch: -1,
        span: { from: 0, to: Infinity },
        mark: undefined,
        known: new KnownHistory(),
      }
    );
    return [...own.live.values(), ...own.retained.values()]
      .flat()
      .filter(({ topic }) => !isMarkName(topic))
      .map(({ topic, payload, time }) => ({ topic, payload: text.decode(payload), time }));
  }

  get expected(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { topic, payload } of this.published) {
      const key = `${topic} ${payload}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  #arrive(topic: string, payload: string, wayMs: number, retain: boolean): void {
    this.#lastArrival = Math.max(this.#lastArrival, this.now + wayMs);
    const message: IncomingMessage = {
      topic,
      payload: utf8.encode(payload),
      qos: 0,
      retain,
      dup: false,
      messageId: undefined,
      subscriptionIdentifiers: [],
      userProperties: undefined,
    };
    this.recorder.record(message, this.#lastArrival, this.#epoch);
  }

  #part(published: readonly Published[]): HistoryPart {
    const messages = published.map(({ topic, payload, time, sequence }): HistoryMessage => ({
      topic,
      payload: utf8.encode(payload),
      time: time + this.clockError,
      sequence,
      retain: false,
      qos: 0,
      userProperties: undefined,
      epoch: 0,
    }));
    const clock = { offsetMs: 0, uncertaintyMs: this.uncertaintyMs };
    return { messages, progress: 1, isMarked: true, run: this.run, clock, away: [] };
  }
}

interface Sent {
  readonly topic: string;
  readonly payload: string;
  readonly after: number;
  readonly way: number;
  readonly lag: number;
}

/** Messages one after the other: some topics and payloads, or always the same. @param maxLag of a historian that stalls. */
const messages = (maxLength: number, maxLag = 1_500): fc.Arbitrary<Sent[]> =>
  fc
    .record({ topics: fc.integer({ min: 1, max: 3 }), payloads: fc.integer({ min: 1, max: 3 }), rush: fc.boolean() })
    .chain(({ topics, payloads, rush }) =>
      fc.array(
        fc.record({
          topic: fc.integer({ min: 1, max: topics }).map((n) => `t/${n}`),
          payload: fc.integer({ min: 1, max: payloads }).map(String),
          after: fc.nat(rush ? 3 : 2_000),
          way: fc.nat(rush ? 20 : 200),
          lag: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(maxLag) }),
        }),
        { maxLength }
      )
    );
const lost = fc.infiniteStream(fc.integer({ min: 0, max: 9 }).map((n) => n === 0));
const error = fc.integer({ min: 0, max: 30 }).chain((uncertaintyMs) =>
  fc.record({
    uncertaintyMs: fc.constant(uncertaintyMs),
    clockError: fc.integer({ min: -uncertaintyMs, max: uncertaintyMs }),
  })
);

function publishAll(simulation: Simulation, all: readonly Sent[], losses?: Iterator<boolean>): void {
  for (const { topic, payload, after, way, lag } of all) {
    simulation.now += after;
    simulation.publish(topic, payload, way, losses?.next().value === true, lag);
  }
}

function equalMessages(count: number, after: number): Sent[] {
  return Array.from({ length: count }, () => ({ topic: 't', payload: '7', after, way: 1, lag: 0 }));
}

describe('a response with a mark', () => {
  test('joins live messages: each once, whatever the payloads, the clocks and the losses before the mark', () => {
    fc.assert(
      fc.property(
        fc.record({
          before: messages(30),
          live: messages(30),
          meanwhile: messages(10),
          error,
          perPart: fc.integer({ min: 1, max: 40 }),
          retained: fc.boolean(),
          lost,
        }),
        ({ before, live, meanwhile, error: clock, perPart, retained, lost: losses }) => {
          const simulation = new Simulation(clock);
          publishAll(simulation, before);
          simulation.subscribe(retained);
          publishAll(simulation, live, losses);
          simulation.join(0, perPart);
          publishAll(simulation, meanwhile);
          expect(simulation.recorded).toEqual(simulation.expected);
        }
      ),
      { numRuns: 300 }
    );
  });

  test('that ended early is made up for by the next one', () => {
    fc.assert(
      fc.property(
        fc.record({
          before: messages(20),
          live: messages(20),
          meanwhile: messages(10),
          error,
          perPart: fc.integer({ min: 1, max: 10 }),
          maxParts: fc.integer({ min: 1, max: 4 }),
          retained: fc.boolean(),
          lost,
        }),
        ({ before, live, meanwhile, error: clock, perPart, maxParts, retained, lost: losses }) => {
          const simulation = new Simulation(clock);
          publishAll(simulation, before);
          simulation.subscribe(retained);
          publishAll(simulation, live, losses);
          simulation.join(0, perPart, true, maxParts);
          publishAll(simulation, meanwhile);
          simulation.join(0, perPart);
          expect(simulation.recorded).toEqual(simulation.expected);
        }
      ),
      { numRuns: 300 }
    );
  });

  test('fills in what was missed while the connection was away, each once', () => {
    fc.assert(
      fc.property(
        fc.record({
          // Without stalls: after a reconnect, what came when the span of the next request begins is known by its time only
          before: messages(20, 0),
          first: messages(20, 0),
          second: messages(20, 0),
          missed: messages(20, 0),
          third: messages(20, 0),
          meanwhile: messages(5),
          error,
          perPart: fc.integer({ min: 1, max: 40 }),
          retained: fc.boolean(),
          lost,
        }),
        ({ before, first, second, missed, third, meanwhile, error: clock, perPart, retained, lost: losses }) => {
          const simulation = new Simulation(clock);
          publishAll(simulation, before);
          simulation.subscribe(retained);
          publishAll(simulation, first, losses);
          simulation.join(0, perPart);
          publishAll(simulation, second);
          // The connection is lost long after the last message
          simulation.now += 20_000;
          const lostAt = simulation.now;
          simulation.disconnect();
          publishAll(simulation, missed);
          simulation.subscribe(retained);
          publishAll(simulation, third, losses);
          simulation.join(lostAt - 2_000, perPart);
          publishAll(simulation, meanwhile);
          expect(simulation.recorded).toEqual(simulation.expected);
          // Another panel asks for all
          simulation.join(0, perPart);
          expect(simulation.recorded).toEqual(simulation.expected);
        }
      ),
      { numRuns: 300 }
    );
  });

  test('fills in what was missed among equal messages that never pause', () => {
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 20 });
    simulation.subscribe(false);
    simulation.join(0, 100);
    publishAll(simulation, equalMessages(250, 20));
    const lostAt = simulation.now;
    simulation.disconnect();
    publishAll(simulation, equalMessages(30, 20));
    simulation.subscribe(false);
    publishAll(simulation, equalMessages(5, 20));
    simulation.join(lostAt - 2_000, 100);
    expect(simulation.recorded).toEqual(simulation.expected);
  });

  test('finds the first message of its span, which came before the span by the clock of the page', () => {
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 1 });
    simulation.subscribe(false);
    simulation.join(0, 100);
    simulation.publish('t', 'first', 0, false, 30);
    const from = simulation.now + 10;
    simulation.now += 2_000;
    simulation.disconnect();
    publishAll(simulation, equalMessages(3, 20));
    simulation.subscribe(false);
    publishAll(simulation, equalMessages(3, 20));
    simulation.join(from, 100);
    expect(simulation.recorded).toEqual(simulation.expected);
  });

  test('has nothing new between messages of one connection, though the historian was late with one of them', () => {
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 25 });
    simulation.subscribe(false);
    // Both at the begin of the span that is asked for later
    simulation.now = 10_000;
    simulation.publish('t', '7', 0, false, 21);
    simulation.publish('t', '7', 0, false, 40);
    simulation.now += 1_900;
    publishAll(simulation, equalMessages(3, 20));
    simulation.disconnect();
    simulation.now += 80_000;
    publishAll(simulation, equalMessages(4, 1));
    simulation.subscribe(false);
    simulation.join(9_940, 100);
    expect(simulation.recorded).toEqual(simulation.expected);
  });

  test('has nothing new before the connection was lost, though the historian was late with the last messages', () => {
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 2 });
    simulation.subscribe(false);
    const sent = [
      [10_417, 0],
      [10_468, 0],
      [10_545, 0],
      [10_550, 26],
      [12_434, 0],
      [12_447, 14],
      [12_493, 8],
    ];
    for (const [now, lag] of sent) {
      simulation.now = now;
      simulation.publish('t', '7', 0, false, lag);
    }
    simulation.disconnect();
    simulation.now += 80_000;
    simulation.subscribe(false);
    simulation.join(10_506, 100);
    expect(simulation.recorded).toEqual(simulation.expected);
  });

  test('of another run of the historian has the same equal messages as the one before', () => {
    const simulation = new Simulation({ clockError: 0, uncertaintyMs: 1 });
    simulation.subscribe(false);
    simulation.join(0, 100);
    simulation.now += 10_000;
    publishAll(simulation, equalMessages(1, 30));
    simulation.now += 800;
    publishAll(simulation, equalMessages(5, 30));
    const lostAt = simulation.now;
    simulation.disconnect();
    publishAll(simulation, equalMessages(20, 30));
    simulation.subscribe(false);
    simulation.join(lostAt - 2_000, 100);
    expect(simulation.recorded).toEqual(simulation.expected);
    simulation.now += 1_000;
    const stoppedAt = simulation.now;
    simulation.disconnect();
    simulation.run = 'another run';
    publishAll(simulation, equalMessages(1, 30));
    simulation.subscribe(false);
    simulation.join(stoppedAt - 2_000, 100);
    expect(simulation.recorded).toEqual(simulation.expected);
  });
});

test('a response without a mark has what came late between others of its topic, once', () => {
  const simulation = new Simulation({ clockError: 0, uncertaintyMs: 1 });
  simulation.subscribe(false);
  // The browser has other things to do meanwhile
  const ways = [20, 300, 700, 1_200, 900, 400, 20];
  for (const [n, way] of ways.entries()) {
    simulation.now += 100;
    simulation.publish('t', String(n), way, false);
  }
  // Missed, and then one more
  simulation.now += 5_000;
  simulation.disconnect();
  simulation.publish('t', '7', 0, false);
  simulation.now += 5_000;
  simulation.subscribe(false);
  simulation.publish('t', '8', 20, false);
  simulation.now += 5_000;
  simulation.join(0, 100, false);
  expect(simulation.recorded).toEqual(simulation.expected);
  expect(simulation.messages.map(({ payload }) => payload).toSorted()).toEqual(
    simulation.published.map(({ payload }) => payload)
  );
});
