import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure, CLEARED } from '../decode';
import type { PayloadFormat } from '.';
import { decodeHex } from '../../testing/decode';

describe('numbers of a fixed size', () => {
  test.each<[PayloadFormat, string, unknown]>([
    ['int8', '80', -128],
    ['uint8', '80', 128],
    ['int16', 'ff38', -200],
    ['uint16', 'ff38', 65_336],
    ['int32', 'fffffffe', -2],
    ['uint32', 'fffffffe', 4_294_967_294],
    ['int64', 'fffffffffffffffb', -5],
    ['int64', '8000000000000000', '-9223372036854775808'],
    ['int64', '001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['uint64', 'ffffffffffffffff', '18446744073709551615'],
    ['uint64', '0020000000000001', '9007199254740993'],
    ['float32', '41ac0000', 21.5],
    ['float64', '4035800000000000', 21.5],
    ['float32', '7fc00000', NaN],
    ['float64', 'fff0000000000000', -Infinity],
  ])('%s of %s is %j, in either byte order', (format, hex, value) => {
    expect(decodeHex(format, hex)).toBe(value);
    expect(decodeHex(format, hex, { byteOrder: 'big' })).toBe(value);
    const reversed = hex.match(/../g)!.toReversed().join('');
    expect(decodeHex(format, reversed, { byteOrder: 'little' })).toBe(value);
  });

  test.each<[PayloadFormat, string, unknown]>([
    ['float32', '41ac0000', 21.5],
    ['int32', 'fffffffe', -2],
    ['uint32', '01020304', 0x01020304],
    ['float64', '4035800000000000', 21.5],
    ['uint64', '0001020304050607', 0x0001020304050607],
    ['int16', 'ff38', -200],
    ['uint8', '80', 128],
  ])('%s of %s is %j, with its registers in another order', (format, hex, value) => {
    const registers = hex.match(/..(?:..)?/g)!;
    const cdab = registers.toReversed();
    const badc = registers.map((register) => register.match(/../g)!.toReversed().join(''));
    expect(decodeHex(format, cdab.join(''), { byteOrder: 'cdab' })).toBe(value);
    expect(decodeHex(format, badc.join(''), { byteOrder: 'badc' })).toBe(value);
    expect(decodeHex(format, `0000${cdab.join('')}ff`, { byteOrder: 'cdab', offset: 2 })).toBe(value);
  });

  test('at an offset, and whatever is behind it', () => {
    expect(decodeHex('int16', '0109290203', { offset: 1 })).toBe(2345);
    expect(decodeHex('uint8', '0102', { offset: 1 })).toBe(2);
    expect(decodeHex('int16', '0109290203')).toBe(0x0109);
  });

  test('of bytes that lie within others', () => {
    const bytes = new Uint8Array([9, 9, 0xff, 0x38, 9]).subarray(2, 4);
    expect(createDecoder('int16')(bytes, 't')).toBe(-200);
  });

  test('too few bytes are told', () => {
    expect(decodeHex('int32', '010203', { offset: 2 })).toEqual(
      new DecodeFailure('The payload is too short: it has 3 bytes, and the int32 at offset 2 ends at byte 6.')
    );
    expect(decodeHex('uint64', '01')).toBeInstanceOf(DecodeFailure);
  });

  test.each([-1, 1.5, NaN, Infinity])('an offset of %d is refused', (offset) => {
    expect((decodeHex('int8', '01', { offset }) as DecodeFailure).reason).toMatch(
      /^The offset .* is not a number of bytes/
    );
  });

  test('no bytes are gone', () => {
    expect(decodeHex('int8', '')).toBe(CLEARED);
  });
});

describe('bytes as text', () => {
  test('hex and base64', () => {
    expect(decodeHex('hex', '00FFd8e0')).toBe('00ffd8e0');
    expect(decodeHex('base64', '00ffd8e0')).toBe('AP/Y4A==');
    expect(decodeHex('hex', '')).toBe(CLEARED);
  });

  test('a megabyte', () => {
    const bytes = Uint8Array.from({ length: 1_000_001 }, (_, i) => i & 255);
    expect(createDecoder('base64')(bytes, 't')).toBe(Buffer.from(bytes).toString('base64'));
    expect(createDecoder('hex')(bytes, 't')).toBe(Buffer.from(bytes).toString('hex'));
  });
});
