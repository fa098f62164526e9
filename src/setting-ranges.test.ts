import { expect, test } from 'vitest';
import { SETTING_RANGES, numberInRange } from './setting-ranges';
import { PAYLOAD_LIMITS } from './payload';

test.each<[keyof typeof SETTING_RANGES, unknown, number | undefined]>([
  ['keepalive', undefined, 60],
  ['keepalive', 30, 30],
  ['keepalive', '30', 30],
  ['keepalive', ' 30 ', 30],
  ['keepalive', 100_000, 65_535],
  ['keepalive', -5, 1],
  ['keepalive', 0, 1],
  ['keepalive', 12.6, 13],
  ['keepalive', '', 60],
  ['keepalive', 'a minute', 60],
  ['keepalive', Number.NaN, 60],
  ['keepalive', Infinity, 65_535],
  ['keepalive', null, 60],
  ['keepalive', true, 60],
  ['keepalive', [30], 60],
  ['connectTimeout', 0, 1],
  ['sessionExpiry', 1e12, 86_400],
  ['sessionExpiry', -1, 1],
  ['linger', 0, 0],
  ['linger', -1, 0],
  ['memory', 0, 1],
  ['maxRows', 1e9, 100_000],
  ['maxAge', undefined, undefined],
  ['maxAge', '60', 60],
  ['maxSeries', 0, 1],
  ['maxFields', 1e6, 5_000],
  ['maxLevels', 0, 1],
  ['maxLevels', 251, 100],
  ['maxListItems', 0, 0],
  ['maxListItems', '32', 32],
  ['maxPayloadRows', 1e6, 100_000],
])('%s of %j is %j', (setting, value, bounded) => {
  expect(numberInRange(value, SETTING_RANGES[setting])).toBe(bounded);
});

test('the defaults of payloads are those of the docs', () => {
  const { maxFields, maxLevels, maxListItems, maxPayloadRows } = SETTING_RANGES;
  const defaults = [maxFields, maxLevels, maxListItems, maxPayloadRows].map((each) => each.defaultValue);
  expect(defaults).toEqual([500, 10, 16, 10_000]);
  expect(PAYLOAD_LIMITS).toEqual({ fields: 500, levels: 10, items: 16, rows: 10_000 });
});
