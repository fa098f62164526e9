import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Path } from './columns/batch';
import { formatPath } from './columns/names';
import { compilePath, parsePath, PathError } from './paths';

/** Keys that mean something, here or elsewhere, and any others. */
const key = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    'a.b',
    '[',
    ']',
    '"',
    '\\',
    '[0]',
    '0',
    ' a ',
    '__proto__',
    'constructor',
    'toString',
    'Value'
  ),
  fc.string(),
  fc.string({ unit: 'binary' })
);
const step = fc.oneof(key, fc.nat({ max: 1_000 }));
const path = fc.array(step, { minLength: 1, maxLength: 6 });

describe('parsePath', () => {
  test.each<[string, Path]>([
    ['a', ['a']],
    ['a.b', ['a', 'b']],
    ['["a.b"]', ['a.b']],
    ['a["b.c"].d', ['a', 'b.c', 'd']],
    ['list[0]', ['list', 0]],
    ['[0][1].x', [0, 1, 'x']],
    ['switch:0.a energy/total', ['switch:0', 'a energy/total']],
    ['[""]', ['']],
    ['__proto__.constructor', ['__proto__', 'constructor']],
    ['a[ "b" ]', ['a', 'b']],
    ['a["\\u00e9\\""]', ['a', 'é"']],
    ['  a.b ', ['a', 'b']],
    ['', []],
    ['$.a', ['$', 'a']],
  ])('%s', (text, wanted) => {
    expect(parsePath(text)).toEqual(wanted);
  });

  test.each([
    'a..b',
    '.a',
    'a.',
    'a[',
    'a[]',
    'a[x]',
    'a[-1]',
    'a["b]',
    'a]b',
    '[0]a',
    'a"b',
    'a["\\x"]',
    'a['.repeat(9),
  ])('%s is refused in words', (text) => {
    expect(() => parsePath(text)).toThrow(PathError);
    expect(() => parsePath(text)).toThrow(/^(In the path|The path) /);
  });

  test('reads back whatever formatPath writes', () => {
    fc.assert(
      fc.property(path, (each) => {
        expect(parsePath(formatPath(each))).toEqual(each);
      })
    );
  });

  test('any text is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Array.isArray(parsePath(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(PathError);
        }
      })
    );
  });

  test('is quick with long texts', () => {
    expect(() => parsePath('['.repeat(100_000))).toThrow(PathError);
    expect(() => parsePath('a.'.repeat(100_000))).toThrow(PathError);
    expect(() => parsePath(`["${'\\'.repeat(100_000)}`)).toThrow(PathError);
  });
});

describe('compilePath', () => {
  test.each<[string, unknown, unknown]>([
    ['m.t', { m: '{"t":1}' }, 1],
    ['m.t', { m: ' {"t":18446744073709551615}' }, '18446744073709551615'],
    ['m[1]', { m: '[5,6]' }, 6],
    ['t', '{"t":1}', 1],
    ['a.b.c', { a: '{"b":"{\\"c\\":7}"}' }, 7],
    ['m.t', { m: JSON.stringify('{"t":1}') }, 1],
    ['m.t', { m: JSON.stringify(JSON.stringify(JSON.stringify({ t: 1 }))) }, 1],
    ['m.t', { m: '"t"' }, undefined],
    ['m.t', { m: '"{t} on"' }, undefined],
    ['m.t', { m: 'text' }, undefined],
    ['m.t', { m: '{"t"' }, undefined],
    ['m.t', { m: '{"t":0.12345678901234567,"s":"12345678901234567890"}' }, 0.12345678901234566],
    ['m.s', { m: '{"s":"12345678901234567890, 1"}' }, '12345678901234567890, 1'],
    ['m[0]', { m: `${'['.repeat(10_000)}${']'.repeat(10_000)}` }, undefined],
    ['m.b', { m: '{"a":"]]\\"[","b":[1]}' }, [1]],
    ['m.b', { m: `{"a":"${']'.repeat(300)}","b":${'['.repeat(300)}${']'.repeat(300)}}` }, undefined],
    ['m.length', { m: '[5,6]' }, undefined],
    ['m.length', { m: 'text' }, undefined],
    ['m', { m: '{"t":1}' }, '{"t":1}'],
  ])('reads through JSON in a text: %s of %j', (path, value, found) => {
    expect(compilePath(parsePath(path))(value)).toEqual(found);
  });

  const get = (value: unknown, text: string): unknown => compilePath(parsePath(text))(value);

  test.each<[unknown, string, unknown]>([
    [{ a: { b: 1 } }, 'a.b', 1],
    [{ a: null }, 'a', null],
    [{ a: null }, 'a.b', undefined],
    [{ a: [1, { x: 2 }] }, 'a[1].x', 2],
    [{ a: [1] }, 'a.0', undefined],
    [{ a: { 0: 'x' } }, 'a.0', 'x'],
    [{ a: { 0: 'x' } }, 'a[0]', undefined],
    [{ a: [1] }, 'a.length', undefined],
    [{ a: 'text' }, 'a.length', undefined],
    [5, '', 5],
    [5, 'Value', 5],
    [{ Value: 6 }, 'Value', 6],
    [{ a: 1 }, 'Value', undefined],
    [undefined, 'a', undefined],
  ])('%j at %s', (value, text, wanted) => {
    expect(get(value, text)).toEqual(wanted);
  });

  test('finds what is inherited nowhere, and what is the payload’s own everywhere', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      expect(get({}, name)).toBeUndefined();
      expect(get([], name)).toBeUndefined();
      expect(get(JSON.parse(`{"${name}":1}`), name)).toBe(1);
    }
  });

  test('finds each value of any JSON at the path that it was put at', () => {
    fc.assert(
      fc.property(path, fc.jsonValue(), (steps, value) => {
        const message = steps.reduceRight<unknown>((below, each) => {
          if (typeof each === 'number') {
            const list: unknown[] = [];
            list[each] = below;
            return list;
          }
          return Object.defineProperty({}, each, { value: below, enumerable: true });
        }, value);
        const scalar = steps.length === 0;
        expect(compilePath(steps)(message)).toEqual(scalar ? message : value);
      })
    );
  });
});
