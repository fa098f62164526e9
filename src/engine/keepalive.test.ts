import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Keepalive } from './keepalive';

let pings: number[];
let silentAt: number | undefined;
let began: number;
/** The time that the wall clock is ahead of the timers, in milliseconds: the machine slept. */
let slept: number;
let keepalive: Keepalive;

beforeEach(() => {
  vi.useFakeTimers();
  pings = [];
  silentAt = undefined;
  slept = 0;
  began = Date.now();
});

afterEach(() => {
  keepalive.stop();
  vi.useRealTimers();
});

function start(seconds: number, answersAfterMs?: number): void {
  keepalive = new Keepalive({
    keepalive: seconds,
    timeout: 5,
    now: () => Date.now() + slept,
    ping: () => {
      pings.push(Date.now() - began);
      if (answersAfterMs !== undefined) {
        setTimeout(() => keepalive.received(), answersAfterMs);
      }
    },
    onKeepaliveTimeout: () => (silentAt = Date.now() - began),
  });
}

test.each([1, 10, 60, 3_600])(
  'with a keepalive of %i s pings within it, and goes on as long as it is answered',
  (s) => {
    start(s, 100);
    vi.advanceTimersByTime(s * 10_000);
    expect(silentAt).toBeUndefined();
    expect(pings.length).toBeGreaterThanOrEqual(9);
    const apart = pings.map((at, i) => at - (pings[i - 1] ?? 0));
    expect(Math.max(...apart)).toBeLessThanOrEqual(s * 1_000);
    vi.advanceTimersByTime(100);
  }
);

test.each([1, 10, 60, 3_600])('with a keepalive of %i s finds a half-open connection within one and a half', (s) => {
  start(s);
  vi.advanceTimersByTime(s * 3_000);
  expect(silentAt).toBeGreaterThan(s * 1_000);
  expect(silentAt).toBeLessThanOrEqual(s * 1_500);
});

test('takes whatever comes for an answer: behind a flood of messages a PINGRESP waits long', () => {
  start(10);
  for (let at = 0; at < 60; at++) {
    vi.advanceTimersByTime(1_000);
    keepalive.received();
  }
  expect(silentAt).toBeUndefined();
  expect(pings.length).toBeGreaterThanOrEqual(5);
});

test('after the machine slept asks at once, and gives up soon where nobody answers', () => {
  start(60);
  vi.advanceTimersByTime(20_000);
  expect(pings).toEqual([]);
  slept = 3_600_000;
  vi.advanceTimersByTime(5_000);
  expect(pings).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  expect(silentAt).toBeLessThanOrEqual(35_000);
});

test('a ping that was on its way when the machine fell asleep is not held against the broker', () => {
  start(60, 50);
  vi.advanceTimersByTime(56_000);
  keepalive.check();
  slept = 3_600_000;
  vi.advanceTimersByTime(120_000);
  expect(silentAt).toBeUndefined();
  vi.advanceTimersByTime(100);
});

test('is asked to look, and with keepalive off pings for nothing else', () => {
  start(0);
  vi.advanceTimersByTime(3_600_000);
  expect(pings).toEqual([]);
  keepalive.check();
  expect(pings).toHaveLength(1);
  vi.advanceTimersByTime(10_000);
  expect(silentAt).toBeLessThanOrEqual(3_610_000);
});

test('leaves no timer behind', () => {
  start(60);
  keepalive.check();
  expect(vi.getTimerCount()).toBeGreaterThan(0);
  keepalive.stop();
  expect(vi.getTimerCount()).toBe(0);
});
