import { CircularDataFrame, FieldType } from '@grafana/data';
import { CircularFrame } from '../../src/frames';
import { SeriesBuilder } from '../../src/payload';
import { compare, type Contestant } from '../compare';
import { cheaper, type Measurement, type Pace } from '../measurement';

const CAPACITY = 10_000;
const TIMES_CHEAPER = 20;
const values = Float64Array.from({ length: 1024 }, (_, i) => 20 + Math.sin(i) * 5);

/** Row 1: a decoded number becomes a row of the circular frame. */
export function append(pace: Pace): Measurement[] {
  const ns = compare({ by100: ours(100), by1: ours(1), peer: peer() }, pace);
  return [
    measurement('append one numeric message, capacity 10,000, batches of 100 rows', ns.by100, ns.peer),
    measurement('the same, batches of 1 row', ns.by1, ns.peer),
  ];
}

function measurement(what: string, ns: number, peerNs: number): Measurement {
  const peer = { name: 'CircularDataFrame.add', value: peerNs, unit: 'ns' } as const;
  return cheaper({ row: 1, what, ours: { value: ns, unit: 'ns' }, peer, timesCheaper: TIMES_CHEAPER });
}

export function ours(rowsPerBatch: number): Contestant {
  const builder = new SeriesBuilder(0, 'bench/value', CAPACITY);
  const frame = new CircularFrame(CAPACITY);
  let time = 1_700_000_000_000;
  let pending = 0;
  return (n) => {
    for (let i = 0; i < n; i++) {
      builder.add(++time, values[i & 1023]);
      if (++pending === rowsPerBatch) {
        pending = 0;
        const chunk = builder.take();
        if (chunk !== undefined) {
          frame.append(chunk);
        }
      }
    }
    return frame.length + (frame.newestTime ?? 0);
  };
}

function peer(): Contestant {
  const frame = new CircularDataFrame({ append: 'tail', capacity: CAPACITY });
  frame.addField({ name: 'Time', type: FieldType.time });
  frame.addField({ name: 'Value', type: FieldType.number });
  let time = 1_700_000_000_000;
  return (n) => {
    for (let i = 0; i < n; i++) {
      frame.add({ Time: ++time, Value: values[i & 1023] });
    }
    return frame.length + Number(frame.fields[0].values[frame.length - 1]);
  };
}
