import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Intake, type IntakeOptions } from './rate-limiter';
import { packets, until } from '../testing/clients';

/** What an intake hands over to a reader that takes all at once, or nothing until it is told to. */
function intake(options: Partial<IntakeOptions> = {}, reads = true) {
  const handed: Array<Buffer | null> = [];
  const state = { paused: false, reads };
  const under = new Intake(
    {
      push: (bytes) => {
        handed.push(bytes);
        if (state.reads) {
          queueMicrotask(() => under.read());
        }
        return true;
      },
      pause: () => (state.paused = true),
      resume: () => (state.paused = false),
      fail: (error) => {
        throw error;
      },
    },
    { packetBytes: 1_000_000, ...options }
  );
  const bytes = (): Buffer => Buffer.concat(handed.filter((each) => each !== null));
  return { under, handed, state, bytes };
}

const many = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, n) => packets.publish('t', String(n))));

describe('more than what one turn has room for', () => {
  test('comes in several, whole packets, in order, and the end after it', async () => {
    const { under, handed, state, bytes } = intake();
    const all = many(5_000);
    // In the middle of a packet
    under.take(all.subarray(0, 30_001));
    under.take(all.subarray(30_001));
    under.finish();
    expect(state.paused).toBe(true);
    await until('the end', () => handed.at(-1) === null);
    expect(handed.length).toBeGreaterThan(5);
    expect(bytes().equals(all)).toBe(true);
    expect(handed.filter((each) => each === null)).toHaveLength(1);
  });

  test('in many pieces that come in one turn, too', async () => {
    const { under, bytes } = intake();
    const packet = packets.publish('t', '');
    for (let n = 0; n < 5_000; n += 1) {
      under.take(packet);
    }
    expect(bytes().length).toBe(1_024 * packet.length);
    await until('the rest', () => bytes().length === 5_000 * packet.length);
  });

  test('waits for whoever reads', async () => {
    const { under, handed, state } = intake({}, false);
    under.take(many(5_000));
    await nextTurn();
    await nextTurn();
    expect(handed).toHaveLength(1);
    state.reads = true;
    under.read();
    await until('the rest', () => handed.length > 4);
    expect(state.paused).toBe(true);
    under.wanted();
    expect(state.paused).toBe(false);
  });

  test('is thrown away when the connection is', async () => {
    const { under, handed } = intake();
    under.take(many(5_000));
    under.stop();
    under.finish();
    await nextTurn();
    await nextTurn();
    expect(handed).toHaveLength(1);
  });
});

test('SUBSCRIBE packets over their rate are read later, those with many filters above all', async () => {
  const { under, state, bytes } = intake({ subscribesPerSecond: 50 });
  const small = packets.subscribe('a');
  // 40 times 64 bytes, and 20 beside it: 10 too many
  const large = packets.subscribe(...Array.from({ length: 39 }, () => 'x'.repeat(61)), 'x'.repeat(55));
  const start = performance.now();
  under.take(Buffer.concat([large, ...Array.from({ length: 20 }, () => small)]));
  expect(state.paused).toBe(true);
  under.take(small);
  const later = bytes().length;
  await until('the last', () => bytes().length > later);
  expect(performance.now() - start).toBeGreaterThan(150);
  expect(bytes().length).toBe(large.length + 21 * small.length);
});
