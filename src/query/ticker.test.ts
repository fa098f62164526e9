import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SLOW_TICK_MS, TICK_MS } from '../engine/tick';
import { HEARTBEAT_MS, Ticker } from './ticker';

let onTick: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
  vi.useFakeTimers();
  onTick = vi.fn<() => void>();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A ticker whose every tick hands over a response. */
function started(intervalMs?: number): Ticker {
  const ticker = new Ticker(intervalMs, () => {
    onTick();
    ticker.restart();
  });
  ticker.start(0);
  vi.advanceTimersByTime(0);
  onTick.mockClear();
  return ticker;
}

describe('the tick', () => {
  test.each([
    [undefined, TICK_MS],
    [20, TICK_MS],
    [250, 250],
    [60_000, HEARTBEAT_MS],
  ])('of a panel with the interval %j is %j ms', (intervalMs, expected) => {
    const ticker = new Ticker(intervalMs, onTick);
    expect(ticker.tickMs).toBe(expected);
    expect(ticker.isShortest).toBe(expected === TICK_MS);
  });

  test('is as long as the engine’s: one batch, one response', () => {
    const ticker = started();
    for (let batch = 0; batch < 5; batch++) {
      vi.advanceTimersByTime(TICK_MS);
      expect(ticker.request()).toBeUndefined();
    }
    expect(onTick).toHaveBeenCalledTimes(5);
  });
});

test('what comes within a tick is shown once, at its end', () => {
  const ticker = started();
  vi.advanceTimersByTime(30);
  const due = ticker.request();
  expect(due).toBeCloseTo(performance.now() + TICK_MS - 30);
  ticker.request();
  vi.advanceTimersByTime(TICK_MS - 31);
  expect(onTick).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onTick).toHaveBeenCalledTimes(1);
});

test('the first rows need not wait', () => {
  const ticker = started();
  expect(ticker.request('first')).toBeUndefined();
  expect(onTick).toHaveBeenCalledTimes(1);
});

test('what comes seldom is shown at once, however long the interval of the panel', () => {
  const ticker = started(500);
  for (let message = 0; message < 5; message++) {
    vi.advanceTimersByTime(SLOW_TICK_MS);
    expect(ticker.request('slow')).toBeUndefined();
  }
  expect(onTick).toHaveBeenCalledTimes(5);
  vi.advanceTimersByTime(SLOW_TICK_MS / 2);
  expect(ticker.request('slow')).toBeCloseTo(performance.now() + SLOW_TICK_MS / 2);
  vi.advanceTimersByTime(SLOW_TICK_MS / 2);
  expect(onTick).toHaveBeenCalledTimes(6);
});

test('a tick that is longer than a batch waits for the batch that comes about then, and no longer', () => {
  const ticker = started(500);
  vi.advanceTimersByTime(395);
  expect(ticker.request()).toBeDefined();
  vi.advanceTimersByTime(TICK_MS);
  expect(onTick).not.toHaveBeenCalled();
  expect(ticker.request()).toBeUndefined();
  expect(onTick).toHaveBeenCalledTimes(1);
  // A batch that comes a little before the tick is shown
  vi.advanceTimersByTime(480);
  expect(ticker.request()).toBeUndefined();
  // Where no other batch comes
  vi.advanceTimersByTime(300);
  ticker.request();
  vi.advanceTimersByTime(200 + TICK_MS / 2);
  expect(onTick).toHaveBeenCalledTimes(3);
});

test('a heartbeat follows when nothing comes, and when a response failed', () => {
  onTick.mockImplementationOnce(() => {
    throw new Error('a panel failed');
  });
  const ticker = new Ticker(undefined, onTick);
  ticker.start(0);
  expect(() => vi.advanceTimersByTime(0)).toThrow('a panel failed');
  vi.advanceTimersByTime(HEARTBEAT_MS);
  expect(onTick).toHaveBeenCalledTimes(2);
});

test('nothing ticks after it was stopped', () => {
  const ticker = started();
  ticker.request();
  ticker.stop();
  ticker.request('first');
  vi.advanceTimersByTime(5 * HEARTBEAT_MS);
  expect(onTick).not.toHaveBeenCalled();
});
