import { afterAll, describe, expect, test, vi } from 'vitest';
import { lazyFormats, sparkplug } from '../payload';
import { incoming } from '../testing/incoming';
import { HeldMessages } from './held-messages';
import type { StreamSpec } from './protocol';
import { Stream } from './stream';

const SPEC: StreamSpec = { filters: ['#'], qos: 0, format: 'auto', pendingRows: 1_000, maxSeries: 500 };

// Files of one worker share their modules, and others have loaded the parts
vi.hoisted(() => vi.resetModules());
afterAll(() => vi.resetModules());

vi.mock('../payload/formats/sparkplug', () => {
  throw new Error('Failed to fetch');
});

function open(spec: Partial<StreamSpec>) {
  const stream = new Stream(1, { ...SPEC, ...spec });
  const late = vi.fn<() => void>();
  stream.onReleased = late;
  return { stream, late };
}

describe('messages whose decoder is not loaded', () => {
  test('wait in their order, with those behind them, and count at once', async () => {
    const { stream, late } = open({ format: 'csv' });
    ['1,2', '3,4', '5,6'].forEach((line, i) => stream.add(incoming('a', line), 1_000 + i, 1));
    expect(stream.isWaiting).toBe(true);
    expect(stream.take()).toMatchObject({ chunks: [], stats: { messages: 3, failed: 0 } });
    await lazyFormats.load();
    expect(late).toHaveBeenCalledOnce();
    expect(stream.isWaiting).toBe(false);
    stream.add(incoming('a', '7,8'), 1_003, 1);
    expect(stream.take()!.chunks.map(({ rows }) => rows)).toEqual([4]);
  });

  test('are not lost, and do not hold the stream, if the code does not come', async () => {
    const { stream, late } = open({ format: 'auto' });
    stream.add(incoming('spBv1.0/Plant/NDATA/Edge', new Uint8Array([8, 1])), 1_000, 1);
    stream.add(incoming('a', '1'), 1_001, 1);
    expect(stream.isWaiting).toBe(true);
    await sparkplug.load();
    expect(late).toHaveBeenCalledOnce();
    const { chunks, stats } = stream.take()!;
    expect(chunks.map(({ topic, rows }) => [topic, rows])).toContainEqual(['a', 1]);
    expect(stats).toMatchObject({ messages: 2, failed: 1 });
    expect(stats.lastFailure).toMatchObject({ reason: expect.stringMatching(/did not load .* Reload the page\.$/) });
  });
});

test('so many messages and bytes wait, and no more', () => {
  const many = new HeldMessages<number>(() => undefined);
  let count = 0;
  while (many.add(count, 1)) {
    count++;
  }
  expect(count).toBe(50_000);
  const large = new HeldMessages<number>(() => undefined);
  expect([1, 2, 3].map((each) => large.add(each, 6_000_000))).toEqual([true, true, false]);
});
