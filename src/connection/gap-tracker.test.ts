import { expect, test } from 'vitest';
import type { ConnectionStatus } from '../engine';
import { GapTracker } from './gap-tracker';

const error = { code: 'lost', message: '' } as const;
const connected = (since: number): ConnectionStatus => ({
  state: 'connected',
  since,
  protocolVersion: 4,
  sessionPresent: false,
  connectMs: 1,
});

test('the first connection ends no gap, whatever failed before it', () => {
  const gaps = new GapTracker();
  expect(gaps.update({ state: 'connecting', since: 0, error })).toBeUndefined();
  expect(gaps.update(connected(10))).toBeUndefined();
});

test('a gap lasts from the last sign of the broker to the next connection, once', () => {
  const gaps = new GapTracker();
  gaps.update(connected(10));
  expect(gaps.update({ state: 'reconnecting', since: 20, error })).toBeUndefined();
  expect(gaps.update({ state: 'reconnecting', since: 20, error })).toBeUndefined();
  expect(gaps.update(connected(30))).toEqual({ from: 20, to: 30 });
  expect(gaps.update(connected(30))).toBeUndefined();
});
