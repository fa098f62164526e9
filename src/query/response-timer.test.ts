import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SLOW_TICK_MS, TICK_MS } from '../engine/tick';
import { HEARTBEAT_MS, ResponseTimer } from './response-timer';

let onTick: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
  vi.useFakeTimers();
  onTick = vi.fn<() => void>();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A timer whose every tick hands over a response. */
function started(intervalMs?: number): ResponseTimer {
  const timer = new ResponseTimer(intervalMs, () => {
    onTick();
    timer.restart();
  });
  timer.start(0);
  vi.advanceTimersByTime(0);
  onTick.mockClear();
  return timer;
}

describe('the tick', () => {
  test.each([
    [undefined, TICK_MS],
    [20, TICK_MS],
    [250, 250],
    [60_000, HEARTBEAT_MS],
  ])('of a panel with the interval %j is %j ms', (intervalMs, expected) => {
    const timer = new ResponseTimer(intervalMs, onTick);
    expect(timer.tickMs).toBe(expected);
    expect(timer.isShortest).toBe(expected === TICK_MS);
  });

  test('is as long as the engine’s: one batch, one response', () => {
    const timer = started();
    for (let batch = 0; batch < 5; batch++) {
      vi.advanceTimersByTime(TICK_MS);
      expect(timer.request()).toBeUndefined();
    }
    expect(onTick).toHaveBeenCalledTimes(5);
  });
});

test('what comes within a tick is shown once, at its end', () => {
  const timer = started();
  vi.advanceTimersByTime(30);
  const due = timer.request();
  expect(due).toBeCloseTo(performance.now() + TICK_MS - 30);
  timer.request();
  vi.advanceTimersByTime(TICK_MS - 31);
  expect(onTick).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onTick).toHaveBeenCalledTimes(1);
});

test('the first rows need not wait', () => {
  const timer = started();
  expect(timer.request('first')).toBeUndefined();
  expect(onTick).toHaveBeenCalledTimes(1);
});

test('what comes seldom is shown at once, however long the interval of the panel', () => {
  const timer = started(500);
  for (let message = 0; message < 5; message++) {
    vi.advanceTimersByTime(SLOW_TICK_MS);
    expect(timer.request('slow')).toBeUndefined();
  }
  expect(onTick).toHaveBeenCalledTimes(5);
  vi.advanceTimersByTime(SLOW_TICK_MS / 2);
  expect(timer.request('slow')).toBeCloseTo(performance.now() + SLOW_TICK_MS / 2);
  vi.advanceTimersByTime(SLOW_TICK_MS / 2);
  expect(onTick).toHaveBeenCalledTimes(6);
});

test('what comes before the first response waits for it', () => {
  const timer = new ResponseTimer(500, onTick);
  timer.start(150);
  vi.advanceTimersByTime(10);
  expect(timer.request('slow')).toBeDefined();
  expect(onTick).not.toHaveBeenCalled();
  vi.advanceTimersByTime(140);
  expect(onTick).toHaveBeenCalledTimes(1);
  timer.stop();
});

test('what comes seldom waits for no heartbeat, which has shown nothing', () => {
  const timer = started(500);
  vi.advanceTimersByTime(HEARTBEAT_MS + 5);
  expect(onTick).toHaveBeenCalledTimes(1);
  expect(timer.request('slow')).toBeUndefined();
  expect(onTick).toHaveBeenCalledTimes(2);
  // Only once: -- Dashboard -- panels wait for a pause.
  vi.advanceTimersByTime(5);
  expect(timer.request('slow')).toBeCloseTo(performance.now() + SLOW_TICK_MS - 5);
  expect(timer.request()).toBeDefined();
  timer.stop();
});

test('a tick that is longer than a batch waits for the batch that comes about then, and no longer', () => {
  const timer = started(500);
  vi.advanceTimersByTime(395);
  expect(timer.request()).toBeDefined();
  vi.advanceTimersByTime(TICK_MS);
  expect(onTick).not.toHaveBeenCalled();
  expect(timer.request()).toBeUndefined();
  expect(onTick).toHaveBeenCalledTimes(1);
  // A batch that comes a little before the tick is shown
  vi.advanceTimersByTime(480);
  expect(timer.request()).toBeUndefined();
  // If no other batch comes
  vi.advanceTimersByTime(300);
  timer.request();
  vi.advanceTimersByTime(200 + TICK_MS / 2);
  expect(onTick).toHaveBeenCalledTimes(3);
});

test('a heartbeat follows when nothing comes, and when a response failed', () => {
  onTick.mockImplementationOnce(() => {
    throw new Error('a panel failed');
  });
  const timer = new ResponseTimer(undefined, onTick);
  timer.start(0);
  expect(() => vi.advanceTimersByTime(0)).toThrow('a panel failed');
  vi.advanceTimersByTime(HEARTBEAT_MS);
  expect(onTick).toHaveBeenCalledTimes(2);
});

test('nothing ticks after it was stopped', () => {
  const timer = started();
  timer.request();
  timer.stop();
  timer.request('first');
  vi.advanceTimersByTime(5 * HEARTBEAT_MS);
  expect(onTick).not.toHaveBeenCalled();
});
