import { expect, test } from 'vitest';
import { OutputBuffer } from './output-buffer';

const SIZES = [0, 1, 50, 511, 512, 513, 5_000, 16_384, 16_385, 70_000];

/** Bytes that differ from those of every other call. */
function bytesOf(size: number, seed: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, n) => (n * 7 + seed) & 0xff));
}

test('what was added comes out, in order, however large the pieces are', () => {
  const output = new OutputBuffer();
  for (let first = 0; first < SIZES.length; first += 1) {
    for (let second = 0; second < SIZES.length; second += 1) {
      const pieces = [SIZES[first], SIZES[second], 3, SIZES[first]].map((size, n) => bytesOf(size, n + first));
      for (const piece of pieces) {
        output.add(piece);
      }
      const all = Buffer.concat(pieces);
      expect(output.length).toBe(all.length);
      expect(output.take().equals(all), `${SIZES[first]}, ${SIZES[second]}`).toBe(true);
      expect(output.length).toBe(0);
    }
  }
});

test('what was taken out is not written to again', () => {
  const output = new OutputBuffer();
  output.add(bytesOf(100, 1));
  const taken = output.take();
  output.add(bytesOf(100, 2));
  expect(taken.equals(bytesOf(100, 1))).toBe(true);
});

test('without waiting bytes it holds no memory, also after a large burst', () => {
  const output = new OutputBuffer();
  output.add(bytesOf(16_000, 1));
  output.take();
  expect(output.bytes.buffer.byteLength).toBe(0);
  output.add(bytesOf(16_000, 1));
  output.clear();
  expect(output.bytes.buffer.byteLength).toBe(0);
});

test.each([50, 1_000, 10_000, 16_384])(
  'what waits for a slow client holds little more than its bytes, pieces of %i',
  (size) => {
    const output = new OutputBuffer();
    for (let round = 0; round < 3; round += 1) {
      while (output.length < 64 * 1024) {
        output.add(bytesOf(size, 1));
      }
      const taken = output.take();
      expect(taken.buffer.byteLength).toBeLessThan(1.3 * taken.length);
    }
  }
);
