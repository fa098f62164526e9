import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Replay } from './message-replay';
import { MessageRing } from './message-ring';
import { HEADER_BYTES, type StoredMessage } from './message-segment';

/** All messages of a ring as a plain list, of which the ring may give up the oldest of each topic. */
class Model {
  #messages: StoredMessage[] = [];

  add(message: StoredMessage): void {
    this.#messages.push(message);
  }

  insert(past: readonly StoredMessage[], isUnwanted: (message: StoredMessage) => boolean): void {
    const stay = this.#messages.filter((each) => !(each.retain && isUnwanted(each)));
    let at = 0;
    const joined: StoredMessage[] = [];
    for (const message of stay) {
      for (; at < past.length && past[at].time < message.time; at++) {
        joined.push(past[at]);
      }
      joined.push(message);
    }
    this.#messages = [...joined, ...past.slice(at)];
  }

  forget(topic: string): void {
    this.#messages = this.#messages.filter((each) => each.topic !== topic);
  }

  get messages(): readonly StoredMessage[] {
    return this.#messages;
  }

  /** Gives up what the ring has given up: of each topic the oldest. @returns the newest that went, by topic. */
  evict(left: readonly StoredMessage[]): Map<string, number> {
    const counts = new Map<string, number>();
    left.forEach(({ topic }) => counts.set(topic, (counts.get(topic) ?? 0) + 1));
    const lost = new Map<string, number>();
    const stay: StoredMessage[] = [];
    for (const message of this.#messages.toReversed()) {
      const { topic, time } = message;
      const count = counts.get(topic) ?? 0;
      if (count > 0) {
        counts.set(topic, count - 1);
        stay.unshift(message);
      } else {
        lost.set(topic, Math.max(lost.get(topic) ?? -Infinity, time));
      }
    }
    this.#messages = stay;
    return lost;
  }
}

const topics = fc.integer({ min: 0, max: 5 }).map((n) => `t/${n}`);
const message = fc.record({
  topic: topics,
  length: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 90 }) }, fc.integer({ min: 0, max: 3_000 })),
  retain: fc.boolean(),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  userProperties: fc.option(fc.constant({ room: 'kitchen' }), { nil: undefined }),
  epoch: fc.integer({ min: 1, max: 3 }),
});
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('add' as const), messages: fc.array(message, { maxLength: 60 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('insert' as const),
      messages: fc.array(message, { maxLength: 20 }),
      back: fc.integer({ min: 0, max: 200 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('forget' as const), topic: topics }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('limits' as const),
      bytes: fc.integer({ min: 300, max: 9_000 }),
      messages: fc.integer({ min: 1, max: 120 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('replay' as const) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('read' as const), count: fc.integer({ min: 1, max: 40 }) }) }
);

function read(replay: Replay, count = Infinity): StoredMessage[] {
  const found: StoredMessage[] = [];
  for (
    let next = count > 0 ? replay.next() : undefined;
    next !== undefined;
    next = found.length < count ? replay.next() : undefined
  ) {
    found.push({ ...next, payload: next.payload.slice() });
  }
  return found;
}

const all = (): boolean => true;

test('a ring agrees with a plain list, whatever is added, inserted, given up and read meanwhile', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const ring = new MessageRing({ bytes: 6_000, messages: 100, ageMs: 1e9 });
      const model = new Model();
      let replays: Array<{ readonly replay: Replay; readonly read: Set<number>; last: number }> = [];
      let time = 1_000;
      let numbers = 0;
      const made = (
        {
          length,
          ...more
        }: {
          length: number;
          topic: string;
          retain: boolean;
          qos: 0 | 1 | 2;
          epoch: number;
          userProperties: StoredMessage['userProperties'];
        },
        at: number
      ): StoredMessage => {
        const payload = new Uint8Array(4 + length).fill(7);
        new DataView(payload.buffer).setUint32(0, numbers++);
        return { ...more, payload, time: at };
      };
      const numberOf = ({ payload }: StoredMessage): number =>
        new DataView(payload.buffer, payload.byteOffset).getUint32(0);
      let limits = { bytes: 6_000, messages: 100, ageMs: 1e9 };
      const compare = (before: ReadonlyMap<string, number>): void => {
        const left = read(ring.replay(all));
        const lost = model.evict(left);
        expect(left).toEqual(model.messages);
        expect(ring.messages).toBe(left.length);
        expect(ring.bytes).toBeLessThanOrEqual(limits.bytes);
        expect(ring.messages).toBeLessThanOrEqual(limits.messages);
        expect(ring.bytes).toBeGreaterThanOrEqual(
          left.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0)
        );
        for (const [topic, until] of lost) {
          expect(ring.lost(all).get(topic)).toBeGreaterThanOrEqual(Math.max(until, before.get(topic) ?? -Infinity));
        }
      };
      for (const step of actions) {
        const before = ring.lost(all);
        const tooLarge = new Map<string, number>();
        switch (step.type) {
          case 'add':
            for (const each of step.messages) {
              const one = made(each, (time += numbers % 3));
              const isStored = ring.add(one);
              expect(isStored).toBe(HEADER_BYTES + one.payload.length <= limits.bytes);
              if (isStored) {
                model.add(one);
              } else {
                tooLarge.set(one.topic, one.time);
              }
            }
            break;
          case 'insert': {
            const past = step.messages.map((each, at) => made(each, time - step.back + at));
            const isUnwanted = ({ topic }: StoredMessage): boolean => topic === 't/1';
            ring.insert(past, isUnwanted);
            model.insert(past, isUnwanted);
            replays = []; // they must begin again
            break;
          }
          case 'forget':
            ring.forget((topic) => topic === step.topic);
            model.forget(step.topic);
            expect(ring.lost(all).has(step.topic)).toBe(false);
            break;
          case 'limits':
            limits = { ...limits, bytes: step.bytes, messages: step.messages };
            ring.setLimits(limits);
            break;
          case 'replay':
            replays.push({ replay: ring.replay(all), read: new Set(), last: -1 });
            break;
          case 'read':
            for (const each of replays) {
              const found = read(each.replay, step.count).map(numberOf);
              expect(found.some((number) => each.read.has(number))).toBe(false);
              found.forEach((number) => each.read.add(number));
            }
        }
        compare(before);
        for (const [topic, until] of tooLarge) {
          expect(ring.lost(all).get(topic)).toBeGreaterThanOrEqual(until);
        }
      }
      // Each replay has read every remaining message once, in order, when it has read all.
      for (const { replay, read: known } of replays) {
        const rest = read(replay).map(numberOf);
        expect(new Set([...known, ...rest]).size).toBe(known.size + rest.length);
        const left = model.messages.map(numberOf);
        expect(left.filter((number) => !known.has(number))).toEqual(rest);
      }
    }),
    { numRuns: 300 }
  );
});
