import { expect, test } from 'vitest';
import { readFixedHeader } from './fixed-header';

/** The packet with these bytes behind two others. */
function read(...bytes: number[]): unknown {
  const header = { body: 0, end: 0 };
  const state = readFixedHeader(Uint8Array.of(0xc0, 0x00, ...bytes), 2, header);
  return state === 'complete' ? header : state;
}

test.each([
  ['the smallest', [0x30, 0x00], { body: 4, end: 4 }],
  ['one byte', [0x30, 0x7f], { body: 4, end: 131 }],
  ['two bytes', [0x30, 0x80, 0x01], { body: 5, end: 133 }],
  ['the example of the specification, 321', [0x30, 0xc1, 0x02], { body: 5, end: 326 }],
  ['the largest', [0x30, 0xff, 0xff, 0xff, 0x7f], { body: 7, end: 268_435_462 }],
  ['no length yet', [0x30], 'incomplete'],
  ['a part of the length', [0x30, 0xff, 0xff], 'incomplete'],
  ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff], 'malformed'],
])('%s [MQTT-2.2.3]', (_what, bytes, expected) => {
  expect(read(...bytes)).toEqual(expected);
});
