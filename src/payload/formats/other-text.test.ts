import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure } from '../decode';
import type { PayloadFormat, FormatOptions } from '.';
import { Rows } from '../rows/rows';
import { fromHex } from './bytes';
import '../../testing/parts';

const decode = (format: PayloadFormat, bytes: Uint8Array, options?: FormatOptions): unknown =>
  createDecoder(format, options)(Uint8Array.from(bytes), 'a/topic');

const ORDERS = {
  little: (text: string): Uint8Array => Buffer.from(text, 'utf16le'),
  big: (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16(),
};

describe.each(Object.entries(ORDERS))('UTF-16 without a byte order mark, %s-endian', (_, encode) => {
  test.each<[PayloadFormat, string, unknown]>([
    ['auto', '{"t":21.5}', { t: 21.5 }],
    ['auto', '21.5', 21.5],
    ['auto', '-5', -5],
    ['auto', 'ON', 'ON'],
    ['auto', '[1,2]', [1, 2]],
    ['auto', '{"t":21.5}\r\n', { t: 21.5 }],
    ['auto', "{'t': True}", { t: true }],
    // What is not ASCII, and what a program in C++ sends behind its text.
    ['auto', '21.5 °C', '21.5 °C'],
    ['auto', '21.5 € – „sehr gut“', '21.5 € – „sehr gut“'],
    ['auto', '{"ort":"Küche","名":"温度 🌧"}', { ort: 'Küche', 名: '温度 🌧' }],
    ['auto', '21.5\0', 21.5],
    ['auto', 'ON\0\0', 'ON'],
    ['json', '{"t":21.5}', { t: 21.5 }],
    ['text', 'a b', 'a b'],
    ['number', '21.5', 21.5],
    ['number', '21.5 °C', new Rows([{ value: 21.5, units: new Map([['', '°C']]) }])],
    ['csv', '21.5,48', { '1': 21.5, '2': 48 }],
    ['influx', 'm v=5i', new Rows([{ value: { v: 5 }, labels: { measurement: 'm' } }])],
    ['senml', '[{"n":"t","v":5}]', new Rows([{ value: { t: 5 } }])],
  ])('is read: %s %j', (format, text, value) => {
    expect(decode(format, encode(text))).toEqual(value);
  });

  test('also of a regular expression, and around bytes in text', () => {
    expect(decode('regex', encode('t=21.5'), { pattern: 't=(?<t>.*)' })).toEqual({ t: 21.5 });
    const unwrap = { encoding: 'base64', path: 'data' } as const;
    const { rows } = decode('int16', encode('{"data":"CSkC"}'), { unwrap }) as Rows;
    expect(rows[0].value).toBe(2345);
  });

  test('each message by itself', () => {
    for (const format of ['auto', 'number', 'csv'] as const) {
      const decoder = createDecoder(format);
      const read = (bytes: Uint8Array): unknown => decoder(Uint8Array.from(bytes), 'a');
      const utf8 = Buffer.from(format === 'csv' ? '1,2' : '21.5');
      const value = read(utf8);
      expect(read(encode(utf8.toString()))).toEqual(value);
      expect(read(utf8)).toEqual(value);
    }
  });
});

describe('text with zeros that is not UTF-16', () => {
  test.each([
    ['a zero within', '6100 62', 'a\0b'],
    ['one character and its zeros', '41 00 00 00', 'A'],
    ['two characters and their zeros', '41 42 00 00', 'AB'],
    ['zeros alone', '00 00 00 00', '\0\0\0\0'],
    ['a zero before', '00 41 42 43', '\0ABC'],
    ['zeros in odd and in even places', '41 00 42 00 00 43', 'A\0B\0\0C'],
    ['control characters', '41 00 01 00 42 00', 'A\0\u0001\0B'],
    ['two registers', '00 01 00 02', '\0\u0001\0\u0002'],
    ['an odd length', '41 00 42 00 43', 'A\0B\0C'],
  ])('stays as it is: %s', (_, hex, text) => {
    expect(decode('auto', fromHex(hex)!)).toBe(text);
    expect(decode('text', fromHex(hex)!)).toBe(text);
  });

  test.each([
    ['two numbers of 16 bits and a float', '3200 2800 cdcc2c41'],
    ['numbers of 16 bits, one of them large', '0032 0033 a0ff'],
  ])('is binary: %s', (_, hex) => {
    expect(decode('auto', fromHex(hex)!)).toBeInstanceOf(DecodeFailure);
  });
});
