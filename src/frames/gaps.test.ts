import { describe, expect, test } from 'vitest';
import { withGaps } from './gaps';
import type { Rows } from './reduce';

const rowsAt = (...times: number[]): Rows => ({
  times,
  values: (column) => times.map((time) => `${column}@${time}`),
  reduced: undefined,
});

const breaks = (rows: Rows, ...gaps: Array<[number, number]>): Array<[number, unknown]> => {
  const shown = withGaps(
    rows,
    gaps.map(([from, to]) => ({ from, to }))
  );
  const values = shown.values(0);
  return shown.times.map((time, i) => [time, values[i]]);
};

describe('withGaps', () => {
  test('puts a row of nulls where a gap begins', () => {
    expect(breaks(rowsAt(1, 2, 9), [3, 8])).toEqual([
      [1, '0@1'],
      [2, '0@2'],
      [3, null],
      [9, '0@9'],
    ]);
  });

  test('behind a row of just that time, which a graph of several series would lose', () => {
    expect(breaks(rowsAt(1, 3, 9), [3, 8]).map(([time]) => time)).toEqual([1, 3, 4, 9]);
  });

  test('several of them, in their order', () => {
    const shown = breaks(rowsAt(0, 10, 20), [2, 8], [12, 18]);
    expect(shown.map(([, value]) => value)).toEqual(['0@0', null, '0@10', null, '0@20']);
  });

  test('in the order of the rows, whichever is told first, and one for the same place', () => {
    const shown = breaks(rowsAt(0, 10, 20), [12, 18], [2, 8], [13, 19]);
    expect(shown.map(([, value]) => value)).toEqual(['0@0', null, '0@10', null, '0@20']);
  });

  test('none before the first row, after the last, or where rows came of that time after all', () => {
    const rows = rowsAt(10, 20, 30, 40);
    expect(withGaps(rows, [{ from: 1, to: 9 }])).toBe(rows);
    expect(withGaps(rows, [{ from: 41, to: 50 }])).toBe(rows);
    expect(withGaps(rows, [{ from: 11, to: 39 }])).toBe(rows);
    expect(withGaps(rowsAt(), [{ from: 11, to: 39 }]).times).toEqual([]);
  });

  test('finds the gap also by a clock that is behind or ahead', () => {
    expect(breaks(rowsAt(0, 100, 160), [110, 170]).map(([time]) => time)).toEqual([0, 100, 110, 160]);
    expect(breaks(rowsAt(0, 120, 180), [110, 170]).map(([time]) => time)).toEqual([0, 120, 121, 180]);
  });

  test('two losses between two rows make one break', () => {
    expect(breaks(rowsAt(0, 100), [10, 20], [30, 40])).toHaveLength(3);
  });
});
