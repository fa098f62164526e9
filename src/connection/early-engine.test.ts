import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EarlyEngine } from './early-engine';
import type { LaunchedEngine } from './launch';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function engine() {
  const terminate = vi.fn<() => void>();
  const port = { onmessage: null, postMessage: () => undefined };
  return { port, runsIn: 'worker', terminate } satisfies LaunchedEngine;
}

test('one connection gets the Worker, however late, and it stays', async () => {
  const early = new EarlyEngine();
  const worker = engine();
  early.start(() => Promise.resolve(worker));
  vi.advanceTimersByTime(29_000);
  expect(await early.take()).toBe(worker);
  expect(early.take()).toBeUndefined();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(worker.terminate).not.toHaveBeenCalled();
});

test('a Worker that nobody needs ends, also if it is ready late', async () => {
  for (const readyMs of [0, 35_000]) {
    const early = new EarlyEngine();
    const worker = engine();
    early.start(() => new Promise((resolve) => setTimeout(() => resolve(worker), readyMs)));
    await vi.advanceTimersByTimeAsync(36_000);
    expect(early.take()).toBeUndefined();
    expect(worker.terminate).toHaveBeenCalledTimes(1);
  }
});

test('the one who needs the engine learns why there is no Worker; nobody else does', async () => {
  const blocked = () => Promise.reject(new Error('blocked'));
  const [asked, unasked] = [new EarlyEngine(), new EarlyEngine()];
  asked.start(blocked);
  unasked.start(blocked);
  // An unhandled rejection would fail the run
  await vi.advanceTimersByTimeAsync(20_000);
  await expect(asked.take()).rejects.toThrow('blocked');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(unasked.take()).toBeUndefined();
});
