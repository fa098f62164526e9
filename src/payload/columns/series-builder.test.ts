import { describe, expect, test, vi } from 'vitest';
import {
  type ColumnChunk,
  type ColumnSpec,
  NumberBuffer,
  numbersOf,
  type SeriesChunk,
  timesOf,
  valueAt,
} from './batch';
import { halvesOf, readNumber } from './cells';
import { createDecoder, CLEARED } from '../decode';
import { PAYLOAD_LIMITS, type PayloadLimits } from '../limits';
import { SeriesBuilder } from './series-builder';
import { ExtractedRow } from '../rows/extracted-row';
import { costOf } from '../../testing/baseline';
import { seededRandom } from '../../../testing/random';
import { isRecord } from '../../utils/is-object';

const MISSING = undefined;

function cellsOf(chunk: SeriesChunk, column: ColumnChunk): unknown[] {
  const numbers = numbersOf(chunk, column);
  return numbers === undefined
    ? Array.from({ length: chunk.rows }, (_, row) => valueAt(column, row))
    : Array.from(numbers, (_, i) => readNumber(numbers, halvesOf(numbers), i));
}

/** The cells of these messages in one batch, by the columns' names. */
function collect(...messages: unknown[]): Record<string, [ColumnSpec['type'], unknown[]]> {
  const builder = new SeriesBuilder(0, 't', 1_000);
  messages.forEach((message, i) => builder.add(i, message));
  return columnsOf(builder.take()!);
}

function columnsOf(chunk: SeriesChunk): Record<string, [ColumnSpec['type'], unknown[]]> {
  return Object.fromEntries(
    chunk.columns.map((column) => [column.spec!.name, [column.spec!.type, cellsOf(chunk, column)]])
  );
}

describe('one value', () => {
  test.each<[string, unknown, ColumnSpec['type']]>([
    ['a number', 21.5, 'number'],
    ['text', 'ON', 'string'],
    ['a boolean', true, 'boolean'],
    ['null', null, 'unknown'],
    ['an array', ['a', 2], 'json'],
  ])('%s', (_, value, type) => {
    expect(collect(value)).toEqual({ Value: [type, [value]] });
  });

  test('NaN, null and missing are three things', () => {
    expect(collect({ a: NaN }, { a: null }, {}, { a: 1 })).toEqual({ a: ['number', [NaN, null, MISSING, 1]] });
  });
});

describe('objects', () => {
  test('are flattened, nulls and all', () => {
    expect(collect({ Time: 'x', DS18B20: { Temperature: 20.6, ok: true }, list: [{ a: 1 }], none: null })).toEqual({
      'Time (payload)': ['string', ['x']],
      'DS18B20.Temperature': ['number', [20.6]],
      'DS18B20.ok': ['boolean', [true]],
      list: ['json', [[{ a: 1 }]]],
      none: ['unknown', [null]],
    });
  });

  test('any key survives, and no prototype is touched', () => {
    const text =
      '{"__proto__":1,"constructor":{"prototype":{"polluted":2}},"toString":3,"hasOwnProperty":4,"":5,"a.b":6,"a":{"b":7},"[x]":8,"q\\"":9,"Time":1e12,"Value":11,"0":12,"valueOf":null}';
    const decoded = createDecoder('auto')(new TextEncoder().encode(text), 't');
    const columns = collect(decoded);
    const cells = Object.entries(columns).map(([name, [, [cell]]]) => [name, cell]);
    expect(cells).toEqual([
      ['0', 12],
      ['__proto__', 1],
      ['constructor.prototype.polluted', 2],
      ['toString', 3],
      ['hasOwnProperty', 4],
      ['[""]', 5],
      ['["a.b"]', 6],
      ['a.b', 7],
      ['["[x]"]', 8],
      ['["q\\""]', 9],
      ['Time (payload)', 1e12],
      ['Value', 11],
      ['valueOf', null],
    ]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  test('"__proto__" as an object, nested', () => {
    const decoded = JSON.parse('{"a":{"__proto__":{"polluted":1}},"b":{"c":2}}') as unknown;
    expect(collect(decoded, decoded)).toEqual({
      'a.__proto__.polluted': ['number', [1, 1]],
      'b.c': ['number', [2, 2]],
    });
    expect('polluted' in {}).toBe(false);
  });

  test('fields in another order, left out and come back', () => {
    expect(collect({ a: 1, b: 2, c: 3 }, { c: 6, a: 4 }, {}, { b: 8 }, { a: 10, c: 12 }, { d: 13, a: 14 })).toEqual({
      a: ['number', [1, 4, MISSING, MISSING, 10, 14]],
      b: ['number', [2, MISSING, MISSING, 8, MISSING, MISSING]],
      c: ['number', [3, 6, MISSING, MISSING, 12, MISSING]],
      d: ['number', [MISSING, MISSING, MISSING, MISSING, MISSING, 13]],
    });
  });

  test('an object and one value at the same path keep apart', () => {
    expect(collect(1, { Value: 2 }, { a: 3 }, { a: { b: 4 } })).toEqual({
      Value: ['number', [1, MISSING, MISSING, MISSING]],
      'Value (payload)': ['number', [MISSING, 2, MISSING, MISSING]],
      a: ['number', [MISSING, MISSING, 3, MISSING]],
      'a.b': ['number', [MISSING, MISSING, MISSING, 4]],
    });
  });

  test('an empty object is a row without cells', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    builder.add(1, {});
    expect(builder.take()).toMatchObject({ rows: 1, columns: [], floats: new Float64Array([1]), timesAt: 0 });
  });
});

describe('types', () => {
  test('a value of another type goes to a sibling', () => {
    expect(collect(1, 'nan', true, ['1'], { a: 2 }, { a: 'x' }, 3, null)).toEqual({
      Value: ['number', [1, MISSING, MISSING, MISSING, MISSING, MISSING, 3, null]],
      'Value (text)': ['string', [MISSING, 'nan', MISSING, MISSING, MISSING, MISSING, MISSING, MISSING]],
      'Value (boolean)': ['boolean', [MISSING, MISSING, true, MISSING, MISSING, MISSING, MISSING, MISSING]],
      'Value (JSON)': ['json', [MISSING, MISSING, MISSING, ['1'], MISSING, MISSING, MISSING, MISSING]],
      a: ['number', [MISSING, MISSING, MISSING, MISSING, 2, MISSING, MISSING, MISSING]],
      'a (text)': ['string', [MISSING, MISSING, MISSING, MISSING, MISSING, 'x', MISSING, MISSING]],
    });
  });

  test.each<[ColumnSpec['type'], unknown]>([
    ['number', 1],
    ['string', 'x'],
    ['boolean', false],
    ['json', ['1']],
  ])('nulls first, then %s: the column settles and the nulls stay', (type, value) => {
    expect(collect({ a: null }, {}, { a: null }, { a: value }, { a: null })).toEqual({
      a: [type, [null, MISSING, null, value, null]],
    });
  });

  test('a column settles but once', () => {
    expect(collect(null, 'x', 1, null, 'y')).toEqual({
      Value: ['string', [null, 'x', MISSING, null, 'y']],
      'Value (number)': ['number', [MISSING, MISSING, 1, MISSING, MISSING]],
    });
  });

  test('and says so after its nulls were taken', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    builder.add(0, { a: null });
    expect(builder.take()!.columns[0].spec).toEqual({ path: ['a'], name: 'a', type: 'unknown' });
    builder.add(1, { a: null });
    expect(builder.take()!.columns[0].spec).toBeUndefined();
    builder.add(2, { a: 'x' });
    const { columns } = builder.take()!;
    expect(columns).toEqual([{ index: 0, spec: { path: ['a'], name: 'a', type: 'string' }, values: ['x'] }]);
  });
});

describe('an empty payload', () => {
  test('is null in all columns that are known', () => {
    expect(collect({ a: 1, b: 'x' }, CLEARED, { c: null, a: 2 }, CLEARED)).toEqual({
      a: ['number', [1, null, 2, null]],
      b: ['string', ['x', null, MISSING, null]],
      c: ['unknown', [MISSING, MISSING, null, null]],
    });
  });

  test('is a row without cells where none is known', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    builder.add(1, CLEARED);
    expect(builder.take()).toMatchObject({ rows: 1, columns: [] });
  });
});

const deep = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

describe('caps', () => {
  test('objects are flattened to a depth, and are one JSON value below it', () => {
    const { levels } = PAYLOAD_LIMITS;
    const name = Array.from({ length: levels }, () => 'a').join('.');
    expect(collect(deep(levels))).toEqual({ [name]: ['number', [1]] });
    expect(collect(deep(levels + 1))).toEqual({ [name]: ['json', [{ a: 1 }]] });
    expect(Object.keys(collect(deep(10_000)))).toEqual([name]);
  });

  test('as the docs say: ten levels, 500 fields', () => {
    expect(Object.keys(collect(JSON.parse('{"a":'.repeat(11) + '1' + '}'.repeat(11))))).toEqual([
      'a.a.a.a.a.a.a.a.a.a',
    ]);
    expect(collect(deep(10))).toEqual({ 'a.a.a.a.a.a.a.a.a.a': ['number', [1]] });
    expect(Object.keys(collect(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`k${i}`, i]))))).toHaveLength(
      500
    );
  });

  test('can be other ones, and what hits them is counted', () => {
    const limits: PayloadLimits = { levels: 2, items: 3, fields: 4, rows: 1 };
    const builder = new SeriesBuilder(0, 't', 10, { limits });
    builder.add(0, { a: { b: { c: 1 } }, xyz: [1, 2, 3], long: [1, 2, 3, 4] });
    builder.add(1, { a: { b: { c: 2 } }, long: [1, null, 3, 4], deep: 0 });
    expect([builder.deepValues, builder.longLists, builder.refusedValues]).toEqual([2, 2, 3]);
    expect(builder.take()!.columns.map(({ spec }) => [spec!.name, spec!.type])).toEqual([
      ['a.b', 'json'],
      ['xyz[0]', 'number'],
      ['xyz[1]', 'number'],
      ['xyz[2]', 'number'],
    ]);
  });

  test('a list of other things than numbers is no long list, and one below the last level is too deep', () => {
    const builder = new SeriesBuilder(0, 't', 10, { limits: { ...PAYLOAD_LIMITS, levels: 1, items: 2 } });
    builder.add(0, { words: ['a', 'b', 'c'], mixed: [1, 2, 'c'], short: [1, 2], empty: [], nulls: [null, null, null] });
    expect([builder.deepValues, builder.longLists]).toEqual([1, 0]);
  });

  test('no list is taken apart where it may have no items', () => {
    const builder = new SeriesBuilder(0, 't', 10, { limits: { ...PAYLOAD_LIMITS, items: 0 } });
    builder.add(0, { a: [1], b: [] });
    expect(builder.longLists).toBe(1);
    expect(builder.take()!.columns.map(({ spec }) => spec!.type)).toEqual(['json', 'json']);
  });

  test('fields beyond the most are counted', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    const keys = Array.from({ length: PAYLOAD_LIMITS.fields + 7 }, (_, i) => [`k${i}`, i]);
    builder.add(0, Object.fromEntries(keys));
    expect(builder.refusedValues).toBe(7);
    builder.add(1, { k0: 'text' });
    expect(builder.refusedValues).toBe(8);
    builder.add(2, { k0: 1, k3: null });
    expect(builder.refusedValues).toBe(8);
    expect(builder.take()!.columns).toHaveLength(PAYLOAD_LIMITS.fields);
  });

  test('a million keys, ever new ones, take bounded time and are not remembered', () => {
    const message = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`k${i}`, i]));
    const others = Array.from({ length: 10_000 }, (_, i) => ({ [`other${i}`]: { a: { b: i } } }));
    let builder!: SeriesBuilder;
    const cost = costOf(1_010_000 * 8, 50, () => {
      builder = new SeriesBuilder(0, 't', 10);
      builder.add(0, message);
      others.forEach((other, i) => builder.add(i, other));
    });
    expect(builder.refusedValues).toBe(1_010_000 - PAYLOAD_LIMITS.fields);
    expect(cost).toBeLessThan(50);
    expect(builder.take()!.columns).toHaveLength(PAYLOAD_LIMITS.fields);
  });

  test('a key that is no name is counted and not remembered', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    builder.add(0, { ['k'.repeat(1_000)]: 1, ['k'.repeat(1_001)]: 2, b: 3 });
    expect([builder.longKeys, builder.refusedValues]).toEqual([1, 0]);
    expect(builder.take()!.columns.map((column) => column.spec!.name.length)).toEqual([1_000, 1]);
  });

  test('what a burst needed is not kept', () => {
    const builder = new SeriesBuilder(0, 't', 100_000);
    // The arrays are private; what `take` copies from is what is held.
    const add = vi.spyOn(NumberBuffer.prototype, 'add');
    const held = (): number[] => add.mock.calls.map(([array]) => array.length);
    for (let i = 0; i < 50_000; i++) {
      builder.add(i, i);
    }
    builder.take();
    const inBurst = held();
    builder.add(0, 1);
    builder.take();
    const after = held().slice(inBurst.length);
    add.mockRestore();
    expect(inBurst).toHaveLength(2);
    expect(Math.min(...inBurst)).toBeGreaterThanOrEqual(50_000);
    expect(after).toHaveLength(2);
    expect(Math.max(...after)).toBeLessThanOrEqual(1_024);
  });
});

test('rows that nobody takes are given up, and their memory with them', () => {
  const builder = new SeriesBuilder(0, 't', 10);
  for (let i = 0; i < 100_000; i++) {
    builder.add(i, i % 2 === 0 ? i : 'x');
  }
  const add = vi.spyOn(NumberBuffer.prototype, 'add');
  const chunk = builder.take()!;
  const held = add.mock.calls.map(([array]) => array.length);
  add.mockRestore();
  expect([chunk.rows, chunk.dropped]).toEqual([10, 99_990]);
  expect(held).toHaveLength(2);
  expect(Math.max(...held)).toBeLessThanOrEqual(64);
});

describe('take', () => {
  test('gives the topic with the first chunk, even before there is a row', () => {
    const builder = new SeriesBuilder(3, 'a/b', 10);
    expect(builder.empty).toBe(false);
    expect(builder.take()).toMatchObject({ series: 3, topic: 'a/b', rows: 0, dropped: 0, columns: [] });
    expect(builder.empty).toBe(true);
    expect(builder.take()).toBeUndefined();
    builder.add(1, 1);
    expect(builder.take()).not.toHaveProperty('topic', 'a/b');
  });

  test('leaves out columns that had nothing, and pads those that had something', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    builder.add(0, { a: 1, b: 'x', c: 2 });
    builder.take();
    builder.add(1, { a: 3 });
    builder.add(2, { b: 'y' });
    builder.add(3, {});
    const chunk = builder.take()!;
    expect([chunk.rows, ...timesOf(chunk)]).toEqual([3, 1, 2, 3]);
    expect(chunk.columns.map((column) => [column.index, cellsOf(chunk, column)])).toEqual([
      [0, [3, MISSING, MISSING]],
      [1, [MISSING, 'y', MISSING]],
    ]);
  });

  test('text that stays the same is sent once a run, and each by itself where it changes all the time', () => {
    const builder = new SeriesBuilder(0, 't', 1_000);
    const states = (states: readonly (string | undefined)[]): unknown => {
      states.forEach((state, i) => builder.add(i, state === undefined ? {} : { state }));
      const { values, ends } = builder.take()!.columns[0];
      return [values, ends];
    };
    const often = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'on' : 'off'));
    expect(states([...often.fill('off', 0, 12), undefined])).toEqual([[...often, undefined], undefined]);
    expect(states(Array.from({ length: 20 }, (_, i) => (i < 15 ? 'off' : 'on')))).toEqual([
      ['off', 'on'],
      [15, 20],
    ]);
    expect(states(['on', ...Array.from({ length: 19 }, () => undefined)])).toEqual([
      ['on', undefined],
      [1, 20],
    ]);
    expect(states(['on', 'on'])).toEqual([['on', 'on'], undefined]);
  });

  test('what is taken belongs to the taker', () => {
    const builder = new SeriesBuilder(0, 't', 10);
    builder.add(0, { a: 1, b: 'x' });
    const first = builder.take()!;
    const copy = structuredClone(first);
    builder.add(1, { a: 2, b: 'y' });
    const second = builder.take()!;
    expect(first).toEqual(copy);
    first.floats.fill(9);
    first.columns[1].values!.length = 0;
    expect(cellsOf(second, second.columns[0])).toEqual([2]);
    expect(second.columns[1].values).toEqual(['y']);
    expect([...timesOf(second)]).toEqual([1]);
  });

  test('says of each row whether its time is its own only where rows differ', () => {
    const builder = new SeriesBuilder(0, 't', 3);
    const marksAfter = (...marks: number[]): unknown => {
      for (const mark of marks) {
        const row = Object.assign(new ExtractedRow([]), {
          time: 5,
          value: 1,
          timed: mark % 2 === 1,
          historical: mark > 1,
        });
        builder.addRow(row);
      }
      const { numbers } = builder;
      const { timed, flagsAt: marksAt, floats, rows } = builder.take()!;
      expect(floats).toHaveLength(numbers);
      return marksAt === undefined ? timed : [...floats.subarray(marksAt, marksAt + rows)];
    };
    expect(marksAfter(0, 0)).toBeUndefined();
    expect(marksAfter(1, 1)).toBe(true);
    expect(marksAfter(0, 1)).toEqual([0, 1]);
    expect(marksAfter(1, 0, 0)).toEqual([1, 0, 0]);
    expect(marksAfter(3, 3)).toEqual([3, 3]);
    // Only the newest three are kept.
    expect(marksAfter(1, 1, 0, 0, 0)).toBeUndefined();
    expect(marksAfter(0, 0, 1, 1, 1)).toBe(true);
    expect(marksAfter(1, 0, 1, 0, 1, 0, 1, 2)).toEqual([0, 1, 2]);
    expect(marksAfter(0)).toBeUndefined();
  });

  test('the numbers of several series lie behind one another, in as much room as was said', () => {
    const [one, other] = [new SeriesBuilder(0, 'a', 2), new SeriesBuilder(1, 'b', 10)];
    for (let i = 1; i <= 3; i++) {
      one.add(i, { a: i, b: null, c: 'x' });
    }
    other.add(4, 5);
    expect([one.numbers, other.numbers]).toEqual([6, 2]);
    const buffer = new NumberBuffer(one.numbers + other.numbers);
    const [first, second] = [one.take(buffer)!, other.take(buffer)!];
    expect([first.floats, second.floats]).toEqual([buffer.floats, buffer.floats]);
    expect([...timesOf(first), ...timesOf(second)]).toEqual([2, 3, 4]);
    expect(first.columns.map((column) => cellsOf(first, column))).toEqual([
      [2, 3],
      [null, null],
      ['x', 'x'],
    ]);
    expect(cellsOf(second, second.columns[0])).toEqual([5]);
    expect([one.numbers, other.numbers]).toEqual([0, 0]);
  });
});

describe('against a naive model', () => {
  /** Rows as flat objects by path and type, and the newest `maxRows` of them. */
  class Model {
    rows: Array<{ time: number; cells: Map<string, unknown> }> = [];
    dropped = 0;
    readonly columns: Array<{ path: string; type: string }> = [];
    constructor(readonly maxRows: number) {}

    add(time: number, message: unknown): void {
      const cells = new Map<string, unknown>();
      if (message === CLEARED) {
        this.columns.forEach((_, i) => cells.set(String(i), null));
      } else {
        this.#write(cells, '', message);
      }
      this.rows.push({ time, cells });
      if (this.rows.length > this.maxRows) {
        this.rows.shift();
        this.dropped++;
      }
    }

    #write(cells: Map<string, unknown>, path: string, value: unknown): void {
      if (isRecord(value)) {
        for (const [key, below] of Object.entries(value)) {
          this.#write(cells, `${path}/${key}`, below);
        }
        return;
      }
      const type = value === null ? 'unknown' : Array.isArray(value) ? 'json' : typeof value;
      let index = this.columns.findIndex((each) => each.path === path && (type === 'unknown' || each.type === type));
      const first = this.columns.find((each) => each.path === path);
      if (index === -1 && first?.type === 'unknown') {
        first.type = type;
        index = this.columns.indexOf(first);
      }
      if (index === -1) {
        index = this.columns.push({ path, type }) - 1;
      }
      cells.set(String(index), value);
    }
  }

  test.each([1, 2, 3, 7, 40, 1_000])('with at most %d rows', (maxRows) => {
    const random = seededRandom(maxRows);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
    const scalar = (i: number): unknown => pick([i, i, i, NaN, null, null, `s${i}`, i % 2 === 0, [`${i}`], undefined]);
    const message = (i: number): unknown => {
      const kind = random();
      if (kind < 0.05) {
        return CLEARED;
      }
      if (kind < 0.2) {
        return scalar(i) ?? null;
      }
      const object: Record<string, unknown> = {};
      for (const key of ['a', 'b', 'c', '__proto__', 'late'].toSorted(() => random() - 0.5)) {
        const value =
          key === 'late' && i < 2_000 ? undefined : key === 'b' ? { x: scalar(i), y: scalar(i) } : scalar(i);
        if (value !== undefined) {
          Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
        }
      }
      return JSON.parse(JSON.stringify(object)) as unknown;
    };
    const builder = new SeriesBuilder(0, 't', maxRows);
    const model = new Model(maxRows);
    const specs: ColumnSpec[] = [];
    let takes = 0;
    for (let i = 0; i < 6_000; i++) {
      const each = message(i);
      builder.add(i, each);
      model.add(i, each);
      if (random() < 2 / (maxRows + 5)) {
        takes++;
        const chunk = builder.take()!;
        expect([chunk.rows, chunk.dropped]).toEqual([model.rows.length, model.dropped]);
        expect([...timesOf(chunk)]).toEqual(model.rows.map(({ time }) => time));
        for (const { index, spec } of chunk.columns) {
          specs[index] = spec ?? specs[index];
        }
        expect(specs.map(({ type }) => type)).toEqual(model.columns.map(({ type }) => type));
        for (let index = 0; index < specs.length; index++) {
          const column = chunk.columns.find((each) => each.index === index);
          const expected = model.rows.map(({ cells }) => cells.get(String(index)));
          expect(column === undefined ? expected.map(() => MISSING) : cellsOf(chunk, column)).toEqual(expected);
        }
        model.rows = [];
        model.dropped = 0;
      }
    }
    expect(takes).toBeGreaterThan(5);
    expect(new Set(specs.map(({ name }) => name)).size).toBe(specs.length);
  });
});

describe('a number under the name of a time', () => {
  const ARRIVAL = Date.UTC(2026, 10, 23);
  const collectNow = (...values: unknown[]): Record<string, [type: string, cells: unknown[]]> => {
    const builder = new SeriesBuilder(0, 't', 100);
    values.forEach((value) => builder.add(ARRIVAL, value));
    return columnsOf(builder.take()!);
  };

  test('is a time where it may be one, whatever it counts, and no line a thousand times as high as all others', () => {
    const s = ARRIVAL / 1_000 - 5;
    expect(collectNow({ ts: s, v: 1 }, { ts: s + 1, v: 2 })).toEqual({
      ts: ['time', [s * 1_000, s * 1_000 + 1_000]],
      v: ['number', [1, 2]],
    });
    expect(collectNow({ last_seen: s * 1_000 })).toEqual({ last_seen: ['time', [s * 1_000]] });
    expect(collectNow({ deep: { timestamp: s * 1e6 } })).toEqual({ 'deep.timestamp': ['time', [s * 1_000]] });
  });

  test('is a number where it is none: an uptime, a count, a name that is as often something else', () => {
    expect(collectNow({ time: 3_600, ts: 12, t: ARRIVAL / 1_000 })).toEqual({
      time: ['number', [3_600]],
      ts: ['number', [12]],
      t: ['number', [ARRIVAL / 1_000]],
    });
  });

  test('is a time again after one that was none, in either order', () => {
    const s = ARRIVAL / 1_000;
    expect(collectNow({ ts: s }, { ts: 5 }, { ts: s + 3 })).toEqual({
      ts: ['time', [ARRIVAL, MISSING, ARRIVAL + 3_000]],
      'ts (number)': ['number', [MISSING, 5, MISSING]],
    });
    expect(collectNow({ ts: 5 }, { ts: s }, { ts: 6 })).toEqual({
      ts: ['number', [5, MISSING, 6]],
      'ts (time)': ['time', [MISSING, ARRIVAL, MISSING]],
    });
  });

  test('is a time under any way to write the name', () => {
    expect(collectNow({ dateTime: ARRIVAL / 1_000, Reported_At: ARRIVAL, unixtime: 5 })).toEqual({
      dateTime: ['time', [ARRIVAL]],
      Reported_At: ['time', [ARRIVAL]],
      unixtime: ['number', [5]],
    });
  });

  test('goes to a sibling field when it ceases to be one', () => {
    expect(collectNow({ ts: ARRIVAL }, { ts: 7 })).toEqual({
      ts: ['time', [ARRIVAL, MISSING]],
      'ts (number)': ['number', [MISSING, 7]],
    });
  });
});
