import { assert, dictionary, integer, jsonValue, property, string } from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { RUNS } from '../testing/decode';
import '../testing/parts';
import { nestedJson, openerOf } from './nested-json';
import { compilePath, parsePath } from './paths';

const get = (path: string, text: string): unknown => compilePath(parsePath(path))({ m: text });

afterEach(() => {
  nestedJson.problem = undefined;
  nestedJson.isNeeded = false;
});

describe('JSON in a text', () => {
  test('of any kind has its value, also without the bracket or the quotes that are missing', () => {
    assert(
      property(dictionary(string(), jsonValue()), integer({ min: 0, max: 60 }), (object, cut) => {
        nestedJson.problem = undefined;
        const text = JSON.stringify({ t: 1, ...object });
        get('m.t', text);
        expect(nestedJson.problem).toBeUndefined();
        const broken = text.slice(0, cut) + text.slice(cut + 1);
        get('m.t', broken);
        expect(nestedJson.problem ?? 'The text at "m" .').toMatch(/^The text at "m" .*\.$/s);
        nestedJson.problem = undefined;
      }),
      { numRuns: RUNS }
    );
  });

  test('is not looked for in other text, and nothing is thrown', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        get('m.t', text);
        if (!/^\s*[{[]/.test(text)) {
          expect(nestedJson.problem).toBeUndefined();
        }
        nestedJson.problem = undefined;
      }),
      { numRuns: RUNS }
    );
  });

  test('that is almost JSON is marked while what reads it is not there', () => {
    const open = openerOf(() => undefined);
    expect(open('{"a":1}', ['m'], 1)).toEqual({ a: 1 });
    expect(open('text', ['m'], 1)).toBeUndefined();
    expect(nestedJson.isNeeded).toBe(false);
    expect(open('{a:1}', ['m'], 1)).toBeUndefined();
    expect(nestedJson.isNeeded).toBe(true);
  });

  test('has one problem for each text, and the first of several', () => {
    expect(get('m.t', '{"t": 007}')).toBeUndefined();
    expect(get('m.u', '{"t": 008}')).toBeUndefined();
    expect(nestedJson.problem).toBe('The text at "m" is not JSON: expected a value at character 7, but found "007}".');
  });
});
