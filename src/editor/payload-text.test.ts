import { expect, test } from 'vitest';
import { payloadText } from './payload-text';

test.each<[string, number, string, boolean]>([
  ['0041ff0a', 4, '·A\ufffd\n', true],
  ['', 0, '', false],
  ['610d0a09', 4, 'a\r\n\t', false],
  // Colours of a terminal.
  ['1b5b306d', 4, '·[0m', true],
  ['c3a9', 2, 'é', false],
  // The first byte of two is the last byte of the excerpt, or of the payload.
  ['61c3', 9, 'a', false],
  ['61c3', 2, 'a\ufffd', true],
])('the bytes %s of %i are the text %j, and binary: %s', (hex, length, text, binary) => {
  expect(payloadText(hex, length)).toEqual({ text, hex: (hex.match(/../g) ?? []).join(' '), binary });
});
