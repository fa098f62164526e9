import { expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { optionsSummary, payloadSummary } from './summaries';

test.each<[Partial<MqttQuery>, string]>([
  [{}, 'Keep: as needed · Reduce: Automatic'],
  [{ keep: { rows: 5_000, seconds: 3_600 }, reduce: 'mean' }, 'Keep: 5,000 rows, 3,600 s · Reduce: Mean'],
  [{ retained: 'ignore' }, 'Keep: as needed · Reduce: Automatic · Retained messages: ignore'],
  [{ retained: 'use' }, 'Keep: as needed · Reduce: Automatic'],
  // Only time series are reduced.
  [{ shape: 'table', reduce: 'mean' }, 'Keep: as needed'],
])('the options of %j: %s', (query, summary) => {
  expect(optionsSummary({ refId: 'A', topic: '', ...query })).toBe(summary);
});

test.each<[Partial<MqttQuery>, string]>([
  [{}, 'All fields · Time: default'],
  [{ pivot: 'metric' }, 'All fields · Field names from: {metric} · Time: default'],
  [
    { fields: [{ path: 'a' }], labels: [{ path: 'b' }, { path: 'c' }], fill: 'zero', time: { from: 'arrival' } },
    '1 field · 2 labels · Time: arrival · Fill: zero',
  ],
  [
    { mappings: [{ path: 's', true: 'ON', false: 'OFF' }], rows: 'list', time: { from: 'path', path: 'ts' } },
    'All fields · 1 value mapping · Rows: list · Time: ts',
  ],
])('the payload of %j: %s', (query, summary) => {
  expect(payloadSummary({ refId: 'A', topic: '', ...query })).toBe(summary);
});
