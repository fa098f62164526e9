import { describe, expect, test } from 'vitest';
import { SenderClock } from './sender-clock';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const offsetOf = (...messages: ReadonlyArray<{ arrival: number; times: readonly number[] }>): number => {
  const clock = new SenderClock();
  for (const [message, { arrival, times }] of messages.entries()) {
    times.forEach((time) => clock.add(time, arrival, message));
  }
  return clock.offset(30 * MINUTE);
};

describe('the offset of a sender', () => {
  test('is 0 without times', () => {
    expect(offsetOf()).toBe(0);
  });

  test.each([
    ['behind', [{ arrival: 10 * HOUR, times: [8 * HOUR] }], -2 * HOUR],
    ['behind, with several rows', [{ arrival: 10 * HOUR, times: [7 * HOUR, 8 * HOUR, 6 * HOUR] }], -2 * HOUR],
    ['ahead', [{ arrival: 0, times: [2 * HOUR] }], 2 * HOUR],
    ['ahead, with the samples of a minute', [{ arrival: 0, times: [2 * HOUR, 2 * HOUR + MINUTE] }], 2 * HOUR + MINUTE],
    [
      'ahead, and running on',
      [
        { arrival: 0, times: [2 * HOUR] },
        { arrival: 1_000, times: [2 * HOUR + 1_000] },
      ],
      2 * HOUR,
    ],
    [
      'ahead, of two messages that arrive together',
      [
        { arrival: 0, times: [2 * HOUR] },
        { arrival: 0, times: [2 * HOUR] },
      ],
      2 * HOUR,
    ],
    [
      'ahead, and showing minutes',
      [
        { arrival: 0, times: [2 * HOUR] },
        { arrival: 20_000, times: [2 * HOUR] },
        { arrival: 40_000, times: [2 * HOUR] },
      ],
      2 * HOUR - 40_000,
    ],
  ])('is that of its clock: %s', (_, messages, offset) => {
    expect(offsetOf(...messages)).toBe(offset);
  });

  test.each([
    ['that begins now', [{ arrival: 0, times: [0, HOUR, 2 * HOUR] }]],
    ['that begins in an hour', [{ arrival: 0, times: [HOUR, 2 * HOUR, 3 * HOUR] }]],
    ['for tomorrow', [{ arrival: 0, times: [24 * HOUR, 48 * HOUR] }]],
    [
      'of one time a message, each an hour later',
      [
        { arrival: 0, times: [2 * HOUR] },
        { arrival: 1_000, times: [3 * HOUR] },
      ],
    ],
    [
      'of one time that comes again',
      [
        { arrival: 0, times: [2 * HOUR] },
        { arrival: MINUTE, times: [2 * HOUR] },
      ],
    ],
    [
      'of one time with seconds that comes again',
      [
        { arrival: 0, times: [2 * HOUR + 1_000] },
        { arrival: 5_000, times: [2 * HOUR + 1_000] },
        { arrival: 10_000, times: [2 * HOUR + 1_000] },
      ],
    ],
    [
      'of several times that come again, the first of them first',
      [
        { arrival: 0, times: [2 * HOUR] },
        { arrival: 1, times: [3 * HOUR] },
        { arrival: 1_000, times: [2 * HOUR] },
      ],
    ],
  ])('is 0 for a forecast %s', (_, messages) => {
    expect(offsetOf(...messages)).toBe(0);
  });
});
