import { expect, test } from 'vitest';
import { timeText } from './connection';

const NOON = new Date(2026, 4, 17, 12, 0, 0).getTime();
const time = new Date(NOON).toLocaleTimeString();
const date = new Date(NOON).toLocaleDateString();

test.each([
  ['the same day', new Date(2026, 4, 17, 23, 59).getTime(), false],
  ['the next day', new Date(2026, 4, 18, 0, 1).getTime(), true],
  ['three days later', NOON + 3 * 86_400_000, true],
  ['a year later', new Date(2027, 4, 17, 12, 0).getTime(), true],
])('%s, a time has its date: %s', (_, now, dated) => {
  expect(timeText(NOON, now)).toContain(time);
  expect(timeText(NOON, now).includes(date)).toBe(dated);
});
