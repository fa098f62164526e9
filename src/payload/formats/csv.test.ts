import { describe, expect, test } from 'vitest';
import type { DecodeFailure } from '../decode';
import { Rows } from '../rows/rows';
import { costOf } from '../../testing/baseline';
import { decodeText } from '../../testing/decode';

const rows = (...values: unknown[]): Rows => new Rows(values.map((value) => ({ value })));

describe('csv', () => {
  test.each<[string, unknown]>([
    ['21.5,48,ON', { 1: 21.5, 2: 48, 3: 'ON' }],
    ['21.5;48', { 1: 21.5, 2: 48 }],
    ['21,5;48,25;1013', { 1: 21.5, 2: 48.25, 3: 1013 }],
    ['1,013;5', { 1: '1,013', 2: 5 }],
    ['a\tb\t3', { 1: 'a', 2: 'b', 3: 3 }],
    ['a|b|3', { 1: 'a', 2: 'b', 3: 3 }],
    ['21.5', { 1: 21.5 }],
    ['ON', { 1: 'ON' }],
    [' 21.5 , ON ', { 1: 21.5, 2: 'ON' }],
    ['1,,3', { 1: 1, 2: null, 3: 3 }],
    [',', { 1: null, 2: null }],
    ['1,', { 1: 1, 2: null }],
    ['true,false,True,nan,-inf', { 1: true, 2: false, 3: 'True', 4: NaN, 5: -Infinity }],
    ['007,1e3,0x10,9007199254740993', { 1: '007', 2: 1000, 3: '0x10', 4: '9007199254740993' }],
    ['"21.5",2', { 1: '21.5', 2: 2 }],
    ['"a, b","say ""hi""",3', { 1: 'a, b', 2: 'say "hi"', 3: 3 }],
    ['"two\nlines",3\r\n', { 1: 'two\nlines', 2: 3 }],
    ['"",3', { 1: '', 2: 3 }],
    ['""', { 1: '' }],
    ['"a;b",2', { 1: 'a;b', 2: 2 }],
  ])('%j is one row', (text, value) => {
    expect(decodeText('csv', text)).toEqual(value);
  });

  test.each<[string, Rows]>([
    ['temp,hum\n21.5,48\n21.6,49\n', rows({ temp: 21.5, hum: 48 }, { temp: 21.6, hum: 49 })],
    ['temp;hum\r\n21,5;48\r\n', rows({ temp: 21.5, hum: 48 })],
    ['1,2\n3,4', rows({ 1: 1, 2: 2 }, { 1: 3, 2: 4 })],
    ['1,2\r3,4\r', rows({ 1: 1, 2: 2 }, { 1: 3, 2: 4 })],
    ['1,2\n\n\n3,4\n', rows({ 1: 1, 2: 2 }, { 1: 3, 2: 4 })],
    ['a,a\n1,2\n', rows({ 1: 'a', 2: 'a' }, { 1: 1, 2: 2 })],
    ['a,\n1,2\n', rows({ 1: 'a', 2: null }, { 1: 1, 2: 2 })],
    ['a,b\n1,2,3\n', rows({ a: 1, b: 2, 3: 3 })],
    ['a,b\n1\n', rows({ a: 1 })],
    ['__proto__,constructor\n1,2\n', rows(JSON.parse('{"__proto__":1,"constructor":2}'))],
    ['3,x\nx,3\n', rows({ 1: 3, 2: 'x' }, { 1: 'x', 2: 3 })],
  ])('%j is several', (text, value) => {
    const decoded = decodeText('csv', text);
    expect(decoded instanceof Rows ? decoded : rows(decoded)).toEqual(value);
  });

  test('the query names the columns and the delimiter', () => {
    expect(decodeText('csv', 'ON,21.5,x', { columns: ['state', 'temp'] })).toEqual({ state: 'ON', temp: 21.5, 3: 'x' });
    expect(decodeText('csv', '1,2', { columns: ['', 'b'] })).toEqual({ 1: 1, b: 2 });
    expect(decodeText('csv', '1,2', { columns: ['a', 'a'] })).toEqual({ a: 1, 'a 2': 2 });
    expect(decodeText('csv', '21.5 48', { delimiter: ' ' })).toEqual({ 1: 21.5, 2: 48 });
    expect(decodeText('csv', 'a::b::"c::d"', { delimiter: '::' })).toEqual({ 1: 'a', 2: 'b', 3: 'c::d' });
    expect(decodeText('csv', '1,2', { delimiter: '' })).toEqual({ 1: 1, 2: 2 });
  });

  test.each<[string, RegExp]>([
    ['"never closed,1\n2,3', /quotes at character 1 are never closed/],
    ['1,"a"b', /at character 6 there is "b" behind closing quotes/],
    ['\n\n', /no row: it is blank/],
    ['  ', /no row: it is blank/],
  ])('%j is refused', (text, reason) => {
    expect((decodeText('csv', text) as DecodeFailure).reason).toMatch(reason);
  });

  test('has limits that are told', () => {
    const many = decodeText('csv', '1,2\n'.repeat(10_001)) as Rows;
    expect(many.rows).toHaveLength(10_000);
    expect(many.problems).toEqual([
      expect.stringMatching(/^Left out: the rows beyond the first 10,000\. Have the sender send fewer/),
    ]);
    const wide = decodeText('csv', '1,'.repeat(2_000)) as Rows;
    expect(Object.keys(wide.rows[0].value as object)).toHaveLength(1_000);
    expect(wide.problems).toEqual(['Left out: 1,001 cells beyond the first 1,000 of a row.']);
  });

  test.each(['"', ',', '"a",', '""', ';', 'a', '\n', '",'])('a megabyte of %j takes no time', (part) => {
    const text = part.repeat(1_000_000 / part.length);
    expect(costOf(text.length, 200, () => decodeText('csv', text))).toBeLessThan(200);
  });
});
