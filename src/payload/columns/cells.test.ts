import { describe, expect, test } from 'vitest';
import { HIGH, halvesOf, readNotANumber, readNumber, writeNumber } from './cells';

const CELLS: Array<number | null | undefined> = [
  1.5,
  null,
  undefined,
  NaN,
  0,
  -0,
  Infinity,
  -Infinity,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.MAX_SAFE_INTEGER,
];

function written(cells: ReadonlyArray<number | null | undefined>): Float64Array {
  const floats = new Float64Array(cells.length);
  cells.forEach((cell, i) => writeNumber(floats, halvesOf(floats), i, cell));
  return floats;
}

function read(floats: Float64Array): unknown[] {
  return Array.from(floats, (_, i) => readNumber(floats, halvesOf(floats), i));
}

describe('a number, null, NaN and missing are four things', () => {
  test.each<[string, (floats: Float64Array) => Float64Array]>([
    ['as written', (floats) => floats],
    ['after slice', (floats) => floats.slice()],
    [
      'after set',
      (floats) => {
        const copy = new Float64Array(floats.length + 3);
        copy.set(floats, 3);
        return copy.subarray(3);
      },
    ],
    [
      'after copyWithin',
      (floats) => {
        const copy = new Float64Array(floats.length * 2);
        copy.set(floats);
        return copy.copyWithin(floats.length, 0).subarray(floats.length);
      },
    ],
    ['after a structured clone', (floats) => structuredClone(floats)],
    ['after a transfer', (floats) => structuredClone(floats, { transfer: [floats.buffer] })],
  ])('%s', (_, pass) => {
    expect(read(pass(written(CELLS)))).toEqual(CELLS);
  });

  test('and every one that is written over another', () => {
    for (const before of CELLS) {
      for (const after of CELLS) {
        const floats = written([before]);
        writeNumber(floats, halvesOf(floats), 0, after);
        expect(readNumber(floats, halvesOf(floats), 0)).toBe(after);
      }
    }
  });

  test('missing is what fill makes, and any NaN that has neither mark', () => {
    const floats = new Float64Array(3).fill(NaN);
    const halves = halvesOf(floats);
    halves[2 + HIGH] = 0xfff8_0000;
    halves[4 + HIGH] = 0x7ff8_0003;
    expect(read(floats)).toEqual([undefined, undefined, undefined]);
    expect(readNotANumber(halves, 1)).toBeUndefined();
  });

  test('over a part of a buffer', () => {
    const floats = new Float64Array(4).subarray(1, 3);
    writeNumber(floats, halvesOf(floats), 1, null);
    expect(read(floats)).toEqual([0, null]);
  });
});
