import { describe, expect, test } from 'vitest';
import { DecodeFailure } from '../../decode';
import { Rows } from '../../rows/rows';
import { costOf } from '../../../testing/baseline';
import { decodeText } from '../../../testing/decode';

describe('numbers keep their digits', () => {
  test.each<[string, unknown]>([
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', '9007199254740992'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['[18446744073709551615]', ['18446744073709551615']],
    ['{"a":{"b":[1,1715945460123456789]},"c":0.1}', { a: { b: [1, '1715945460123456789'] }, c: 0.1 }],
    ['{"a":1e400,"b":-1e400,"c":1e-400,"d":1e5}', { a: '1e400', b: '-1e400', c: 0, d: 100_000 }],
    [`{"a":1${'0'.repeat(400)}}`, { a: `1${'0'.repeat(400)}` }],
    ['{"a":0.30000000000000004,"b":12345678901234567.5}', { a: 0.30000000000000004, b: 12345678901234568 }],
    ['{"a":"18446744073709551615","b":18446744073709551615}', { a: '18446744073709551615', b: '18446744073709551615' }],
    ['{"a":-0,"b":18446744073709551615}', { a: -0, b: '18446744073709551615' }],
  ])('%.60s', (json, value) => {
    expect(decodeText('json', json)).toEqual(value);
    expect(decodeText('auto', json)).toEqual(value);
  });
});

describe('what JSON is not', () => {
  test.each<[string, unknown]>([
    ['{"a":NaN,"b":nan,"c":-nan}', { a: NaN, b: NaN, c: NaN }],
    ['{"a":Infinity,"b":-Infinity,"c":inf,"d":-inf}', { a: Infinity, b: -Infinity, c: Infinity, d: -Infinity }],
    ['\uFEFF{"a":nan}', { a: NaN }],
    ['{"text":"nan, \\"Infinity\\" \\u00e9 \\\\","x":nan}', { text: 'nan, "Infinity" é \\', x: NaN }],
    [' \t\r\n{ "a" : [ nan , { } , [ ] , "" , true , false , null ] } \n', { a: [NaN, {}, [], '', true, false, null] }],
  ])('%j is read', (json, value) => {
    expect(decodeText('json', json)).toEqual(value);
    expect(decodeText('auto', json)).toEqual(value);
  });

  test.each<[string, RegExp]>([
    ['{"a":1', /expected "," at character 7, but it ends/],
    ['{"a":}', /expected a value at character 6, but found "}"/],
    ['{"a":nano}', /expected a value at character 6, but found "nano}"/],
    ['{a:1}', /expected a key in quotes at character 2, but found "a:1}"/],
    ['{"a":"b}', /expected a text that ends with quotes at character 6, but found "\\"b}"/],
    ['{"a":"\u0001"}', /expected a text of JSON.* at character 6, but found "\\"\\u0001\\"}"/],
    ['{"a":007}', /expected "," at character 7, but found "07}"/],
    ['[1 2]', /expected "," at character 4, but found "2]"/],
    ['[1,]', /expected a value at character 4, but found "]"/],
    ['', /^$/],
  ])('%j is refused with the place', (json, reason) => {
    if (json !== '') {
      expect((decodeText('json', json) as DecodeFailure).reason).toMatch(reason);
    }
  });
});

describe('what comes behind', () => {
  test.each<[string, unknown, string]>([
    ['{"a":1}x', { a: 1 }, '1 character after the JSON: "x".'],
    ['{"a":1}\0x', { a: 1 }, '2 characters after the JSON: "\\u0000x".'],
    ['{"a":1} {"b":', { a: 1 }, '5 characters after the JSON: "{\\"b\\":".'],
  ])('%j is left out, and that is said', (json, value, problem) => {
    const rows = new Rows([{ value }], [`Left out: ${problem}`]);
    expect(decodeText('json', json)).toEqual(rows);
    expect(decodeText('auto', json)).toEqual(rows);
  });

  test('a list is one only where nothing comes behind it, unless the format is JSON', () => {
    expect(decodeText('auto', '[5] started')).toBe('[5] started');
    expect(decodeText('json', '[5] started')).toEqual(
      new Rows([{ value: [5] }], ['Left out: 7 characters after the JSON: "started".'])
    );
  });

  test('a number with something behind it is no number', () => {
    expect(decodeText('json', '21.5 C')).toEqual(
      new DecodeFailure('The payload is not JSON: other text follows it: "C".')
    );
  });

  test('objects one after the other are rows, as JSON lines have them', () => {
    const rows = new Rows([{ value: { a: 1 } }, { value: { a: 2 } }, { value: { a: NaN } }]);
    expect(decodeText('auto', '{"a":1}\n{"a":2}\n{"a":nan}\n')).toEqual(rows);
    expect(decodeText('json', '{"a":1}{"a":2} {"a":nan}')).toEqual(rows);
  });

  test('at most ten thousand of them', () => {
    const rows = decodeText('json', '{"a":1}\n'.repeat(10_001)) as Rows;
    expect(rows.rows).toHaveLength(10_000);
    expect(rows.problems).toEqual([expect.stringMatching(/^Left out: the rows beyond the first 10,000\./)]);
  });
});

describe('names that objects have are names like any other', () => {
  test.each([
    '{"__proto__":{"polluted":1},"constructor":2,"toString":3}',
    '{"__proto__":{"polluted":1},"constructor":2,"toString":nan}',
  ])('%s', (json) => {
    const value = decodeText('json', json) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(value['__proto__']).toEqual({ polluted: 1 });
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('of a key that comes twice the last counts, as with JSON.parse', () => {
    expect(decodeText('json', '{"a":1,"a":nan}')).toEqual({ a: NaN });
  });
});

test('16 MB of text with escapes, next to something that is not JSON, is text', () => {
  const text = 'x\n'.repeat(5_000_000);
  const decoded = decodeText('json', `{"a":nan,"b":${JSON.stringify(text)}}`) as { b: string };
  // Not toEqual, which takes its time.
  expect(decoded.b === text).toBe(true);
});

test.each([
  ['{"a":nan,"b":"\\\\"}', '\\'],
  ['{"a":nan,"b":"\\"}', undefined],
  ['{"a":nan,"b":"\\\\\\""}', '\\"'],
  ['{"a":nan,"b":"x\\\\\\"y"}', 'x\\"y'],
])('%s: where a text ends', (text, b) => {
  const decoded = decodeText('json', text);
  expect(decoded instanceof DecodeFailure ? undefined : (decoded as { b: string }).b).toBe(b);
});

test.each(['nan,', '[', '{"a":', '"', '{"a":nan}', '{"a":1}x', '-', '\\'])(
  'a megabyte of %j that needs care is read in no time',
  (part) => {
    const text = part.repeat(1_000_000 / part.length);
    const cost = costOf(2 * text.length, 200, () => {
      decodeText('json', `[${text}`);
      decodeText('json', `{"a":[nan,${text}`);
    });
    expect(cost).toBeLessThan(200);
  }
);
