import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder, type DecodeFailure } from '../decode';
import { Rows } from '../rows/rows';
import { CsvReader } from './csv';
import { costOf } from '../../testing/baseline';
import { decodeText } from '../../testing/decode';
import '../../testing/parts';

const rows = (...values: unknown[]): Rows => new Rows(values.map((value) => ({ value })));

/** One row as rows, to compare it with several. */
const alike = (decoded: unknown): unknown => (decoded instanceof Rows ? decoded : rows(decoded));

const nulls = (from: number, to: number): object =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, i) => [from + i, null]));

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
    ['true,false,nan,-inf', { 1: true, 2: false, 3: NaN, 4: -Infinity }],
    // As pandas writes and reads booleans.
    ['True,False,TRUE,FALSE,tRue,"True"', { 1: true, 2: false, 3: true, 4: false, 5: 'tRue', 6: 'True' }],
    ['007,1e3,0x10,9007199254740993', { 1: '007', 2: 1000, 3: '0x10', 4: '9007199254740993' }],
    ['"21.5",2', { 1: '21.5', 2: 2 }],
    ['"a, b","say ""hi""",3', { 1: 'a, b', 2: 'say "hi"', 3: 3 }],
    ['"two\nlines",3\r\n', { 1: 'two\nlines', 2: 3 }],
    ['"",3', { 1: null, 2: 3 }],
    ['""', { 1: null }],
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
    ['a,a\n1,2\n', rows({ a: 1, 'a 2': 2 })],
    ['a,\n1,2\n', rows({ a: 1, 2: 2 })],
    ['temp;temp\n21,5;21,6\n', rows({ temp: 21.5, 'temp 2': 21.6 })],
    // A delimiter behind each cell, as small devices write it
    ['temp;hum;\n21,5;48;\n21,6;49;\n', rows({ temp: 21.5, hum: 48 }, { temp: 21.6, hum: 49 })],
    ['temp,\n1,\n2\n3,\n', rows({ temp: 1 }, { temp: 2 }, { temp: 3 })],
    ['ok,ok\nx,y\n', rows({ 1: 'ok', 2: 'ok' }, { 1: 'x', 2: 'y' })],
    ['ok,\nx,\n', rows({ 1: 'ok', 2: null }, { 1: 'x', 2: null })],
    ['a,b\n1,2,3\n', rows({ a: 1, b: 2, 3: 3 })],
    ['a,b\n1\n', rows({ a: 1 })],
    ['__proto__,constructor\n1,2\n', rows(JSON.parse('{"__proto__":1,"constructor":2}'))],
    ['3,x\nx,3\n', rows({ 1: 3, 2: 'x' }, { 1: 'x', 2: 3 })],
  ])('%j is several', (text, value) => {
    const decoded = decodeText('csv', text);
    expect(decoded instanceof Rows ? decoded : rows(decoded)).toEqual(value);
  });

  test.each<[string, Rows]>([
    [
      ',time,temp\n0,2024-05-17 11:31:00,21.5\n1,2024-05-17 11:32:00,21.6\n',
      rows({ 1: 0, time: '2024-05-17 11:31:00', temp: 21.5 }, { 1: 1, time: '2024-05-17 11:32:00', temp: 21.6 }),
    ],
    [',temp,ok\n2024-05-17,21.5,True\n', rows({ 1: '2024-05-17', temp: 21.5, ok: true })],
    ['time,nan,temp\n1,2,3\n', rows({ time: 1, nan: 2, temp: 3 })],
    ['temp,NaN\n1,\n2,3\n', rows({ temp: 1, NaN: null }, { temp: 2, NaN: 3 })],
    ['temp;inf;True\n1;2;3\n', rows({ temp: 1, inf: 2, True: 3 })],
    // Not names: there is no column of numbers below a name.
    ['ok,nan\nok,3\n', rows({ 1: 'ok', 2: NaN }, { 1: 'ok', 2: 3 })],
    ['true,nan\n1,2\n', rows({ 1: true, 2: NaN }, { 1: 1, 2: 2 })],
    [',ON\n,OFF\n', rows({ 1: null, 2: 'ON' }, { 1: null, 2: 'OFF' })],
    ['a,,b\n1,2,3\n', rows({ a: 1, 2: 2, b: 3 })],
    [',temp\n,21.5\n', rows({ 1: null, temp: 21.5 })],
  ])('%j is read as pandas writes it', (text, value) => {
    const decoded = decodeText('csv', text);
    expect(decoded instanceof Rows ? decoded : rows(decoded)).toEqual(value);
  });

  test.each<[string, unknown]>([
    ['1,NA,3', { 1: 1, 2: null, 3: 3 }],
    ['NA', { 1: null }],
    ['1;NULL;null;None;N/A;n/a;<NA>;#N/A;#NA;NaT', { 1: 1, ...nulls(2, 10) }],
    ['1;#DIV/0!;#VALUE!;#REF!;1.#IND;-1.#QNAN', { 1: 1, ...nulls(2, 6) }],
    ['"NA",1', { 1: 'NA', 2: 1 }],
    ['NAME,Nation,NA1,1', { 1: 'NAME', 2: 'Nation', 3: 'NA1', 4: 1 }],
    // R: write.csv(data.frame(...))
    [
      '"","temp","ok"\n"1",21.5,TRUE\n"2",NA,NA\n',
      rows({ 1: '1', temp: 21.5, ok: true }, { 1: '2', temp: null, ok: null }),
    ],
    ['temp,hum\nNA,48\n21,NA\n', rows({ temp: null, hum: 48 }, { temp: 21, hum: null })],
    ['temp,NA\n1,2\n', rows({ temp: 1, NA: 2 })],
    ['ok,NA\nbad,NA\n', rows({ 1: 'ok', 2: null }, { 1: 'bad', 2: null })],
    ['temp;hum\n#N/A;48\n#DIV/0!;49\n', rows({ temp: null, hum: 48 }, { temp: null, hum: 49 })],
    ['temp,hum\n"",1\n21,2\n', rows({ temp: null, hum: 1 }, { temp: 21, hum: 2 })],
    ['1;1.#INF;-1.#INF', { 1: 1, 2: Infinity, 3: -Infinity }],
  ])('%j has missing values, or infinite ones', (text, value) => {
    expect(alike(decodeText('csv', text))).toEqual(alike(value));
    const reader = new CsvReader({});
    reader.read('1;2;3;4;5;6;7;8;9;10');
    reader.read('1,2,3,4,5,6,7,8,9,10');
    expect(alike(reader.readPlain(new TextEncoder().encode(text)) ?? reader.read(text))).toEqual(alike(value));
  });

  test.each<[string, unknown]>([
    ['sep=;\n21,5;48\n', { 1: 21.5, 2: 48 }],
    ['sep=;\r\ntemp;hum\r\n21,5;48\r\n', { temp: 21.5, hum: 48 }],
    ['"sep=,"\ntemp,note\n21.5,"a;b"\n', { temp: 21.5, note: 'a;b' }],
    ['SEP=\t\na;1\tb\n1\t2', rows({ 'a;1': 1, b: 2 })],
    ['\ufeffsep=^\ntemp^hum\n1^2\n', { temp: 1, hum: 2 }],
  ])('%j has a line that names the separator', (text, value) => {
    expect(alike(decodeText('csv', text))).toEqual(alike(value));
  });

  test.each<[string, unknown]>([
    [',0,1\n0,21.5,48\n1,21.6,47\n', rows({ index: 0, 0: 21.5, 1: 48 }, { index: 1, 0: 21.6, 1: 47 })],
    [',0\n2024-05-17 11:31:00,21.5\n', { 1: '2024-05-17 11:31:00', 0: 21.5 }],
    [';0;1\n0;21,5;48\n', { index: 0, 0: 21.5, 1: 48 }],
    [',0,1\n,21.5,48\n', rows({ 1: null, 2: 0, 3: 1 }, { 1: null, 2: 21.5, 3: 48 })],
    [',1,2\n0,21.5,48\n', rows({ 1: null, 2: 1, 3: 2 }, { 1: 0, 2: 21.5, 3: 48 })],
    ['21,5;48,1\n21,6;49,1\n', rows({ 1: 21.5, 2: 48.1 }, { 1: 21.6, 2: 49.1 })],
    ['21,5\t48,1\n21,6\t49,1\n', rows({ 1: 21.5, 2: 48.1 }, { 1: 21.6, 2: 49.1 })],
    ['kitchen;21,5\nbath;22,5', rows({ 1: 'kitchen', 2: 21.5 }, { 1: 'bath', 2: 22.5 })],
    ['a;1.234,5\nb;2.345,5', rows({ 1: 'a', 2: '1.234,5' }, { 1: 'b', 2: '2.345,5' })],
    ['21.5C,open\n22C,closed', rows({ 1: '21.5C', 2: 'open' }, { 1: '22C', 2: 'closed' })],
    ['12%,ok\n12.5%,ok', rows({ 1: '12%', 2: 'ok' }, { 1: '12.5%', 2: 'ok' })],
    ['9:05;ok\n10:05:30;fail', rows({ 1: '9:05', 2: 'ok' }, { 1: '10:05:30', 2: 'fail' })],
    ['192.168.1.5,up\n10.0.0.1,down', rows({ 1: '192.168.1.5', 2: 'up' }, { 1: '10.0.0.1', 2: 'down' })],
    [
      '2024-05-17T11:00:00,open\n2024-05-17T11:00:00.123456,closed',
      rows({ 1: '2024-05-17T11:00:00', 2: 'open' }, { 1: '2024-05-17T11:00:00.123456', 2: 'closed' }),
    ],
    [
      '2024-05-17T11:58:00Z,ON\n2024-05-17T11:59:00Z,OFF',
      rows({ 1: '2024-05-17T11:58:00Z', 2: 'ON' }, { 1: '2024-05-17T11:59:00Z', 2: 'OFF' }),
    ],
    ['a;007\nb;008', rows({ 1: 'a', 2: '007' }, { 1: 'b', 2: '008' })],
    ['a,21.5C\nb,22.25C', rows({ 1: 'a', 2: '21.5C' }, { 1: 'b', 2: '22.25C' })],
    ['room,24h,2024-05-17\na,21.5,1', { room: 'a', '24h': 21.5, '2024-05-17': 1 }],
  ])('%j has the numbers that pandas gives to columns, or has values', (text, value) => {
    expect(alike(decodeText('csv', text))).toEqual(alike(value));
  });

  test('a delimiter of the query has priority over the line that names one', () => {
    expect(decodeText('csv', 'sep=;\na;b|1\n', { delimiter: '|' })).toEqual({ 1: 'a;b', 2: 1 });
  });

  test.each<[string, unknown]>([
    ['# made by a logger\ntemp,hum\n21,48\n', { temp: 21, hum: 48 }],
    ['# logger 5; cellar\r\n#\r\n21.5,48\r\n', { 1: 21.5, 2: 48 }],
    ['temp;hum\n21;48\n# the end, really\n22;49', rows({ temp: 21, hum: 48 }, { temp: 22, hum: 49 })],
    // InfluxDB, annotated.
    [
      '#group,false,true\n#datatype,string,double\n#default,,\n,result,_value\n,mean,21.5\n',
      { 1: null, result: 'mean', _value: 21.5 },
    ],
    // numpy.savetxt with a header, and gnuplot.
    ['# time,temp\n1,21.5\n2,22\n', rows({ time: 1, temp: 21.5 }, { time: 2, temp: 22 })],
    ['#temp;hum\n21,5;48', { temp: 21.5, hum: 48 }],
    ['# Station 5, roof\n1,21.5,3\n', { 1: 1, 2: 21.5, 3: 3 }],
    // The lines of a device, and of a text in quotes.
    ['#01,21.5', { 1: '#01', 2: 21.5 }],
    ['#01,21.5\r\n', { 1: '#01', 2: 21.5 }],
    ['#01,21.5\n#02,22\n', rows({ 1: '#01', 2: 21.5 }, { 1: '#02', 2: 22 })],
    ['a,"x\n# y"\n1,2', rows({ a: 1, 'x\n# y': 2 })],
    ['1,#2\n3,#4', rows({ 1: 1, 2: '#2' }, { 1: 3, 2: '#4' })],
  ])('%j has comments, or what is none', (text, value) => {
    expect(alike(decodeText('csv', text))).toEqual(alike(value));
  });

  test.each(['time,temp\n', ',time,temp\n', 'Timestamp;value', '"date","temp"\r\n', 'time,temp,temp,\n'])(
    '%j is a header without rows',
    (text) => {
      expect(decodeText('csv', text)).toEqual(rows());
    }
  );

  test.each<[string, unknown]>([
    [' 1 ; 2,5 ;', { 1: 1, 2: 2.5, 3: null }],
    ['1;2', { 1: 1, 2: 2 }],
    ['x;;3', { 1: 'x', 2: null, 3: 3 }],
    ['1;"2;3";4', { 1: 1, 2: '2;3', 3: 4 }],
    ['1;2\n', { 1: 1, 2: 2 }],
    ['5', { 1: 5 }],
    ['1,2', { 1: 1, 2: 2 }],
    ['1;True;nan', { 1: 1, 2: true, 3: NaN }],
  ])('%j is read alike as the first message and behind others', (text, value) => {
    const decoder = (): ((text: string) => unknown) => {
      const decode = createDecoder('csv');
      return (line) => decode(new TextEncoder().encode(line), 'a');
    };
    expect(decoder()(text)).toEqual(value);
    const read = decoder();
    read('7;8;9');
    read('7;8;9');
    expect(read(text)).toEqual(value);
    expect(read('a;b;c')).toEqual({ 1: 'a', 2: 'b', 3: 'c' });
    expect(read('time;temp')).toEqual(rows());
  });

  test('a line that is read from its bytes is what its text would be', () => {
    let quick = 0;
    const cell = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.integer().map(String),
      fc.stringMatching(/^[-+ 0-9.,;eTx"\t\u00e9]{0,20}$/),
      fc.constantFrom('', 'ON', 'True', ' 21.5 ', '007', '-0', '.5', '5.', '21,5', '-', '--1', '1.2.3', 'nan')
    );
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 1, maxLength: 7 }),
        fc.constantFrom(';', ',', '\t', '|'),
        fc.constantFrom(undefined, ';', ' ', '.'),
        (cells, separator, delimiter) => {
          const line = cells.join(delimiter ?? separator);
          const reader = new CsvReader({ delimiter });
          for (const before of [1, 2]) {
            reader.read(Array.from({ length: 6 }, () => before).join(delimiter ?? separator));
          }
          const plain = reader.readPlain(new TextEncoder().encode(line));
          if (plain !== undefined) {
            quick++;
            expect(plain).toEqual(reader.read(line));
          }
        }
      ),
      { numRuns: 3_000, seed: 7 }
    );
    expect(quick).toBeGreaterThan(300);
  });

  test('a header that came before is none of text, whatever its names', () => {
    const reader = new CsvReader({});
    const read = (text: string): unknown => reader.read(text);
    expect(read('temp,hum\n')).toEqual({ 1: 'temp', 2: 'hum' });
    expect(read('temp,hum\n21,48\n')).toEqual({ temp: 21, hum: 48 });
    expect(read('temp,hum\n')).toEqual(rows());
    expect(read('ON,OFF\n')).toEqual({ 1: 'ON', 2: 'OFF' });
    expect(new CsvReader({ columns: ['a', 'b'] }).read('time,temp\n')).toEqual({ a: 'time', b: 'temp' });
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
    ['1,"a"b', /at character 6 there is "b" after the closing quotes/],
    ['\n\n', /no row: it is blank/],
    ['  ', /no row: it is blank/],
  ])('%j is refused', (text, reason) => {
    expect((decodeText('csv', text) as DecodeFailure).reason).toMatch(reason);
  });

  test('has limits that are reported', () => {
    const many = decodeText('csv', '1,2\n'.repeat(10_001)) as Rows;
    expect(many.rows).toHaveLength(10_000);
    expect(many.problems).toEqual([
      expect.stringMatching(/^Left out: the rows beyond the first 10,000\. Have the sender send fewer/),
    ]);
    const wide = decodeText('csv', '1,'.repeat(2_000)) as Rows;
    expect(Object.keys(wide.rows[0].value as object)).toHaveLength(1_000);
    expect(wide.problems).toEqual(['Left out: 1,001 cells beyond the first 1,000 of a row.']);
  });

  test.each(['"', ',', '"a",', '""', ';', 'a', '\n', '",', '#\n', '#,\n', 'a\n#\n'])(
    'a megabyte of %j takes no time',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      expect(costOf(text.length, 200, () => decodeText('csv', text))).toBeLessThan(200);
    }
  );
});
