import { expect, test } from 'vitest';
import { quote } from './quote';

test('a text is quoted, escaped, and cut off', () => {
  expect(quote('a "b"\n')).toBe('"a \\"b\\"\\n"');
  expect(quote('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
  expect(quote('x'.repeat(41))).toBe(`"${'x'.repeat(40)}…"`);
  expect(quote('abcdef', 3)).toBe('"abc…"');
});
