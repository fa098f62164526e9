import { describe, expect, test } from 'vitest';
import { DecodeFailure, createDecoder, CLEARED } from '../decode';
import { Rows } from '../rows/rows';
import { costOf } from '../../testing/baseline';
import { parseQuantity } from './quantity';
import { decodeHex, decodeText } from '../../testing/decode';
import '../../testing/parts';

describe('a number with a unit behind it', () => {
  test.each<[string, number, string]>([
    ['23.4 °C', 23.4, '°C'],
    ['230V', 230, 'V'],
    ['0.056576s', 0.056576, 's'],
    ['1 013,2 hPa', 1013.2, 'hPa'],
    ['1\u00a0013,2\u202fhPa', 1013.2, 'hPa'],
    ["12'345.6 W", 12345.6, 'W'],
    ['1.013,2 hPa', 1013.2, 'hPa'],
    ['1,013.2 hPa', 1013.2, 'hPa'],
    ['12,345,678.5', 12345678.5, ''],
    ['1013,25', 1013.25, ''],
    ['21,5', 21.5, ''],
    ['0,013 mm', 0.013, 'mm'],
    ['-5,2 °C', -5.2, '°C'],
    ['−5 °C', -5, '°C'],
    ['+3 dB', 3, 'dB'],
    // Meters and displays fill up with zeros, and some (IEC 62056-21) put a star before the unit.
    ['007', 7, ''],
    ['007 V', 7, 'V'],
    ['00.155', 0.155, ''],
    ['+0001.23 kg', 1.23, 'kg'],
    ['-00,5 m', -0.5, 'm'],
    ['00123.456*kWh', 123.456, 'kWh'],
    ['0000', 0, ''],
    ['48 %', 48, '%'],
    ['48 % RH', 48, '% RH'],
    ['4.2 m/s', 4.2, 'm/s'],
    ['9.81 m/s²', 9.81, 'm/s²'],
    ['12 m3/h', 12, 'm3/h'],
    ['800 W/m^2', 800, 'W/m^2'],
    ['15 µg/m³', 15, 'µg/m³'],
    ['3 kW·h', 3, 'kW·h'],
    ['1.5e3 Pa', 1500, 'Pa'],
    ['1e5', 100_000, ''],
    ['12 345 kg', 12345, 'kg'],
    ['100Ω', 100, 'Ω'],
    ['0 bar', 0, 'bar'],
    ['0ohm', 0, 'ohm'],
    ['5.', 5, ''],
    ['.5 V', 0.5, 'V'],
    ['nan', NaN, ''],
    ['-inf', -Infinity, ''],
    ['12€', 12, '€'],
  ])('%j', (text, value, unit) => {
    expect(parseQuantity(text)).toEqual({ value, unit });
    const decoded = decodeText('number', text);
    expect(decoded).toEqual(unit === '' ? value : new Rows([{ value, units: new Map([['', unit]]) }]));
  });

  test.each([
    ['1,013', 'could be 1.013 or 1013'],
    ['12 345', 'could be two'],
    ['5 6', 'two numbers'],
    ['1,2,3', 'three'],
    ['1,013,200', 'three, or one'],
    ['192.168.100.100', 'an address'],
    ['1.013.200', 'several points'],
    ['2024-05-17', 'a date'],
    ['12:30', 'a time of day'],
    ['2024-05-17T12:30:00Z', 'a time'],
    ['0x1F', 'of another base'],
    ['0xff', 'of another base'],
    ['0b101', 'of another base'],
    ['1e', 'cut short'],
    ['0x07', 'of another base'],
    ['5**', 'a sign twice'],
    ['1_000', 'source code'],
    ['V 5', 'a unit first'],
    ['ON', 'a word'],
    ['', 'nothing'],
    ['- 5', 'a sign alone'],
    ['5 a b c d e', 'prose'],
    ['5 something that goes on for long', 'prose'],
    ['1.2.3 V', 'a version'],
    ['1,5,2 V', 'two'],
    ['12 34 V', 'two'],
  ])('%j is none: %s', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  test('in quotes, as Home Assistant sends states', () => {
    expect(decodeText('number', '"21.5"')).toBe(21.5);
    expect(decodeText('number', '"21.5 °C"')).toEqual(new Rows([{ value: 21.5, units: new Map([['', '°C']]) }]));
  });

  test('null is null, and nothing is gone', () => {
    expect(decodeText('number', ' null\n')).toBeNull();
    expect(decodeText('number', '')).toBe(CLEARED);
  });

  test('the degree sign of an older encoding', () => {
    expect(decodeHex('number', '32 31 2e 35 20 b0 43')).toEqual(
      new Rows([{ value: 21.5, units: new Map([['', '°C']]) }])
    );
    expect(decodeHex('number', 'b0 43')).toBeInstanceOf(DecodeFailure);
  });

  test('units that are ever new are not remembered for ever, and come out all the same', () => {
    const decode = createDecoder('number');
    const encoder = new TextEncoder();
    for (let i = 0; i < 500; i++) {
      const unit = `u${String.fromCharCode(97 + (i % 26), 97 + ((i / 26) | 0))}`;
      expect(decode(encoder.encode(`1 ${unit}`), 't')).toEqual(new Rows([{ value: 1, units: new Map([['', unit]]) }]));
    }
  });

  test.each(['1', '1,', '1 ', '1.', "1'", 'a', '1a', '-', '1e', '°C', ' '])(
    'a megabyte of %j takes no time',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      const cost = costOf(text.length, 100, () => {
        decodeText('number', text);
        for (let length = 1; length <= 64; length++) {
          parseQuantity(text.slice(0, length));
          parseQuantity(`${text.slice(0, length - 1)}!`);
        }
      });
      expect(cost).toBeLessThan(100);
    }
  );
});

test.each([
  [
    '20.5 °C',
    '21 °C',
    '-3.25 °C',
    '0 °C',
    '1e3 °C',
    '1,5 °C',
    '007 °C',
    ' 5 °C',
    '5 °C ',
    '5  °C',
    '5°C',
    '°C',
    'x °C',
  ],
  ['5x', '0x', '0xff', '5xff', '6x'],
  ['5b1', '5 b', '0b1', '0 b', '7b'],
  ['1e5', '5eV', '7eV', '1e5eV', '0.5eV'],
  ['1*kWh', '2*kWh', '00123.4*kWh'],
  ['12 345 W', '12 W', '1 013,2 W', '12345678901234567 W', '1.12345678901234567 W'],
])('a number is read alike as the first message and behind others: %s …', (...texts) => {
  const decode = createDecoder('number');
  for (const text of [...texts, ...texts.toReversed()]) {
    const payload = new TextEncoder().encode(text);
    expect(decode(payload, 'a')).toEqual(createDecoder('number')(payload, 'a'));
  }
});
