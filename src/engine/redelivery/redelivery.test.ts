import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../../../testing/random';
import { incoming } from '../../testing/incoming';
import {
  REDELIVERY_BEHAVIOURS,
  RedeliveringSession,
  type RedeliveryBehaviour,
} from '../../testing/redelivering-session';
import { Redelivery } from './redelivery';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Row {
  readonly topic: string;
  readonly payload: string;
  readonly isUnsure: boolean;
}

/** Rows that come of messages. */
class Rows {
  readonly all: Row[] = [];
  readonly redelivery = new Redelivery(({ topic, payload, mayRepeat }) =>
    this.all.push({ topic, payload: new TextDecoder().decode(payload), isUnsure: mayRepeat === true })
  );

  get payloads(): string[] {
    return this.all.map(({ payload }) => payload);
  }

  get unsure(): number {
    return this.all.filter(({ isUnsure }) => isUnsure).length;
  }

  receive(id: number, payload: string, { dup = false, topic = 't', retain = false } = {}): void {
    this.redelivery.receive(incoming(topic, payload, { qos: 1, messageId: id, dup, retain }));
  }

  receiveAll(firstId: number, payloads: readonly (number | string)[]): void {
    payloads.forEach((payload, i) => this.receive(firstId + i, String(payload)));
  }
}

function begun(): Rows {
  const rows = new Rows();
  rows.redelivery.begin(false);
  return rows;
}

const count = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('a broker that marks what it sends again', () => {
  test('with the same identifier: the message is one row', () => {
    const rows = begun();
    rows.receive(1, 'a');
    rows.receive(2, 'b');
    rows.redelivery.begin(true);
    rows.receive(2, 'b', { dup: true });
    expect(rows.payloads).toEqual(['a', 'b']);
    // The identifier is free now, and what has it next is another message.
    rows.receive(2, 'b', { dup: true });
    expect(rows.payloads).toEqual(['a', 'b', 'b']);
  });

  test('what was lost on the way is a row: DUP alone says nothing, and identifiers are used again', () => {
    const rows = begun();
    rows.receive(1, 'a');
    rows.redelivery.begin(true);
    rows.receive(1, 'other', { dup: true });
    rows.receive(3, 'a', { dup: true });
    expect(rows.payloads).toEqual(['a', 'other', 'a']);
  });

  test('with other identifiers and beside new messages (NATS): distinct payloads are one row each', () => {
    const rows = begun();
    rows.receiveAll(1, count(1, 9));
    rows.redelivery.begin(true);
    rows.receiveAll(1, [10, 11]);
    rows.receive(3, '8', { dup: true });
    rows.receive(4, '12');
    rows.receive(5, '9', { dup: true });
    expect(rows.payloads).toEqual(count(1, 12).map(String));
  });

  test('although it says that it has no session (ActiveMQ Classic)', () => {
    const rows = begun();
    rows.receiveAll(1, ['on', 'off', 'on']);
    rows.redelivery.begin(false);
    rows.receive(2, 'off', { dup: true });
    rows.receive(3, 'on', { dup: true });
    rows.receive(4, 'off');
    expect(rows.payloads).toEqual(['on', 'off', 'on', 'off']);
  });

  test('over two losses: what came again and was not acknowledged either', () => {
    const rows = begun();
    rows.receiveAll(1, count(1, 5));
    for (const again of [2, 5]) {
      rows.redelivery.begin(true);
      count(1, again).forEach((each) => rows.receive(each, String(each), { dup: true }));
    }
    expect(rows.payloads).toEqual(count(1, 5).map(String));
  });

  test('makes a message without the mark a new one, although it equals the last', () => {
    const rows = begun();
    rows.receiveAll(1, count(1, 50));
    rows.redelivery.begin(true);
    rows.receive(50, '50', { dup: true });
    rows.redelivery.begin(true);
    rows.receive(51, '50');
    expect(rows.payloads).toEqual([...count(1, 50), 50].map(String));
    expect(rows.unsure).toBe(0);
  });
});

describe('a broker that does not mark what it sends again', () => {
  test('with other identifiers (Artemis): a run to the end of what came before is known', () => {
    const rows = begun();
    rows.receiveAll(1, count(1, 5));
    rows.redelivery.begin(true);
    rows.receiveAll(6, [...count(1, 5), 6, 7]);
    expect(rows.payloads).toEqual(count(1, 7).map(String));
  });

  test('with the same identifiers (Aedes): also where all payloads are equal', () => {
    const rows = begun();
    rows.receiveAll(40_000, Array<string>(20).fill('21.5'));
    rows.redelivery.begin(true);
    rows.receiveAll(40_017, ['21.5', '21.5', '21.5', '22']);
    expect(rows.payloads).toEqual([...Array<string>(20).fill('21.5'), '22']);
  });

  test('topics by themselves: each queue of the broker comes again at its own time', () => {
    const rows = begun();
    count(1, 30).forEach((each) => rows.receive(each, String(each), { topic: `t${each % 2}` }));
    rows.redelivery.begin(true);
    for (const [id, payload] of [28, 27, 29, 30].entries()) {
      rows.receive(100 + id, String(payload), { topic: `t${payload % 2}` });
    }
    expect(rows.payloads).toEqual(count(1, 30).map(String));
  });

  test('a value that comes again is a row, and it is said that it may be the same message', () => {
    const rows = begun();
    rows.receiveAll(1, ['ON', 'OFF', 'ON', 'OFF']);
    rows.redelivery.begin(true);
    rows.receiveAll(5, ['OFF']);
    expect(rows.payloads).toEqual(['ON', 'OFF', 'ON', 'OFF', 'OFF']);
    expect(rows.unsure).toBe(1);
  });

  test('a run that does not reach the end is new, in its order, and not held for longer than a second', () => {
    const rows = begun();
    rows.receiveAll(1, count(1, 30));
    rows.redelivery.begin(true);
    rows.receiveAll(31, [27, 28]);
    expect(rows.all).toHaveLength(30);
    rows.receive(33, '5');
    expect(rows.payloads.slice(30)).toEqual(['27', '28', '5']);
    rows.redelivery.begin(true);
    rows.receiveAll(34, [28]);
    vi.advanceTimersByTime(1_000);
    expect(rows.payloads.slice(33)).toEqual(['28']);
    expect(rows.unsure).toBe(0);
  });

  test('a signal with a period goes on after a loss', () => {
    const rows = begun();
    const wave = (from: number, to: number): string[] => count(from, to).map((i) => String(i % 60));
    rows.receiveAll(1, wave(1, 200));
    rows.redelivery.begin(true);
    rows.receiveAll(201, wave(201, 400));
    expect(rows.all).toHaveLength(400);
  });

  test('identifiers that begin with 1 over each connection, and equal payloads: all are rows', () => {
    const rows = begun();
    rows.receiveAll(1, Array<string>(8).fill('1'));
    rows.redelivery.begin(true);
    rows.receiveAll(1, Array<string>(8).fill('1'));
    rows.redelivery.begin(true);
    rows.receiveAll(1, Array<string>(8).fill('1'));
    expect(rows.all).toHaveLength(24);
  });
});

test('without the session there is no message that comes again, unless it is marked', () => {
  const rows = begun();
  rows.receiveAll(1, count(1, 50));
  rows.redelivery.begin(false);
  rows.receiveAll(1, count(46, 50));
  expect(rows.all).toHaveLength(55);
});

test('a held payload is not that of the next chunk of the socket', () => {
  const rows = begun();
  rows.receiveAll(1, count(1, 30));
  rows.redelivery.begin(true);
  const chunk = new TextEncoder().encode('29');
  rows.redelivery.receive(incoming('t', chunk, { qos: 1, messageId: 31 }));
  chunk.fill(0);
  rows.receive(32, 'x');
  expect(rows.payloads.slice(30)).toEqual(['29', 'x']);
});

test('retained messages that come with a new subscription are no run', () => {
  const rows = begun();
  rows.receiveAll(1, count(1, 50));
  rows.redelivery.begin(true);
  rows.receive(51, '50', { retain: true });
  expect(rows.all).toHaveLength(51);
});

/** Publishes, loses connections, acknowledgements and messages at random. @returns rows beside what was published. */
function play(
  behaviour: RedeliveryBehaviour,
  seed: number,
  payloadOf: (n: number, random: (below: number) => number) => string,
  topics: number
) {
  const generator = seededRandom(seed);
  const random = (below: number): number => Math.floor(generator() * below);
  const session = new RedeliveringSession(behaviour, random);
  const rows = new Rows();
  const published: string[] = [];
  /** All packets to the client and from it are lost from now on. */
  let [losesMessages, losesAcks] = [false, false];
  const deliver = (sent: ReturnType<RedeliveringSession['connect']>): void => {
    for (const { topic, payload, id, dup } of sent) {
      if (!losesMessages) {
        rows.receive(id, payload, { dup, topic });
        if (losesAcks) {
          continue;
        }
        session.acknowledge(id);
      }
    }
  };
  rows.redelivery.begin(false);
  const publish = (isConnected: boolean): void => {
    const topic = `t${random(topics)}`;
    const payload = payloadOf(published.length, random);
    published.push(`${topic} ${payload}`);
    const sent = session.publish(topic, payload, isConnected);
    deliver(sent === undefined ? [] : [sent]);
  };
  for (let losses = 0; losses < 6; losses++) {
    count(1, 40 * topics + random(40)).forEach(() => publish(true));
    // Acknowledgements are lost before messages are, because both go with the network.
    losesAcks = true;
    count(1, random(12)).forEach(() => publish(true));
    losesMessages = true;
    count(1, random(3)).forEach(() => publish(true));
    rows.redelivery.end();
    count(1, random(5)).forEach(() => publish(false));
    [losesMessages, losesAcks] = [false, false];
    rows.redelivery.begin(behaviour.sessionPresent);
    deliver(session.connect());
    count(1, 1 + random(20)).forEach(() => publish(true));
    deliver(session.later());
    vi.advanceTimersByTime(6_000);
  }
  rows.redelivery.end();
  return { rows, published };
}

const sorted = (rows: Rows): string[] => rows.all.map(({ topic, payload }) => `${topic} ${payload}`).toSorted();

describe.each(REDELIVERY_BEHAVIOURS)('$name', (behaviour) => {
  test('numbers that count are rows once, over 40 sequences of losses', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { rows, published } = play(behaviour, seed, String, 1 + (seed % 3));
      expect(sorted(rows), `seed ${seed}`).toEqual(published.toSorted());
    }
  });

  test.each<[string, (n: number, random: (below: number) => number) => string]>([
    ['two values in turn', (n) => String(n % 2)],
    ['one value', () => '21.5'],
    ['a few values at random', (_, random) => String(random(4))],
    ['a value that changes little', (n) => (20 + Math.sin(n / 50)).toFixed(1)],
  ])('%s: no row is missing, and what may be there twice is said', (_, payloadOf) => {
    for (let seed = 1; seed <= 40; seed++) {
      const { rows, published } = play(behaviour, seed, payloadOf, 1 + (seed % 3));
      const missing = [...published];
      for (const each of sorted(rows)) {
        const at = missing.indexOf(each);
        if (at !== -1) {
          missing.splice(at, 1);
        }
      }
      expect(missing, `seed ${seed}`).toEqual([]);
      const doubled = rows.all.length - published.length;
      expect(doubled > 0 && rows.unsure === 0, `seed ${seed}: ${doubled} rows twice and not said`).toBe(false);
    }
  });
});
