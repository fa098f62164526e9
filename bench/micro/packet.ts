import { CircularDataFrame, FieldType, StreamingDataFrame } from '@grafana/data';
import { CircularFrame, seriesFrames, type ShapeOptions } from '../../src/frames';
import { numbersOf, SeriesBuilder, type SeriesChunk, timesOf } from '../../src/payload';
import { compare, type Contestant } from '../compare';
import { cheaper, type Measurement, type Pace, type Quantity } from '../measurement';

const ROWS = 10_000;
const NEW_ROWS = 100;
const TIMES_CHEAPER = 20;
export const OPTIONS = { refId: 'A', window: { from: 0, to: Infinity }, legend: undefined, alone: true };
/** With more rows than pixels, the panel gets the smallest and the largest row of each interval. */
export const REDUCED = { ...OPTIONS, reduce: { how: undefined, intervalMs: ROWS / 1_000, maxPoints: 1_000 } };

/** Row 2: a response with 10,000 rows, with every value of every field read once. */
export function packet(pace: Pace): Measurement[] {
  const ns = compare(
    {
      ours: ours(false, OPTIONS),
      circular: circular(),
      pushed: ours(true, OPTIONS),
      reduced: ours(true, REDUCED),
      streaming: streaming(),
    },
    pace
  );
  const microseconds = (name: keyof typeof ns): Quantity => ({ value: ns[name] / 1e3, unit: 'µs' });
  const againstStreaming = (what: string, name: keyof typeof ns): Measurement => {
    const peer = { name: 'StreamingDataFrame, push and read', ...microseconds('streaming') };
    return cheaper({ row: 2, what, ours: microseconds(name), peer, timesCheaper: 1 });
  };
  return [
    cheaper({
      row: 2,
      what: 'make and fully read one packet, window 10,000',
      ours: microseconds('ours'),
      peer: { name: 'CircularDataFrame, read only', ...microseconds('circular') },
      timesCheaper: TIMES_CHEAPER,
    }),
    againstStreaming('append 100 rows, make and fully read one packet, window 10,000', 'pushed'),
    againstStreaming('the same, as a panel of 1,000 pixels shows it', 'reduced'),
  ];
}

function chunks(): SeriesChunk[] {
  const builder = new SeriesBuilder(0, 'bench/value', ROWS);
  return Array.from({ length: ROWS / NEW_ROWS }, (_, batch) => {
    for (let i = 0; i < NEW_ROWS; i++) {
      builder.add(1_700_000_000_000 + batch * NEW_ROWS + i, 20 + Math.sin(i) * 5);
    }
    return builder.take()!;
  });
}

/** Each contestant has its own reading loop: a shared loop would be as slow for all as for the slowest. */
export function ours(pushes: boolean, options: ShapeOptions): Contestant {
  const frame = new CircularFrame(ROWS);
  const [first, ...rest] = chunks();
  for (const chunk of [first, ...rest]) {
    frame.append(chunk);
  }
  const series = [{ topic: 'bench/value', labels: {}, frame }];
  // Continues from one round to the next: batches arrive in the order of their times.
  let next = 0;
  return (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      if (pushes) {
        const chunk = rest[next++ % rest.length];
        later(timesOf(chunk), rest.length * NEW_ROWS);
        frame.append(chunk);
      }
      for (const { fields } of seriesFrames(series, options)) {
        for (const { values } of fields) {
          for (let row = 0; row < values.length; row++) {
            sum += values[row];
          }
        }
      }
    }
    return sum;
  };
}

/** Gives the rows of a repeated batch times after all others. */
function later(time: Float64Array, ms: number): void {
  for (let i = 0; i < time.length; i++) {
    time[i] += ms;
  }
}

function circular(): Contestant {
  const frame = new CircularDataFrame({ append: 'tail', capacity: ROWS });
  frame.addField({ name: 'Time', type: FieldType.time });
  frame.addField({ name: 'Value', type: FieldType.number });
  for (let i = 0; i < 1.5 * ROWS; i++) {
    frame.add({ Time: 1_700_000_000_000 + i, Value: 20 + Math.sin(i) * 5 });
  }
  return (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      for (const { values } of frame.fields) {
        for (let row = 0; row < values.length; row++) {
          sum += values[row];
        }
      }
    }
    return sum;
  };
}

function streaming(): Contestant {
  const schema = {
    fields: [
      { name: 'Time', type: FieldType.time },
      { name: 'Value', type: FieldType.number },
    ],
  };
  const frame = StreamingDataFrame.empty({ maxLength: ROWS });
  const batches = chunks().map((chunk) => [
    Array.from(timesOf(chunk)),
    Array.from(numbersOf(chunk, chunk.columns[0]) ?? []),
  ]);
  frame.push({ schema, data: { values: batches[0].map((column) => column.slice()) } });
  for (const values of batches) {
    frame.push({ data: { values } });
  }
  return (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      frame.push({ data: { values: batches[i % batches.length] } });
      for (const { values } of frame.fields) {
        for (let row = 0; row < values.length; row++) {
          sum += values[row];
        }
      }
    }
    return sum;
  };
}
