import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numbersOf, type SeriesChunk, timesOf, valueAt } from './batch';
import { halvesOf, readNumber } from './cells';
import { createDecoder, DecodeFailure } from '../decode';
import { PAYLOAD_LIMITS } from '../limits';
import { Rows } from '../rows/rows';
import { SeriesBuilder } from './series-builder';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);
const ARRIVAL = Date.UTC(2026, 10, 26);
const encoder = new TextEncoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);

/** Adds a payload as the engine does. @returns whether it was read where it lies. */
function add(builder: SeriesBuilder, payload: Uint8Array, time = ARRIVAL): boolean {
  if (builder.addSimilarJson(time, payload)) {
    return true;
  }
  const value = createDecoder('json')(payload, 't');
  if (!(value instanceof DecodeFailure) && !(value instanceof Rows)) {
    builder.add(time, value);
  }
  return false;
}

/** Decodes the payloads one after the other. @returns for each, whether the fast path read it. */
function familiar(...payloads: string[]): boolean[] {
  const builder = new SeriesBuilder(0, 't', 1_000);
  return payloads.map((payload) => add(builder, bytes(payload)));
}

function seen(chunk: SeriesChunk | undefined): unknown {
  return (
    chunk && {
      rows: chunk.rows,
      dropped: chunk.dropped,
      times: [...timesOf(chunk)],
      columns: chunk.columns.map((column) => {
        const numbers = numbersOf(chunk, column);
        const cells =
          numbers === undefined
            ? Array.from({ length: chunk.rows }, (_, row) => valueAt(column, row))
            : Array.from(numbers, (_, i) => readNumber(numbers, halvesOf(numbers), i));
        return [column.index, column.spec, cells];
      }),
    }
  );
}

describe('what is like the last message is read where it lies', () => {
  test.each([
    ['numbers', '{"a":1,"b":-2.5}', '{"a":0.25,"b":-0}'],
    ['text, as it was and another', '{"a":"x","b":"on"}', '{"a":"y ü 🌧","b":"on"}'],
    ['words', '{"a":true,"b":false,"c":null}', '{"a":false,"b":true,"c":null}'],
    ['objects in objects', '{"a":{"b":{"c":1}},"d":2}', '{"a":{"b":{"c":3}},"d":4}'],
    ['short lists of numbers', '{"a":[1,2,3]}', '{"a":[4,-5.5]}'],
    ['white space', '{"a":1}', '{\r\n\t"a" : 2 }\n'],
    ['keys of any characters', '{"Wärme °C":1,"a.b":2,"":3}', '{"Wärme °C":4,"a.b":5,"":6}'],
    ['the name of a prototype', '{"__proto__":1}', '{"__proto__":2}'],
    ['a time under the name of one', '{"ts":1795651200,"v":1}', '{"ts":1795651201,"v":1}'],
    ['fewer keys, as far as they are the same', '{"a":1,"b":2}', '{"a":1}'],
  ])('%s', (_, first, second) => {
    expect(familiar(first, second)).toEqual([false, true]);
  });
});

describe('what is not is left alone', () => {
  test.each([
    ['another key', '{"b":1}'],
    ['one more key', '{"a":1,"b":"x","c":1}'],
    ['another order', '{"b":"x","a":1}'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a value of another type', '{"a":"1","b":"x"}'],
    ['an escape', '{"a":1,"b":"\\u0041"}'],
    ['a control character', '{"a":1,"b":"\u0001"}'],
    ['an exponent', '{"a":1e3,"b":"x"}'],
    ['a sixteenth digit', '{"a":1234567890.123456,"b":"x"}'],
    ['a zero before others', '{"a":01,"b":"x"}'],
    ['a point and no digit', '{"a":1.,"b":"x"}'],
    ['a sign and no digit', '{"a":-,"b":"x"}'],
    ['a word that is none', '{"a":nul,"b":"x"}'],
    ['NaN', '{"a":nan,"b":"x"}'],
    ['a list', '{"a":[1],"b":"x"}'],
    ['the end too soon', '{"a":1,"b":"x"'],
    ['the end within text', '{"a":1,"b":"x'],
    ['no key behind a comma', '{"a":1,}'],
    ['something behind it', '{"a":1,"b":"x"} x'],
    ['another object behind it', '{"a":1,"b":"x"}{"a":1,"b":"x"}'],
    ['no object', '[1]'],
    ['nothing', ''],
  ])('%s', (_, other) => {
    const builder = new SeriesBuilder(0, 't', 1_000);
    add(builder, bytes('{"a":1,"b":"x"}'));
    builder.take();
    expect(builder.addSimilarJson(ARRIVAL, bytes(other))).toBe(false);
    expect(builder.take()).toBeUndefined();
    // And nothing of it is left: what is like the last one is read as before.
    expect(builder.addSimilarJson(ARRIVAL, bytes('{"a":2,"b":"y"}'))).toBe(true);
    const chunk = builder.take()!;
    expect(chunk.columns.map((column) => numbersOf(chunk, column)?.[0] ?? column.values?.[0])).toEqual([2, 'y']);
  });

  test('bytes that are no UTF-8', () => {
    const builder = new SeriesBuilder(0, 't', 1_000);
    add(builder, bytes('{"b":"x"}'));
    const broken = bytes('{"b":"x"}');
    broken[6] = 0xff;
    expect(builder.addSimilarJson(ARRIVAL, broken)).toBe(false);
  });

  test('where the query names fields, or something is filled in, or a message names units', () => {
    const builder = new SeriesBuilder(0, 't', 1_000);
    expect([add(builder, bytes('{"v":1,"unit":"C"}')), add(builder, bytes('{"v":2,"unit":"C"}'))]).toEqual([
      false,
      false,
    ]);
  });
});

test('rows beyond the most are given up here too', () => {
  const builder = new SeriesBuilder(0, 't', 3);
  for (let i = 0; i < 10; i++) {
    add(builder, bytes(`{"a":${i}}`), ARRIVAL + i);
  }
  const chunk = builder.take()!;
  expect([chunk.rows, chunk.dropped, [...numbersOf(chunk, chunk.columns[0])!]]).toEqual([3, 7, [7, 8, 9]]);
});

const scalar = fc.oneof(
  { weight: 4, arbitrary: fc.double({ noDefaultInfinity: true, noNaN: true }).map(String) },
  { weight: 4, arbitrary: fc.integer({ min: -10_000, max: 10_000 }).map((n) => String(n / 100)) },
  fc.constantFrom('-0', '0', '1.50', '1E2', '12345678901234567890', '1795651200', '1795651200.25', '5', 'nan', '01'),
  fc.constantFrom('true', 'false', 'null', 'tru'),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
  fc.constantFrom('"on"', '"off"', '"21 °C"', '"\\u00e4"', '"')
);
const value = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { weight: 6, arbitrary: scalar },
    { weight: 1, arbitrary: tie('object') },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(',')}]`) }
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'ts', 'x y', '1', '__proto__', 'ü'), tie('value')), { maxLength: 4 })
    .map((members) => `{${members.map(([key, member]) => `"${key}":${member}`).join(',')}}`),
}));

function countsOf({
  refusedValues: overflow,
  siblingValues: siblings,
  otherUnitValues: otherUnits,
  deepValues: deep,
  longLists,
  longKeys,
}: SeriesBuilder): unknown {
  return { overflow, siblings, otherUnits, deep, longLists, longKeys };
}

test('whatever comes after whatever, it is what those make of it who read text', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      // Of a few, so that they come again.
      fc.array(value.object, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat({ max: 2 }), fc.constantFrom('', ' ', '\n'), fc.option(scalar)), { maxLength: 12 }),
      fc.constantFrom(PAYLOAD_LIMITS, { levels: 1, items: 1, fields: 3, rows: 1 }),
      (texts, order, limits) => {
        const [fast, slow] = [new SeriesBuilder(0, 't', 8, { limits }), new SeriesBuilder(0, 't', 8, { limits })];
        for (const [i, [which, space, other]] of order.entries()) {
          let text = texts[which % texts.length].replaceAll(',', `${space},${space}`);
          if (other !== null) {
            // The same message with another value somewhere.
            text = text.replace(/:[^{[,}]+/, `:${other}`);
          }
          const payload = bytes(text);
          const value = createDecoder('json')(payload, 't');
          if (value instanceof DecodeFailure || value instanceof Rows) {
            expect(fast.addSimilarJson(ARRIVAL + i, payload)).toBe(false);
          } else {
            slow.add(ARRIVAL + i, value);
            taken += add(fast, payload, ARRIVAL + i) ? 1 : 0;
          }
        }
        expect(seen(fast.take())).toEqual(seen(slow.take()));
        expect(countsOf(fast)).toEqual(countsOf(slow));
      }
    ),
    { numRuns: RUNS * 10 }
  );
  expect(taken).toBeGreaterThan(RUNS * 10);
});
