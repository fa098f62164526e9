import { CircularFrame } from '../frames';
import { type ColumnSpec, isNumeric, type SeriesChunk, writeNumber } from '../payload';
import type { PastColumns } from './match-past';
import type { PastField } from './past-fields';

/** A frame with the columns of a series, in their order, and the rows of another data source. */
export function pastFrame(columns: readonly ColumnSpec[], past: PastColumns): CircularFrame {
  const times = timesOf([...past.values()]);
  const rowOf = new Map(times.map((time, row) => [time, row]));
  const floats = new Float64Array(times.length * (1 + columns.filter(({ type }) => isNumeric(type)).length));
  const halves = new Uint32Array(floats.buffer);
  floats.set(times);
  let at = times.length;
  const chunk: SeriesChunk = {
    series: 0,
    rows: times.length,
    dropped: 0,
    floats,
    timesAt: 0,
    columns: columns.map((spec, index) => {
      const cells: unknown[] = Array.from({ length: times.length });
      const field = past.get(index);
      field?.times.forEach((time, i) => (cells[rowOf.get(time)!] = convert(field.values[i], spec.type)));
      if (!isNumeric(spec.type)) {
        return { index, spec, values: cells };
      }
      cells.forEach((cell, row) => writeNumber(floats, halves, at + row, cell as number | null | undefined));
      const numbersAt = at;
      at += times.length;
      return { index, spec, numbersAt };
    }),
  };
  const frame = new CircularFrame(times.length);
  frame.append(chunk);
  return frame;
}

/** The times of all fields, each once, ascending. */
function timesOf(fields: readonly PastField[]): number[] {
  return [...new Set(fields.flatMap(({ times }) => times))].toSorted((a, b) => a - b);
}

/** Databases store 1 and 0 for true and false, and the other way round. */
function convert(value: unknown, type: ColumnSpec['type']): unknown {
  if (type === 'boolean' && typeof value === 'number') {
    return value !== 0;
  }
  return type === 'number' && typeof value === 'boolean' ? Number(value) : value;
}
