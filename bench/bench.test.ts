import { describe, expect, test } from 'vitest';
import { isMeasured, type Result } from './figure';
import { nodeBench } from './node-bench';
import { NODE_ROWS } from './node/rows';
import { parseOptions } from './options';
import { median, quantile } from './stats';
import { json, table } from './table';

describe('the Node bench in its short form', () => {
  test('gives finite numbers in every row', { timeout: 120_000 }, async () => {
    const results = await nodeBench({ short: true, only: /(?:)/ });
    expect(results.filter((result) => !isMeasured(result))).toEqual([]);
    for (const { what, ours, peer, ratio } of results.filter((result) => isMeasured(result))) {
      for (const value of [ours.value, peer?.value, ratio?.value].filter((each) => each !== undefined)) {
        expect(value, what).toSatisfy((number: number) => Number.isFinite(number) && number > 0);
      }
    }
    expect(new Set(results.map(({ row }) => row))).toEqual(new Set(Object.values(NODE_ROWS)));
  });

  test('measures only what is asked for', { timeout: 60_000 }, async () => {
    const results = await nodeBench({ short: true, only: /^decode$/ });
    expect(results.map(({ row }) => row)).toEqual([3]);
  });
});

describe('the table', () => {
  const results: Result[] = [
    {
      row: 1,
      what: 'append',
      ours: { value: 52.34, unit: 'ns' },
      peer: { name: 'peer', value: 800, unit: 'ns' },
      ratio: { value: 15.28, means: 'times cheaper' },
      toReach: '15 times cheaper',
      reached: true,
      note: 'in turns',
    },
    { row: 4, what: 'mosquitto', unmeasured: 'mosquitto is not installed' },
  ];

  test('has a row for each figure, and says what could not be measured', () => {
    expect(
      table(results, true)
        .split('\n')
        .map((line) => line.replaceAll(/ +/g, ' '))
    ).toEqual([
      '| what | ours | peer | ratio | to reach | reached? |',
      expect.stringMatching(/^\|( -+ \|){6}$/),
      '| append (in turns) | 52.3 ns | peer: 800 ns | 15.3 times cheaper | 15 times cheaper | yes |',
      '| mosquitto | not measured: mosquitto is not installed | | | | |',
      '',
    ]);
  });

  test('does not judge the short form', () => {
    expect(table(results, false)).toContain('not judged');
  });

  test('is there for programs, too', () => {
    expect(JSON.parse(json(results, true))).toMatchObject({ short: true, results });
  });
});

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[0, 10], 0.99, 9.9],
  [[7], 0.99, 7],
])('of %j the quantile %d is %d', (values, q, expected) => {
  expect(quantile(values, q)).toBeCloseTo(expected, 10);
  expect(median(values)).toBe(quantile(values, 0.5));
});

test('the command line', () => {
  expect(parseOptions(['--short', '--json', 'out.json', '--only', 'FLAT'])).toEqual({
    short: true,
    json: 'out.json',
    only: /FLAT/i,
  });
  expect(() => parseOptions(['--fast'])).toThrow(/Unknown option '--fast'/);
});
