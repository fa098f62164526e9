import { expect, test } from 'vitest';
import { concat } from './concat';

test('bytes come in order, in an array of their own', () => {
  const first = Uint8Array.of(1, 2);
  expect(concat([first, Uint8Array.of(), Uint8Array.of(3)])).toEqual(Uint8Array.of(1, 2, 3));
  expect(concat([])).toEqual(new Uint8Array());
  expect(concat([first])).not.toBe(first);
});
