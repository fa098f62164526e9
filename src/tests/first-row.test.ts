import { expect, test, vi } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { emptyStats, type ToEngine } from '../engine/protocol';
import type { LaunchedEngine } from '../connection/launch';
import { responsesOf } from '../testing/responses';
import { eventually, TestEngine } from '../testing/test-engine';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';

/** A new panel, whose messages are stored over a reload, and of whose past there is nothing. */

test('the engine sends the first row although the page has not taken that there is nothing of the past', async () => {
  await using broker = await startBroker();
  const storage = { name: 'first-row', owner: '', tab: '', ageMs: 1_000 };
  using engine = new TestEngine(broker.ws!.url, {}, {}, false, { bytes: 1_000, ageMs: 1_000, storage });
  engine.acknowledges = false;
  engine.open(1);
  await subscribed(broker, 't');
  await expect.poll(() => engine.all('batch').flatMap(({ streams }) => streams), eventually).toHaveLength(1);
  expect(engine.all('batch')[0].streams[0]).toMatchObject({ replayed: true, chunks: [], stats: { messages: 0 } });
  await broker.publish({ topic: 't', payload: '21.5' });
  await expect.poll(() => engine.numbers(1), eventually).toEqual([21.5]);
});

test('the page takes a batch without rows at once while it has shown nothing', async () => {
  vi.useFakeTimers();
  try {
    const posted: ToEngine[] = [];
    const port: LaunchedEngine['port'] = { onmessage: null, postMessage: (message) => posted.push(message) };
    const launch = () => Promise.resolve({ port, runsIn: 'worker' as const, terminate: () => undefined });
    using responses = responsesOf(
      request([{ topic: 't' }]),
      testDeps({ url: 'ws://broker', pool: testPool({ launch }) })
    );
    await vi.advanceTimersByTimeAsync(10);
    const [stream] = posted.filter((each) => each.type === 'open').map((each) => each.stream);
    const empty = { stream, replayed: true, chunks: [], stats: emptyStats() } as const;
    port.onmessage?.({ data: { type: 'batch', streams: [empty] } });
    await vi.advanceTimersByTimeAsync(0);
    expect(responses.all).toEqual([]);
    expect(posted.at(-1)).toEqual({ type: 'ack' });
  } finally {
    vi.useRealTimers();
  }
});
