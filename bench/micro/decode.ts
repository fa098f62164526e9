import { createDecoder, SeriesBuilder } from '../../src/payload';
import { compare, type Contestant } from '../compare';
import type { Measurement, Pace } from '../measurement';

const MOST_TIMES = 1.5;
const ROWS_PER_BATCH = 100;

/** Different numbers in each, as sensors send them: parsing the same text repeatedly would be cheaper. */
const payloads = Array.from({ length: 256 }, (_, i) =>
  new TextEncoder().encode(
    JSON.stringify({
      temperature: round(20 + Math.sin(i) * 5),
      humidity: round(50 + Math.cos(i) * 20),
      pressure: round(1013 + Math.sin(i / 7)),
      battery: 100 - (i % 100),
      rssi: -40 - (i % 50),
    })
  )
);

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Row 3: the bytes of a JSON object of five numbers become a row. */
export function decode(pace: Pace): Measurement[] {
  const ns = compare({ ours: ours(), peer: peer() }, pace);
  const ratio = ns.ours / ns.peer;
  return [
    {
      row: 3,
      what: `JSON object of 5 numbers (${payloads[0].length} bytes): bytes to row`,
      ours: { value: ns.ours, unit: 'ns' },
      peer: { name: 'TextDecoder and JSON.parse', value: ns.peer, unit: 'ns' },
      ratio: { value: ratio, means: 'times its cost' },
      target: `at most ${MOST_TIMES} times`,
      met: ratio <= MOST_TIMES,
    },
  ];
}

export function ours(): Contestant {
  const decoder = createDecoder('auto');
  const builder = new SeriesBuilder(0, 'bench/room', 10_000);
  let time = 1_700_000_000_000;
  return (n) => {
    let rows = 0;
    for (let i = 0; i < n; i++) {
      const payload = payloads[i & 255];
      // As the engine does: a message with the keys of the last one is read from its bytes.
      if (!builder.addSimilarJson(++time, payload)) {
        builder.add(time, decoder(payload, 'bench/room'));
      }
      if (i % ROWS_PER_BATCH === 0) {
        rows += builder.take()?.rows ?? 0;
      }
    }
    return rows;
  };
}

function peer(): Contestant {
  const utf8 = new TextDecoder();
  return (n) => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const value = JSON.parse(utf8.decode(payloads[i & 255])) as { battery: number };
      sum += value.battery;
    }
    return sum;
  };
}
