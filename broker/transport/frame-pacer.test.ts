import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { packets } from '../testing/clients';
import { ClientStream, type Wire } from './client-stream';
import { FramePacer, GATHER_MS } from './frame-pacer';

describe('the pacer', () => {
  test.each([1, 10, 50, 90])('lets nothing wait at %d packets a second', (rate) => {
    const pacer = new FramePacer();
    for (let n = 0; n < 1_000; n++) {
      const now = n * (1_000 / rate);
      expect(pacer.waitMs(now)).toBe(0);
      pacer.sent(now);
    }
  });

  test('lets nobody wait for longer than GATHER_MS, and sends at most one frame in that time for long', () => {
    const pacer = new FramePacer();
    let frames = 0;
    for (let now = 0; now < 10_000;) {
      const wait = pacer.waitMs(now);
      expect(wait).toBeLessThanOrEqual(GATHER_MS);
      pacer.sent(now + wait);
      frames++;
      // The next packet comes soon after the frame.
      now += wait + 0.3;
    }
    expect(frames).toBeLessThanOrEqual(1_000);
  });

  test('sends a few at once after a pause', () => {
    const pacer = new FramePacer();
    const waits = Array.from({ length: 12 }, (_, n) => {
      const wait = pacer.waitMs(n);
      pacer.sent(n + wait);
      return wait;
    });
    expect(waits.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(waits.at(-1)).toBeGreaterThan(0);
    expect(pacer.waitMs(1_000)).toBe(0);
  });
});

describe('a stream with a pacer', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] }));
  afterEach(() => vi.useRealTimers());

  const publish = (n: number): Buffer => packets.publish('t', String(n));
  const PUBACK = Buffer.from([0x40, 2, 0, 1]);

  /** A stream whose frames are noted with the time at which they were sent. */
  function open({ isPaced = true } = {}): { stream: ClientStream; frames: Array<[number, string]> } {
    const began = performance.now();
    const frames: Array<[number, string]> = [];
    const wire: Wire = {
      send: (bytes, taken) => {
        frames.push([Math.round(performance.now() - began), bytes.toString('hex')]);
        taken();
      },
      backlog: () => 0,
      pause: () => {},
      resume: () => {},
      end: () => frames.push([Math.round(performance.now() - began), 'end']),
      cut: () => frames.push([Math.round(performance.now() - began), 'cut']),
    };
    const limits = { packetBytes: 1_000, backlogBytes: 1 << 20, drainTimeout: 5_000 };
    const stream = new ClientStream({ ...limits, wire, listener: 'ws', ...(isPaced && { pacer: new FramePacer() }) });
    stream.on('error', () => {});
    return { stream, frames };
  }

  async function writeAll(stream: ClientStream, count: number, everyMs: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      stream.write(publish(n));
      await vi.advanceTimersByTimeAsync(everyMs);
    }
  }

  const hex = (...all: Buffer[]): string => Buffer.concat(all).toString('hex');
  const allOf = (count: number): string => hex(...Array.from({ length: count }, (_, n) => publish(n)));

  test('at 1,000 packets a second sends at most 100 frames, each packet within 10 ms, all in order', async () => {
    const { stream, frames } = open();
    await writeAll(stream, 3_000, 1);
    await vi.advanceTimersByTimeAsync(20);
    expect(frames.map(([, bytes]) => bytes).join('')).toBe(allOf(3_000));
    const lastSecond = frames.filter(([at]) => at >= 2_000 && at < 3_000);
    expect(lastSecond.length).toBeLessThanOrEqual(100);
    // Packet n was written at n ms.
    let first = 0;
    for (const [at, bytes] of frames) {
      expect(at - first).toBeLessThanOrEqual(GATHER_MS + 1);
      first += packetsIn(bytes);
    }
  });

  test('at 10 packets a second sends each in the turn in which it was written', async () => {
    const { stream, frames } = open();
    await writeAll(stream, 50, 100);
    expect(frames).toEqual(Array.from({ length: 50 }, (_, n) => [n * 100, hex(publish(n))]));
  });

  test('without a pacer sends each at once', async () => {
    const { stream, frames } = open({ isPaced: false });
    await writeAll(stream, 200, 1);
    expect(frames).toHaveLength(200);
  });

  test('no packet waits that the client waits for, and it takes those along that came before', async () => {
    const { stream, frames } = open();
    await writeAll(stream, 20, 1);
    const before = frames.length;
    stream.write(publish(20));
    stream.write(PUBACK);
    await vi.advanceTimersByTimeAsync(0);
    expect(frames.slice(before).map(([at]) => at)).toEqual([20]);
    expect(frames.map(([, bytes]) => bytes).join('')).toBe(allOf(21) + hex(PUBACK));
    const sent = frames.length;
    await vi.advanceTimersByTimeAsync(100);
    expect(frames).toHaveLength(sent);
  });

  test('a close sends what waits', async () => {
    const { stream, frames } = open();
    await writeAll(stream, 20, 1);
    stream.write(publish(20));
    stream.destroy();
    await vi.advanceTimersByTimeAsync(0);
    expect(frames.at(-1)).toEqual([20, 'end']);
    expect(
      frames
        .slice(0, -1)
        .map(([, bytes]) => bytes)
        .join('')
    ).toBe(allOf(21));
    await vi.advanceTimersByTimeAsync(100);
    expect(frames.at(-1)).toEqual([20, 'end']);
  });
});

/** The number of PUBLISH packets in bytes as hex; each is shorter than 128 bytes. */
function packetsIn(bytes: string): number {
  const all = Buffer.from(bytes, 'hex');
  let count = 0;
  for (let at = 0; at < all.length; at += 2 + all[at + 1]) {
    count++;
  }
  return count;
}
