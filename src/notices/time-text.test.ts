import { expect, test } from 'vitest';
import { timeText } from './time-text';

const NOON = Date.UTC(2026, 4, 17, 12, 0, 0);
const DAY_MS = 86_400_000;

test.each([
  ['the same day', NOON + 11 * 3_600_000, '12:00:00'],
  ['the next day', NOON + 13 * 3_600_000, '2026-05-17 12:00:00'],
  ['three days later', NOON + 3 * DAY_MS, '2026-05-17 12:00:00'],
  ['a year later', NOON + 365 * DAY_MS, '2026-05-17 12:00:00'],
])('%s, a time has its date where it is not today’s', (_, now, text) => {
  expect(timeText(NOON, { now, timeZone: 'utc' })).toBe(text);
});

test('a time is shown in the panel’s time zone, with 24 hours, and so is its day', () => {
  const evening = Date.UTC(2026, 4, 17, 22, 30, 0);
  const now = evening + 60_000;
  expect(timeText(evening, { now, timeZone: 'America/New_York' })).toBe('18:30:00');
  expect(timeText(evening, { now, timeZone: 'Asia/Tokyo' })).toBe('07:30:00');
  // In Tokyo it is the next day by now; in New York it is still the same.
  const later = Date.UTC(2026, 4, 18, 3, 0, 0);
  expect(timeText(evening - 10 * 3_600_000, { now: later, timeZone: 'Asia/Tokyo' })).toBe('2026-05-17 21:30:00');
  expect(timeText(evening - 10 * 3_600_000, { now: later, timeZone: 'America/New_York' })).toBe('08:30:00');
});
