import { CircularFrame } from '../../src/frames';
import { SeriesBuilder } from '../../src/payload';
import { consume } from '../compare';
import type { Measurement } from '../measurement';

const SERIES = 200;
const POINTS = 10_000;
const ROWS_PER_BATCH = 100;
const PLAIN_BYTES = 16;
const MOST_BYTES = 24;

/** Row 9: the memory of a time and a number in a circular frame. */
export function memory(): Measurement[] {
  const bytes = bytesPerPoint();
  return [
    {
      row: 9,
      what: `memory per numeric point kept, ${SERIES} series of 10,000`,
      ours: { value: bytes, unit: 'bytes' },
      peer: { name: 'a time and a number', value: PLAIN_BYTES, unit: 'bytes' },
      ratio: { value: bytes / PLAIN_BYTES, means: 'times its size' },
      target: `at most ${MOST_BYTES} bytes`,
      met: bytes <= MOST_BYTES,
    },
  ];
}

/** Not fewer in the short form: less than a megabyte is lost in what else a process allocates and frees. */
export function bytesPerPoint(): number {
  // A first round lets the code be compiled, and fills the caches.
  consume(fill(2).length);
  const before = usedMemory();
  const frames = fill(SERIES);
  const bytes = (usedMemory() - before) / (SERIES * POINTS);
  consume(frames.reduce((rows, frame) => rows + frame.length, 0));
  return bytes;
}

/** More rows than the capacity, so that the rings wrap around. */
function fill(series: number): CircularFrame[] {
  return Array.from({ length: series }, (_, number) => {
    const builder = new SeriesBuilder(number, `bench/${number}`, POINTS);
    const frame = new CircularFrame(POINTS);
    for (let row = 0; row < 1.1 * POINTS; row += ROWS_PER_BATCH) {
      for (let i = 0; i < ROWS_PER_BATCH; i++) {
        builder.add(1_700_000_000_000 + row + i, Math.sin(row + i));
      }
      frame.append(builder.take()!);
    }
    return frame;
  });
}

/** Bytes of the heap and of all array buffers. */
export function usedMemory(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
