import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { RateLimiter, type RateLimiterOptions } from './rate-limiter';
import { packets, until } from '../testing/clients';

/** The chunks that a rate limiter passes to a reader, which takes all at once, or nothing until the test lets it. */
function rateLimiter(options: Partial<RateLimiterOptions> = {}, reads = true) {
  const handed: Array<Buffer | null> = [];
  const state = { paused: false, reads };
  const under = new RateLimiter(
    {
      push: (bytes) => {
        handed.push(bytes);
        if (state.reads) {
          queueMicrotask(() => under.drained());
        }
        return 'wants more';
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
    const { under, handed, state, bytes } = rateLimiter();
    const all = many(5_000);
    // In the middle of a packet
    under.receive(all.subarray(0, 30_001));
    under.receive(all.subarray(30_001));
    under.finish();
    expect(state.paused).toBe(true);
    await until('the end', () => handed.at(-1) === null);
    expect(handed.length).toBeGreaterThan(5);
    expect(bytes().equals(all)).toBe(true);
    expect(handed.filter((each) => each === null)).toHaveLength(1);
  });

  test('in many pieces that come in one turn, too', async () => {
    const { under, bytes } = rateLimiter();
    const packet = packets.publish('t', '');
    for (let n = 0; n < 5_000; n += 1) {
      under.receive(packet);
    }
    expect(bytes().length).toBe(1_024 * packet.length);
    await until('the rest', () => bytes().length === 5_000 * packet.length);
  });

  test('waits for its reader', async () => {
    const { under, handed, state } = rateLimiter({}, false);
    under.receive(many(5_000));
    await nextTurn();
    await nextTurn();
    expect(handed).toHaveLength(1);
    state.reads = true;
    under.drained();
    await until('the rest', () => handed.length > 4);
    expect(state.paused).toBe(true);
    under.resume();
    expect(state.paused).toBe(false);
  });

  test('is thrown away when the connection is', async () => {
    const { under, handed } = rateLimiter();
    under.receive(many(5_000));
    under.stop();
    under.finish();
    await nextTurn();
    await nextTurn();
    expect(handed).toHaveLength(1);
  });
});

test('SUBSCRIBE packets over their rate are read later, those with many filters above all', async () => {
  const { under, state, bytes } = rateLimiter({ subscribesPerSecond: 50 });
  const small = packets.subscribe('a');
  // 40 times 64 bytes, and 20 in addition: 10 too many
  const large = packets.subscribe(...Array.from({ length: 39 }, () => 'x'.repeat(61)), 'x'.repeat(55));
  const start = performance.now();
  under.receive(Buffer.concat([large, ...Array.from({ length: 20 }, () => small)]));
  expect(state.paused).toBe(true);
  under.receive(small);
  const later = bytes().length;
  await until('the last', () => bytes().length > later);
  expect(performance.now() - start).toBeGreaterThan(150);
  expect(bytes().length).toBe(large.length + 21 * small.length);
});
