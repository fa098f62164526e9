import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RUNS } from '../../../testing/decode';
import '../../../testing/parts';
import { createDecoder } from '../../decode';
import { readDocuments } from './json-reader';
import { expectRepairs, parseRepaired } from './repaired';

const repaired = (text: string): unknown => {
  expectRepairs();
  return parseRepaired(text);
};

describe('JSON with words and long integers, behind another of its kind', () => {
  test.each<[string, unknown]>([
    ['{"a":nan,"b":[1,-Infinity , +inf],"c":{"d":NaN}}', { a: NaN, b: [1, -Infinity, Infinity], c: { d: NaN } }],
    ['[ nan\t]', [NaN]],
    ['{"id":9007199254740993,"n":-18446744073709551615}', { id: '9007199254740993', n: '-18446744073709551615' }],
    ['{"id":9007199254740991,"x":nan}', { id: 9007199254740991, x: NaN }],
    ['{"a":"\\u0000nan","b":nan}', { a: '\0nan', b: NaN }],
    ['{"id":9007199254740993,"n":{"id":1}}', { id: '9007199254740993', n: { id: 1 } }],
    ['{"a\\"b":9007199254740993}', { 'a"b': '9007199254740993' }],
    ['{"a b": 9007199254740993 ,"l":[9007199254740993]}', { 'a b': '9007199254740993', l: ['9007199254740993'] }],
    ['[9007199254740992,{"0":9007199254740993}]', ['9007199254740992', { 0: '9007199254740993' }]],
    ['{"x":{"id" :9007199254740993},"id":9007199254740995}', { x: { id: '9007199254740993' }, id: '9007199254740995' }],
    ['{"id":9007199254740993,"x":nan}', { id: '9007199254740993', x: NaN }],
    ['{"config":1,"id":9007199254740993}', { config: 1, id: '9007199254740993' }],
    ['{"__proto__":nan,"":inf}', JSON.parse('{"__proto__":1e999,"":1e999}')],
  ])('%s is read at once', (text, value) => {
    const read = repaired(text);
    expect(read).toEqual(text.includes('__proto__') ? readDocuments(text, 1).values[0] : value);
    expect(read).toEqual(readDocuments(text, 1).values[0]);
  });

  test.each(['{"a":1}', '{"a":",12345678901234567890,"}', '{"inf":1}', '{"a":"nanometre"}'])(
    '%s is read as it is',
    (text) => {
      expect(repaired(text)).toEqual(JSON.parse(text));
    }
  );

  test.each([
    '{"a":"x,nan,y"}',
    '{"a":"[nan]","b":nan}',
    '{",nan,":1}',
    '{"a":"\\u0081nan","b":nan}',
    '{"a":"\u0081nan","b":nan}',
    '{"a":nano}',
    '{"a":nan',
    '{"a":1e400,"b":nan}',
    '{"a":12345678901234567890.5}',
    '{"a":1e30}',
    '{"a":nan}{"a":nan}',
    'nan',
    `${'['.repeat(300)}nan${']'.repeat(300)}`,
  ])('%.60s is left to those who read each character', (text) => {
    expect(repaired(text)).toBeUndefined();
  });

  test('is not looked for where no payload had it', () => {
    expectRepairs();
    for (let i = 0; i < 64; i++) {
      expect(parseRepaired('{"a":1}')).toEqual({ a: 1 });
    }
    expect(parseRepaired('{"a":nan}')).toBeUndefined();
    expect(createDecoder('json')(new TextEncoder().encode('{"a":nan}'), 't')).toEqual({ a: NaN });
    expect(parseRepaired('{"a":nan}')).toEqual({ a: NaN });
  });

  test('is what is read character by character, or is not read here', () => {
    const scalar = fc.oneof(
      fc.constantFrom('nan', '-nan', 'NaN', 'inf', '-inf', '+Infinity', 'null', 'true', '1.5', '1e999'),
      fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
      fc
        .string({
          unit: fc.constantFrom(',', ':', '[', ']', '"', 'nan', 'inf', '\\', '12345678901234567890', ' ', '\u0081'),
        })
        .map((text) => JSON.stringify(text))
    );
    const json = fc.letrec<{ any: string }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie('any'), { maxLength: 4 }).map((items) => `[${items.join(' , ')}]`),
        fc
          .array(fc.tuple(scalar, tie('any')), { maxLength: 4 })
          .map((entries) => `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${item}`).join(',')}}`)
      ),
    })).any;
    fc.assert(
      fc.property(json, (text) => {
        const read = repaired(text);
        if (read !== undefined) {
          expect(read).toEqual(readDocuments(text, 1).values[0]);
        }
      }),
      { numRuns: RUNS * 5 }
    );
  });
});
