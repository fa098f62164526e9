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

/** The bytes of characters up to U+00FF. */
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('text of one byte a character', () => {
  test.each<[PayloadFormat, string, unknown]>([
    ['auto', '{"temp":21.5,"note":"5 \x80"}', { temp: 21.5, note: '5 €' }],
    ['json', '{"temp":21.5,"note":"5 \x80"}', { temp: 21.5, note: '5 €' }],
    ['auto', '{"note":"\x93gut\x94 \x96 it\x92s"}', { note: '“gut” – it’s' }],
    ['auto', 'Preis: 5 \x80', 'Preis: 5 €'],
    ['text', 'it\x92s on', 'it’s on'],
    ['csv', '21.5,48,5 \x80', { '1': 21.5, '2': 48, '3': '5 €' }],
    // CP850 cannot be told from it.
    ['auto', 'K\x81che', 'K\u0081che'],
    ['auto', '{"ort":"K\x81che"}', { ort: 'K\u0081che' }],
    ['auto', '5 \x80 Pfand\0\0', '5 € Pfand'],
  ])('is Windows-1252 if it has a byte from 0x80 to 0x9F, and that is said: %s %j', (format, text, value) => {
    const { rows, problems } = decode(format, bytesOf(text)) as Rows;
    expect(rows.map((row) => row.value)).toEqual([value]);
    expect(problems).toEqual(['The text is not UTF-8. It is read as Windows-1252. Have the sender send UTF-8.']);
  });

  test('has any letters in what begins and ends like an object of JSON', () => {
    const { rows, problems } = decode('auto', bytesOf('{"a":"ÄÖÜäöüßéèç"}')) as Rows;
    expect(rows[0].value).toEqual({ a: 'ÄÖÜäöüßéèç' });
    expect(problems.join()).toContain('Latin-1');
  });

  test('is said where bytes are in it', () => {
    const unwrap = { encoding: 'base64', path: 'data' } as const;
    const { rows, problems } = decode('int16', bytesOf('{"data":"CSkC","ort":"K\xfcche"}'), { unwrap }) as Rows;
    expect(rows[0].value).toBe(2345);
    expect(problems.join()).toContain('Latin-1');
  });

  test.each([
    ['a float of 32 bits', '419c3333'],
    ['two of them', '419c3333 419d3333'],
    ['four of them', '419c3333 419d3333 419e3333 419f3333'],
    ['two bytes', '3280'],
    ['text of MessagePack', 'a5 4b c3bc 63'],
    ['MessagePack in a row', '40 93 01 02 03'],
    ['CBOR', '82 66 4b c3bc 636865 18 80'],
    ['Protobuf', '0a 05 4b c3bc 6368 10 80 01'],
  ])('is not what is binary: %s', (_, hex) => {
    expect(decode('auto', fromHex(hex)!)).toBeInstanceOf(DecodeFailure);
  });
});

describe('UTF-8 that is cut off within its last character', () => {
  const LEFT_OUT = /^Left out: \d bytes? at the end of the text, the beginning of a character of UTF-8\./;

  test.each<[PayloadFormat, string, string, unknown]>([
    ['auto', 'Küchenü', 'Küchen', 'Küchen'],
    ['text', '21.5 °', '21.5 ', '21.5 '],
    ['auto', 'total 5 €', 'total 5 ', 'total 5 '],
    ['auto', '温度 21 度', '温度 21 ', '温度 21 '],
    ['csv', '21.5,°', '21.5,', { '1': 21.5, '2': null }],
    ['auto', 'wetter 🌧', 'wetter ', 'wetter '],
  ])('is read without it, and that is said: %s %j', (format, text, before, value) => {
    const bytes = Buffer.from(text);
    const { length } = Buffer.from(before);
    const tails = [...bytes.keys()].filter((end) => end > length + (bytes.length - length > 2 ? 1 : 0));
    expect(tails.length).toBeGreaterThan(0);
    for (const end of tails) {
      for (const zeros of [0, 2]) {
        const { rows, problems } = decode(format, Buffer.concat([bytes.subarray(0, end), Buffer.alloc(zeros)])) as Rows;
        expect(rows.map((row) => row.value)).toEqual([value]);
        expect(problems.join()).toMatch(LEFT_OUT);
      }
    }
  });

  test('JSON that is cut off so has the place', () => {
    const failure = decode('auto', Buffer.from('{"a":1,"ort":"Kü').subarray(0, -1)) as DecodeFailure;
    expect(failure.reason).toContain('expected a text that ends with quotes at character 14');
  });

  test.each([
    ['a degree sign', '21.5 \xb0', '21.5 °'],
    ['a letter that could begin a character of UTF-8', 'caf\xe9', 'café'],
  ])('is not Latin-1 with one at its end: %s', (_, text, value) => {
    const { rows, problems } = decode('auto', bytesOf(text)) as Rows;
    expect(rows[0].value).toBe(value);
    expect(problems.join()).toContain('Latin-1');
  });
});
