import { CircularFrame } from '../frames';
import { type ColumnSpec, isNumeric, type SeriesChunk, writeNumber } from '../payload';
import type { PastColumns } from './match-past';
import type { PastField } from './past-fields';

interface Made {
  readonly key: string;
  readonly fields: readonly PastField[];
  readonly frame: CircularFrame;
}

/** Frames that were made before, by their first field: while series arrive, most of the others stay as they are. */
const made = new WeakMap<PastField, Made>();

/** A frame with the columns of a series, in their order, and the rows of another data source. Nobody may change it. */
export function pastFrame(columns: readonly ColumnSpec[], past: PastColumns): CircularFrame {
  const fields = [...past.values()];
  const key = JSON.stringify([columns, [...past.keys()]]);
  const [first] = fields as Array<PastField | undefined>;
  const known = first && made.get(first);
  if (known?.key === key && known.fields.every((field, i) => field === fields[i])) {
    return known.frame;
  }
  const frame = makeFrame(columns, past);
  if (first !== undefined) {
    made.set(first, { key, fields, frame });
  }
  return frame;
}

function makeFrame(columns: readonly ColumnSpec[], past: PastColumns): CircularFrame {
  const times = timesOf([...past.values()]);
  const [only] = past.size === 1 ? past.values() : [];
  // The times of one field are its rows, unless some are the same.
  const rowOf = only?.times.length === times.length ? undefined : new Map(times.map((time, row) => [time, row]));
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
      field?.times.forEach((time, i) => (cells[rowOf?.get(time) ?? i] = convert(field.values[i], spec.type)));
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
function timesOf(fields: readonly PastField[]): readonly number[] {
  const [first] = fields as Array<PastField | undefined>;
  return fields.length === 1 && first!.times.every((time, i) => i === 0 || time > first!.times[i - 1])
    ? first!.times
    : [...new Set(fields.flatMap(({ times }) => times))].toSorted((a, b) => a - b);
}

/** Databases store 1 and 0 for true and false, and the other way round. */
function convert(value: unknown, type: ColumnSpec['type']): unknown {
  if (type === 'boolean' && typeof value === 'number') {
    return value !== 0;
  }
  return type === 'number' && typeof value === 'boolean' ? Number(value) : value;
}
