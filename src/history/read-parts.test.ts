import { type DataFrame, FieldType } from '@grafana/data';
import { expect, test } from 'vitest';
import type { BackfillPart } from './backfill-part';
import { readParts } from './read-parts';

type Rows = Array<[number, number | null]>;

/** @param rooms rows of `temperature`, by the label `room`. */
function part(from: number, to: number, rooms: Record<string, Rows>): BackfillPart {
  const frames = Object.entries(rooms).map(([room, rows]): DataFrame => ({
    fields: [
      { name: 'Time', type: FieldType.time, config: {}, values: rows.map(([time]) => time) },
      { name: 'temperature', type: FieldType.number, config: {}, labels: { room }, values: rows.map(([, v]) => v) },
    ],
    length: rows.length,
  }));
  return { from, to, intervalMs: 10, frames, isComplete: true };
}

function read(...parts: BackfillPart[]): Record<string, Rows> {
  return Object.fromEntries(
    readParts(parts, new Set()).map(({ labels, times, values }) => [
      labels['room'],
      times.map((time, i) => [time, values[i]] as Rows[number]),
    ])
  );
}

test('joins the rows of a series, and series that are in one part only', () => {
  const old = part(0, 100, { kitchen: [[10, 1]], attic: [[20, 5]] });
  const young = part(100, 200, { kitchen: [[110, 2]], cellar: [[120, 7]] });
  expect(read(old, young)).toEqual({
    kitchen: [
      [10, 1],
      [110, 2],
    ],
    attic: [[20, 5]],
    cellar: [[120, 7]],
  });
});

test('has no row twice where parts overlap, nor where an interval begins before its part', () => {
  const old = part(0, 105, {
    kitchen: [
      [80, 1],
      [90, 2],
      [100, 3],
    ],
    attic: [
      [90, 1],
      [103, 2],
    ],
  });
  // The interval of 100 begins before 105; the data source now has more of it.
  const young = part(102, 200, {
    kitchen: [
      [100, 4],
      [110, 5],
    ],
  });
  expect(read(old, young)).toEqual({
    kitchen: [
      [80, 1],
      [90, 2],
      [100, 4],
      [110, 5],
    ],
    attic: [[90, 1]],
  });
});

test('keeps a gap that is at the end of a part, and none at both ends of all', () => {
  const old = part(0, 100, {
    kitchen: [
      [10, null],
      [20, 1],
      [90, null],
    ],
  });
  const young = part(100, 200, {
    kitchen: [
      [100, null],
      [110, 2],
      [120, null],
    ],
    attic: [[100, null]],
  });
  expect(read(old, young)).toEqual({
    kitchen: [
      [20, 1],
      [90, null],
      [100, null],
      [110, 2],
    ],
  });
});

test('does not join two series that are the same in every respect', () => {
  const double = part(0, 100, { kitchen: [[10, 1]] });
  const parts = [{ ...double, frames: [...double.frames, ...double.frames] }, part(100, 200, { kitchen: [[110, 2]] })];
  expect(readParts(parts, new Set()).map(({ times }) => times)).toEqual([[10, 110], [10]]);
});
