import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTime, isTimeName } from './time-finder';
import { createTimeReader } from './times';

const ARRIVAL = Date.UTC(2024, 4, 17, 12, 0, 0);
const read = createTimeReader(undefined, 'UTC');
const find = (value: unknown) => findTime(value, ARRIVAL, read);

test.each<[unknown, string[]]>([
  [{ v: 1, ts: ARRIVAL }, ['ts']],
  [{ Time: '2024-05-17T12:00:00' }, ['Time']],
  // The likelier name, wherever it stands.
  [{ t: ARRIVAL, last_seen: ARRIVAL, time: ARRIVAL }, ['time']],
  [{ time: 'soon', ts: ARRIVAL }, ['ts']],
  [{ params: { ts: ARRIVAL / 1_000 } }, ['params', 'ts']],
  // The time at the top is that of the message.
  [{ a: { time: ARRIVAL }, lastUpdate: ARRIVAL }, ['lastUpdate']],
  // weewx, in text; Helium; and whatever capitals and signs there are.
  [{ dateTime: `${ARRIVAL / 1_000}.0`, outTemp_C: '21' }, ['dateTime']],
  [{ reported_at: ARRIVAL, id: 5 }, ['reported_at']],
  ...['DateTime', 'TimeStamp', 'timeStamp', 'unixtime', 'unixTime', 'updated_at', 'Updated-At', 'LAST_SEEN', 'TS'].map(
    (key): [unknown, string[]] => [{ v: 1, [key]: ARRIVAL / 1_000 }, [key]]
  ),
  // Of two, the one that says when it was written last.
  [{ created_at: ARRIVAL - 1_000, updated_at: ARRIVAL }, ['updated_at']],
  [{ a: { b: { received_at: '2024-05-17T12:00:00Z' } } }, ['a', 'b', 'received_at']],
])('%j', (value, path) => {
  expect(find(value)).toEqual({ time: ARRIVAL, path });
});

test.each([
  { t: 21.5 },
  { time: 3_600 },
  { ts: 5e9 },
  { time: '12:00:00' },
  { timestamp: '1999-01-01' },
  { time: '2031-01-01' },
  { a: { b: { c: { ts: ARRIVAL } } } },
  [{ ts: ARRIVAL }],
  { list: [{ ts: ARRIVAL }] },
  { temperature: ARRIVAL },
  { uptime: ARRIVAL },
  { dateTime: '3600.0' },
  { [`time${'_'.repeat(1_000)}`]: ARRIVAL },
  null,
  'ts',
  ARRIVAL,
])('%j has none', (value) => {
  expect(find(value)).toBeUndefined();
});

test('a number may be a time under these names, and not under a single letter', () => {
  expect(['ts', 'dateTime', 'UNIXTIME', 'reported_at', '@timestamp', '_time'].filter(isTimeName)).toHaveLength(6);
  expect(['t', 'T', '_t', 'id', 'uptime', '', 'runtime', 0, undefined].filter(isTimeName)).toEqual([]);
});

test('keys that are ever new are not remembered, and those that are known are found after them', () => {
  for (let i = 0; i < 20_000; i++) {
    expect(isTimeName(`k${i}`)).toBe(false);
  }
  expect(find({ ts: ARRIVAL })).toEqual({ time: ARRIVAL, path: ['ts'] });
});

test('whatever comes, what is found is plausible and lies at its path', () => {
  const key = fc.constantFrom('ts', 'time', 'a', '__proto__', 't', 'x');
  const time = fc.constantFrom(ARRIVAL, ARRIVAL / 1_000, 5, '2024-05-17', null);
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(time, fc.dictionary(key, time), fc.anything())), (value) => {
      const found = find(value);
      if (found !== undefined) {
        expect(Math.abs(found.time - ARRIVAL)).toBeLessThan(11 * 366 * 86_400_000);
        expect(
          read(
            found.path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], value),
            ARRIVAL
          )
        ).toBe(found.time);
      }
    })
  );
});

test('a message of a million keys takes no longer than its first few', () => {
  const value = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, { ts: 1 }]));
  expect(find({ ...value, ts: ARRIVAL })).toBeUndefined();
  expect(find({ ts: ARRIVAL, ...value })).toEqual({ time: ARRIVAL, path: ['ts'] });
});
