import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRowMapping, halvesOf, numbersOf, readNumber, type RowMappingSpec, TIMED, timesOf } from '../payload';
import { fromHex } from '../payload/formats/bytes';
import { bytesOf, incoming } from '../testing/incoming';
import type { StreamBatch, StreamSpec } from './protocol';
import { Stream } from './stream';
import '../testing/parts';

const SPEC: StreamSpec = { filters: ['#'], qos: 0, format: 'auto', pendingRows: 1_000, maxSeries: 500 };
const T0 = Date.UTC(2024, 4, 17, 12, 0, 0);

function take(spec: Partial<StreamSpec>, ...messages: ReadonlyArray<[topic: string, payload: unknown]>): StreamBatch {
  const stream = new Stream(1, { ...SPEC, ...spec });
  messages.forEach(([topic, payload], i) => stream.add(incoming(topic, payload), T0 + i, 1));
  return stream.take()!;
}

describe('messages of the past', () => {
  const AT = { time: { from: 'path', path: 'start' } } as const;
  const about = (ms: number): object => ({ start: T0 + ms, v: 1 });

  test.each<[string, Partial<StreamSpec>, unknown, unknown, boolean]>([
    ['are read behind newer ones', {}, { v: 1 }, { v: 2 }, true],
    ['with a time', AT, about(-1_000), about(-2_000), true],
    ['before a forecast, which they must not replace', AT, about(3_600_000), about(3_600_000), false],
    ['before a forecast in a list', AT, [about(3_600_000)], [about(3_600_000)], false],
    ['with a forecast of what has been measured', AT, about(-1_000), about(3_600_000), false],
    ['before a sensor whose time says nothing', { time: { from: 'auto' } }, { ts: T0 + 3_600_000 }, { v: 1 }, false],
  ])('%s', (_, spec, live, past, isAdded) => {
    const stream = new Stream(1, { ...SPEC, ...spec });
    stream.add(incoming('t', live), T0, 1);
    expect(stream.addPast(incoming('t', past), T0 - 60_000)).toBe(isAdded);
  });
});

describe('series', () => {
  test('are topics and labels, and the cap counts both', () => {
    const { chunks, stats } = take(
      { labels: [{ path: 'id' }], maxSeries: 3 },
      ['a', { id: 1, v: 1 }],
      ['a', { id: 2, v: 2 }],
      ['a', { v: 3 }],
      ['a', { id: 3, v: 4 }],
      ['b', { id: 1, v: 5 }],
      ['b', { id: 1, v: 6 }],
      ['a', { id: 1, v: 7 }]
    );
    expect(chunks.map(({ topic, labels, rows }) => [topic, labels, rows])).toEqual([
      ['a', { id: '1' }, 2],
      ['a', { id: '2' }, 1],
      ['a', undefined, 1],
    ]);
    expect(stats.refusedTopics).toBe(2);
  });

  test('a payload that is gone ends all series of its topic', () => {
    const { chunks } = take(
      { labels: [{ path: 'id' }] },
      ['a', { id: 1, v: 1 }],
      ['a', { id: 2, v: 2 }],
      ['b', { id: 1, v: 1 }],
      ['a', '']
    );
    expect(chunks.map(({ topic, rows }) => [topic, rows])).toEqual([
      ['a', 2],
      ['a', 2],
      ['b', 1],
    ]);
  });

  test('labels come from user properties, and from nothing that a message inherits', () => {
    const stream = new Stream(1, {
      ...SPEC,
      labels: [
        { path: 'site', from: 'property' },
        { path: 'toString', from: 'property' },
      ],
    });
    stream.add(incoming('a', '1', { userProperties: { site: 'north' } }), T0, 1);
    stream.add(incoming('a', '2', { userProperties: { site: 'south' } }), T0, 1);
    stream.add(incoming('a', '3', { userProperties: undefined }), T0, 1);
    expect(stream.take()!.chunks.map(({ labels }) => labels)).toEqual([
      { site: 'north' },
      { site: 'south' },
      undefined,
    ]);
  });

  test('a label of any name is a label, and no prototype', () => {
    const { chunks } = take({ labels: [{ path: '__proto__' }, { path: 'constructor' }] }, [
      'a',
      '{"__proto__":"x","constructor":"y","v":1}',
    ]);
    expect(Object.entries(chunks[0].labels!)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(chunks[0].columns.map(({ spec }) => spec?.name)).toEqual(['v']);
  });

  test('a long label is cut, and two that begin alike stay two series', () => {
    const id = 'x'.repeat(10_000);
    const { chunks, stats } = take(
      { labels: [{ path: 'id' }] },
      ['a', { id, v: 1 }],
      ['a', { id: `${id}2`, v: 2 }],
      ['a', { id, v: 3 }],
      ['a', { id: 'short', v: 4 }]
    );
    expect(chunks.map(({ rows }) => rows)).toEqual([2, 1, 1]);
    const labels = chunks.map((chunk) => chunk.labels!.id);
    expect(labels.map(({ length }) => length)).toEqual([200, 200, 5]);
    expect(labels[0]).toMatch(/^x{191}…[0-9a-f]{8}$/);
    expect(labels[1]).not.toBe(labels[0]);
    expect(stats.cutLabels).toBe(2);
  });

  test('so do those of a format, and of a user property', () => {
    const tag = 'y'.repeat(300);
    const influx = take({ format: 'influx' }, ['a', `m,host=${tag}1 v=1`], ['a', `m,host=${tag}2 v=1`], ['a', 'm v=1']);
    expect(influx.chunks.map(({ labels }) => labels!.host?.length)).toEqual([200, 200, undefined]);
    expect(influx.stats.cutLabels).toBe(2);
    const stream = new Stream(1, { ...SPEC, labels: [{ path: 'site', from: 'property' }] });
    stream.add(incoming('a', '1', { userProperties: { site: `${tag}1` } }), T0, 1);
    stream.add(incoming('a', '1', { userProperties: { site: `${tag}2` } }), T0, 1);
    expect(stream.take()).toMatchObject({ chunks: [{ rows: 1 }, { rows: 1 }], stats: { cutLabels: 2 } });
  });
});

/** `rows`, and `labels.path` for an option of an object or of the items of a list. */
type OptionOf<T, Name extends string> =
  NonNullable<T> extends ReadonlyArray<infer Item>
    ? `${Name}.${keyof Item & string}`
    : NonNullable<T> extends object
      ? `${Name}.${keyof NonNullable<T> & string}`
      : Name;
type MappingOption = { [K in keyof RowMappingSpec]-?: OptionOf<RowMappingSpec[K], K> }[keyof RowMappingSpec];

interface OptionCase {
  readonly payloads: readonly unknown[];
  readonly without?: RowMappingSpec;
  readonly with: RowMappingSpec;
  readonly shows: unknown;
}

/** The names and cells of a stream's columns with their unit, its labels, and its times where they are no arrival. */
function shown(spec: RowMappingSpec, payloads: readonly unknown[]): unknown {
  const stream = new Stream(1, { ...SPEC, ...spec });
  payloads.forEach((payload, i) =>
    stream.add(incoming('t', payload, { userProperties: { site: 'north' } }), T0 + i * 1_000, 1)
  );
  return stream.take()!.chunks.map((chunk) => ({
    ...(chunk.labels === undefined ? undefined : { labels: chunk.labels }),
    ...(chunk.timed === true || chunk.flagsAt !== undefined
      ? { times: [...timesOf(chunk)].map((time) => new Date(time).toISOString()) }
      : undefined),
    ...Object.fromEntries(
      chunk.columns.map((column) => {
        const { name, type, unit } = column.spec!;
        const cells = column.values ?? [...numbersOf(chunk, column)!];
        return [[name, type, unit ?? []].flat().join(' '), cells.map((cell) => (Number.isNaN(cell) ? null : cell))];
      })
    ),
  }));
}

describe('each option of the row mapping has its effect, on as plain a payload as possible', () => {
  const cases: Record<MappingOption, OptionCase> = {
    rows: { with: { rows: 'v' }, payloads: [{ v: [{ a: 1 }, { a: 2 }] }], shows: [{ 'a number': [1, 2] }] },
    'fields.path': { with: { fields: [{ path: 'a' }] }, payloads: [{ a: 1, b: 2 }], shows: [{ 'a number': [1] }] },
    'fields.name': {
      with: { fields: [{ path: 'Value', name: 'n' }] },
      payloads: ['5'],
      shows: [{ 'n number': [5] }],
    },
    'fields.type': {
      with: { fields: [{ path: 'Value', type: 'string' }] },
      payloads: ['5'],
      shows: [{ 'Value string': ['5'] }],
    },
    'fields.unit': {
      with: { fields: [{ path: 'Value', unit: 'watt' }] },
      payloads: ['5'],
      shows: [{ 'Value number watt': [5] }],
    },
    'mappings.path': {
      without: { mappings: [{ path: 'other', true: 'ON', false: 'OFF' }] },
      with: { mappings: [{ path: 'Value', true: 'ON', false: 'OFF' }] },
      payloads: ['ON', 'OFF'],
      shows: [{ 'Value number': [1, 0] }],
    },
    'mappings.true': {
      without: { mappings: [{ path: 'Value', true: 'ON', false: 'OFF' }] },
      with: { mappings: [{ path: 'Value', true: 'OPEN', false: 'OFF' }] },
      payloads: ['OPEN'],
      shows: [{ 'Value number': [1] }],
    },
    'mappings.false': {
      without: { mappings: [{ path: 'Value', true: 'ON', false: 'OFF' }] },
      with: { mappings: [{ path: 'Value', true: 'ON', false: 'SHUT' }] },
      payloads: ['SHUT'],
      shows: [{ 'Value number': [0] }],
    },
    'labels.path': {
      with: { labels: [{ path: 'Value' }] },
      payloads: ['x'],
      shows: [{ labels: { Value: 'x' }, 'Value string': ['x'] }],
    },
    'labels.name': {
      without: { labels: [{ path: 'Value' }] },
      with: { labels: [{ path: 'Value', name: 'n' }] },
      payloads: ['x'],
      shows: [{ labels: { n: 'x' }, 'Value string': ['x'] }],
    },
    'labels.from': {
      without: { labels: [{ path: 'site' }] },
      with: { labels: [{ path: 'site', from: 'property' }] },
      payloads: ['5'],
      shows: [{ labels: { site: 'north' }, 'Value number': [5] }],
    },
    'time.from': {
      with: { time: { from: 'auto' } },
      payloads: [{ time: '2024-05-17T10:00:00Z', v: 1 }],
      shows: [{ times: ['2024-05-17T10:00:00.000Z'], 'v number': [1] }],
    },
    'time.path': {
      without: { time: { from: 'path', path: 'other' } },
      with: { time: { from: 'path', path: 'Value' } },
      payloads: ['2024-05-17T10:00:00Z'],
      shows: [{ times: ['2024-05-17T10:00:00.000Z'], 'Value string': ['2024-05-17T10:00:00Z'] }],
    },
    'time.format': {
      without: { time: { from: 'path', path: 'Value' } },
      with: { time: { from: 'path', path: 'Value', format: 'ms' } },
      payloads: ['1715940000'],
      shows: [{ times: ['1970-01-20T20:39:00.000Z'], 'Value number': [1_715_940_000] }],
    },
    'time.zone': {
      without: { time: { from: 'path', path: 'Value', zone: 'UTC' } },
      with: { time: { from: 'path', path: 'Value', zone: 'Asia/Tokyo' } },
      payloads: ['2024-05-17T10:00:00'],
      shows: [{ times: ['2024-05-17T01:00:00.000Z'], 'Value string': ['2024-05-17T10:00:00'] }],
    },
    'time.clockPath': {
      without: { time: { from: 'path', path: 'd', zone: 'UTC' } },
      with: { time: { from: 'path', path: 'd', clockPath: 'c', zone: 'UTC' } },
      payloads: [{ d: '2024-05-17', c: '10:00', v: 1 }],
      shows: [{ times: ['2024-05-17T10:00:00.000Z'], 'v number': [1] }],
    },
    'time.interval': {
      without: { rowsAs: 'items' },
      with: { rowsAs: 'items', time: { interval: '1000' } },
      payloads: [[1, 2]],
      shows: [{ times: ['2024-05-17T11:59:59.000Z', '2024-05-17T12:00:00.000Z'], 'Value number': [1, 2] }],
    },
    'time.intervalUnit': {
      without: { rowsAs: 'items', time: { interval: '1' } },
      with: { rowsAs: 'items', time: { interval: '1', intervalUnit: 's' } },
      payloads: [[1, 2]],
      shows: [{ times: ['2024-05-17T11:59:59.000Z', '2024-05-17T12:00:00.000Z'], 'Value number': [1, 2] }],
    },
    rowsAs: { with: { rowsAs: 'columns' }, payloads: [{ a: [1, 2] }], shows: [{ 'a number': [1, 2] }] },
    fill: {
      with: { fill: 'previous' },
      payloads: [{ a: 1, b: 2 }, { a: 3 }],
      shows: [{ 'a number': [1, 3], 'b number': [2, 2] }],
    },
  };

  test.each(Object.entries(cases))('%s', (_, { without = {}, with: spec, payloads, shows }) => {
    expect(shown(spec, payloads)).toEqual(shows);
    expect(shown(without, payloads)).not.toEqual(shows);
  });

  test('a mapping with any option set is not the default', () => {
    for (const { with: spec } of Object.values(cases)) {
      expect(compileRowMapping(spec).isDefault).toBe(false);
    }
    expect(compileRowMapping({}).isDefault).toBe(true);
  });
});

describe('rows', () => {
  test('a message without the list that was named did not decode', () => {
    const { stats, chunks } = take({ rows: 'list' }, ['a', { list: [] }], ['a', { other: 1 }], ['a', '5']);
    expect(stats).toMatchObject({ messages: 3, failed: 2 });
    expect(stats.lastFailure?.reason).toMatch(/no array at "list"/);
    expect(chunks.flatMap(({ columns }) => columns)).toEqual([]);
  });

  test('items that are no objects are values', () => {
    const { chunks } = take({ rows: 'list' }, ['a', { list: [1, 2, 'x', null] }]);
    const [{ rows, columns }] = chunks;
    expect(rows).toBe(4);
    expect(columns.map(({ spec, values }) => [spec?.name, values])).toEqual([
      ['Value', undefined],
      ['Value (text)', [undefined, undefined, 'x', undefined]],
    ]);
  });
});

describe('bytes in JSON', () => {
  const uplink = (name: string, data: string, more?: object): [string, unknown] => [
    'up',
    { time: new Date(T0 - 1_000).toISOString(), fCnt: 7, deviceInfo: { deviceName: name }, data, ...more },
  ];
  const spec: Partial<StreamSpec> = {
    format: 'int16',
    formatOptions: { unwrap: { encoding: 'base64', path: 'data' } },
    labels: [{ path: 'deviceInfo.deviceName', name: 'device' }],
  };

  test.each<[string, StreamSpec['time'], number, boolean | undefined]>([
    ['a path', { from: 'path', path: 'time' }, T0 - 1_000, true],
    ['its name', { from: 'auto' }, T0 - 1_000, true],
    ['arrival', { from: 'arrival' }, T0, undefined],
    ['nothing', undefined, T0, undefined],
  ])('have labels from around them, and the time by %s', (_, time, first, timed) => {
    const { chunks, stats } = take({ ...spec, ...(time && { time }) }, uplink('a', 'CSkC'), uplink('b', 'CSk='));
    expect(chunks.map((chunk) => [chunk.labels, timesOf(chunk)[0] - (timed ? 0 : chunk.series), chunk.timed])).toEqual([
      [{ device: 'a' }, first, timed],
      [{ device: 'b' }, first, timed],
    ]);
    expect(stats).toMatchObject({ failed: 0, untimedRows: 0 });
  });

  test('have fields from around them, and their own first', () => {
    const { chunks } = take(
      { ...spec, format: 'json', fields: [{ path: 'v' }, { path: 'fCnt' }, { path: 'rssi' }] },
      uplink('a', btoa('{"v":5,"fCnt":8}'), { v: 1, rssi: -60 })
    );
    const [chunk] = chunks;
    expect(chunk.columns.map((column) => [column.spec?.name, numbersOf(chunk, column)![0]])).toEqual([
      ['v', 5],
      ['fCnt', 8],
      ['rssi', -60],
    ]);
  });

  test('may be rows themselves', () => {
    const list = btoa('{"list":[{"v":1,"ts":1715947100},{"v":2}]}');
    const { chunks } = take({ ...spec, format: 'json', rows: 'list', time: { from: 'auto' } }, uplink('a', list));
    expect(chunks.map((chunk) => [chunk.labels, ...timesOf(chunk)])).toEqual([
      [{ device: 'a' }, 1_715_947_100_000, T0 - 1_000],
    ]);
    expect(take({ ...spec, format: 'json' }, uplink('a', btoa('[{"v":1},{"v":2}]'))).chunks[0].rows).toBe(2);
    expect(take({ ...spec, rows: 'list' }, uplink('a', 'CSkC')).stats.lastFailure?.reason).toMatch(
      /no array at "list"/
    );
  });

  test('that are none end the series that they are of, and no other', () => {
    for (const rows of [undefined, 'list']) {
      const { chunks } = take(
        { ...spec, format: 'json', ...(rows && { rows }) },
        uplink('a', btoa('{"list":[{"v":1}]}')),
        uplink('b', btoa('{"list":[{"v":2}]}')),
        uplink('a', '')
      );
      expect(chunks.map((chunk) => [chunk.labels, chunk.rows])).toEqual([
        [{ device: 'a' }, 2],
        [{ device: 'b' }, 1],
      ]);
    }
  });
});

describe('a list of more rows than a payload may have', () => {
  const list = Array.from({ length: 10_001 }, (_, v) => ({ v }));

  test.each<[string, Partial<StreamSpec>, unknown]>([
    ['by itself', {}, list],
    ['where the query says that it is', { rows: 'list' }, { list }],
  ])('%s is cut, and that is said as of other formats', (_, spec, payload) => {
    const { chunks, stats } = take({ ...spec, pendingRows: 20_000 }, ['a', payload]);
    expect(chunks[0].rows).toBe(10_000);
    expect(stats).toMatchObject({
      failed: 0,
      droppedRows: 0,
      partial: 1,
      lastProblem: {
        topic: 'a',
        reason: expect.stringMatching(/^Left out: the rows beyond the first 10,000\. Have the sender send fewer/),
      },
    });
    // The next message has nothing of it.
    expect(take({ ...spec, pendingRows: 20_000 }, ['a', payload], ['a', { list: [], v: 1 }]).stats.partial).toBe(1);
  });
});

describe('what is counted', () => {
  test('failures: the first, the last, and their bytes', () => {
    const { stats } = take({ format: 'json' }, ['a', '{'], ['b', '1'], ['c', `}${'x'.repeat(1_000)}`]);
    expect(stats).toMatchObject({
      messages: 3,
      failed: 2,
      firstFailure: { topic: 'a', bytes: bytesOf('{'), length: 1 },
      lastFailure: { topic: 'c', length: 1_001 },
    });
    expect(stats.lastFailure!.bytes).toHaveLength(1_001);
  });

  test('and of those that were read in part, the last', () => {
    const { stats } = take({}, ['a', '{"a":1} x'], ['b', `{"a":1} ${'x'.repeat(2_000)}`], ['c', '{"a":1}']);
    expect(stats).toMatchObject({ partial: 2, lastProblem: { topic: 'b', length: 2_008 } });
    expect(stats.lastProblem!.bytes).toEqual(bytesOf(`{"a":1} ${'x'.repeat(1_016)}`));
  });

  test('values that are not of the type that was asked for, and become null', () => {
    const { stats, chunks } = take(
      { fields: [{ path: 'a', type: 'number' }] },
      ['t', { a: '21.50' }],
      ['t', { a: '21 C' }],
      ['t', { a: '007' }],
      ['t', { a: null }],
      ['t', {}],
      ['t', { a: true }],
      ['t', { a: '2024-05-17' }]
    );
    expect(stats.mistypedValues).toBe(2);
    const numbers = numbersOf(chunks[0], chunks[0].columns[0])!;
    const cells = Array.from(numbers, (_, i) => readNumber(numbers, halvesOf(numbers), i));
    expect(cells).toEqual([21.5, 21, 7, null, undefined, null, null]);
  });

  test('integers that no number is, where the query wants numbers', () => {
    const spec: Partial<StreamSpec> = { fields: [{ path: 'Value', type: 'number' }] };
    const inexact = (value: unknown, more: Partial<StreamSpec> = {}): unknown =>
      take({ ...spec, ...more }, ['t', value]).stats.inexactValues;
    expect(inexact('"18446744073709551615"')).toBe(1);
    expect(inexact('18446744073709551615')).toBe(1);
    expect(inexact('-9007199254740993')).toBe(1);
    expect(inexact(`"${'9'.repeat(400)}"`)).toBe(1);
    // 2^63 and 2^53 are numbers, and of what is no integer nobody expects it.
    for (const value of ['9223372036854775808', '9007199254740992', '" 5 "', '"1.5"', '1e300', '"0.1"', '"nan"', '1']) {
      expect(inexact(value)).toBe(0);
    }
    expect(take({}, ['t', '18446744073709551615']).stats.inexactValues).toBe(0);
    const stream = new Stream(1, { ...SPEC, ...spec, format: 'uint64' });
    stream.add(incoming('t', new Uint8Array(8).fill(0xff)), T0, 1);
    const { stats, chunks } = stream.take()!;
    expect(stats.inexactValues).toBe(1);
    expect(numbersOf(chunks[0], chunks[0].columns[0])![0]).toBe(2 ** 64);
  });

  test('a counter of Sparkplug, too', () => {
    const stream = new Stream(1, { ...SPEC, fields: [{ path: 'n', type: 'number' }] });
    // A metric "n" of the type UInt64: 2^64 - 1.
    stream.add(incoming('spBv1.0/g/NDATA/e', fromHex('1210 0a016e 2008 58ffffffffffffffffff01')!), T0, 1);
    expect(stream.take()!.stats).toMatchObject({ failed: 0, inexactValues: 1 });
  });

  test('values in a sibling of a field of another type', () => {
    expect(take({}, ['t', '1'], ['t', 'x'], ['t', 'y'], ['t', '']).stats.siblingValues).toBe(2);
  });

  test('rows without the time that was named, which have that of their arrival', () => {
    const { stats, chunks } = take(
      { time: { from: 'path', path: 'ts' } },
      ['t', { ts: 'soon', v: 1 }],
      ['t', { ts: T0 - 5_000, v: 2 }]
    );
    expect(stats.untimedRows).toBe(1);
    expect([...timesOf(chunks[0])]).toEqual([T0, T0 - 5_000]);
    const [{ timed, flagsAt: marksAt = NaN, floats }] = chunks;
    expect([timed, ...floats.subarray(marksAt, marksAt + 2)]).toEqual([undefined, 0, TIMED]);
  });

  test('such rows have the time of their format where it has one', () => {
    const spec: Partial<StreamSpec> = { format: 'influx', time: { from: 'path', path: 'at' } };
    const { stats, chunks } = take(spec, ['t', 'm v=1 1715947190\nm v=2,at=1715947191'], ['t', 'm v=3']);
    expect([...timesOf(chunks[0])]).toEqual([1_715_947_190_000, 1_715_947_191_000, T0 + 1]);
    expect(stats.untimedRows).toBe(2);
  });

  test('a clock that is off by hours, but not what was retained', () => {
    const hours = 3_600_000;
    const spec = { time: { from: 'path', path: 'ts' } } as const;
    const { stats } = take(spec, ['a', { ts: T0 - 2 * hours, v: 1 }], ['b', { ts: T0 + 60_000, v: 1 }]);
    expect(stats.skew).toEqual({ series: 1, topic: 'a', offsetMs: -2 * hours });
    const stream = new Stream(1, { ...SPEC, ...spec });
    stream.add(incoming('a', { ts: T0 - 2 * hours }, { retain: true }), T0, 1);
    expect(stream.take()!.stats.skew).toBeUndefined();
  });

  test('what the limits left out or kept whole, which can be other ones', () => {
    const limits = { levels: 2, items: 2, fields: 2, rows: 3 };
    const messages: Array<[string, unknown]> = [
      ['a', { a: { b: { c: 1 } }, l: [1, 2, 3] }],
      ['a', { c: 1, ['k'.repeat(1_001)]: 1 }],
      ['b', [{ v: 1 }, { v: 2 }, { v: 3 }, { v: 4 }]],
    ];
    const { stats, chunks } = take({ limits }, ...messages);
    expect(stats).toMatchObject({ deepValues: 1, longLists: 1, refusedValues: 1, longKeys: 1, partial: 1 });
    expect(stats.lastProblem?.reason).toMatch(/^Left out: the rows beyond the first 3\./);
    expect(chunks.map(({ rows }) => rows)).toEqual([2, 3]);
    const none = { deepValues: 0, longLists: 0, refusedValues: 0, partial: 0, cutLabels: 0 };
    expect(take({}, ...messages).stats).toMatchObject({ ...none, longKeys: 1 });
  });

  test.each<[string, string]>([
    ['csv', '1,2\n3,4\n5,6'],
    ['influx', 'm a=1\nm a=2\nm a=3'],
    ['senml', '[{"n":"a","v":1,"t":1},{"n":"a","v":1,"t":2},{"n":"a","v":1,"t":3}]'],
    ['json', '{"a":1}\n{"a":2}\n{"a":3}'],
    ['auto', '{"a":1}\n{"a":2}\n{"a":3}'],
    ['json', '[{"a":1},{"a":2},{"a":3}]'],
  ])('rows beyond the most that a payload may have, in %s', (format, payload) => {
    const limits = { levels: 1, items: 1, fields: 9, rows: 2 };
    const { stats, chunks } = take({ format: format as never, limits }, ['a', payload]);
    expect(chunks.map(({ rows }) => rows)).toEqual([2]);
    expect(stats).toMatchObject({ partial: 1, lastProblem: { reason: expect.stringMatching(/beyond the first 2\./) } });
  });

  test('a sample of the first topic, at most once a second', () => {
    const stream = new Stream(1, SPEC);
    const sampleAfter = (time: number, topic: string, payload: string): string | undefined => {
      stream.add(incoming(topic, payload), T0 + time, 1);
      const sample = stream.take()!.sample;
      return sample && new TextDecoder().decode(sample.bytes);
    };
    expect(sampleAfter(0, 'a', '1')).toBe('1');
    expect(sampleAfter(999, 'a', '2')).toBeUndefined();
    expect(sampleAfter(1_500, 'b', '3')).toBeUndefined();
    expect(sampleAfter(1_600, 'a', '4')).toBe('4');
  });
});

test('whatever comes, and whatever the query says, nothing is thrown and the caps hold', () => {
  const path = fc.constantFrom('', 'a', 'a.b', 'list', '[0]', 'list[1].x', '__proto__', '["a.b"]', 'Value');
  const spec = fc.record(
    {
      rows: path,
      fields: fc.array(
        fc.record({ path, type: fc.constantFrom('auto', 'number', 'string', 'boolean', 'time', 'json') }),
        { maxLength: 4 }
      ),
      labels: fc.array(fc.record({ path }), { maxLength: 2 }),
      time: fc.record({ from: fc.constantFrom('arrival', 'auto', 'path'), path }, { requiredKeys: [] }),
      fill: fc.constantFrom('none', 'previous', 'zero'),
    },
    { requiredKeys: [] }
  );
  const key = fc.constantFrom('a', 'b', 'list', '', '__proto__', 'constructor', 'ts', 'time', 'unit', 'value', 'a.b');
  const { message } = fc.letrec((tie) => ({
    message: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, 1, NaN, 1.7e9, 'x', '2024-05-17', '°C', 'K', '%'),
      fc.array(tie('message'), { maxLength: 20 }),
      fc.dictionary(key, tie('message'))
    ),
  }));
  fc.assert(
    fc.property(spec, fc.array(fc.oneof(message, fc.constant('')), { maxLength: 10 }), (reading, messages) => {
      const stream = new Stream(1, { ...SPEC, ...(reading as Partial<StreamSpec>), pendingRows: 5, maxSeries: 3 });
      for (const [i, each] of messages.entries()) {
        const message = incoming(`t${i % 5}`, each, { retain: i % 3 === 0, userProperties: { a: 'x' } });
        stream.add(message, T0 + i, 1);
      }
      const batch = structuredClone(stream.take());
      expect(batch === undefined || batch.stats.failed <= batch.stats.messages).toBe(true);
      expect(batch?.stats.lastFailure?.reason ?? '').not.toMatch(/This plugin failed/);
      for (const chunk of batch?.chunks ?? []) {
        expect(chunk.series).toBeLessThan(3);
        expect(chunk.rows).toBeLessThanOrEqual(5);
        expect(timesOf(chunk).every((time) => Number.isFinite(time))).toBe(true);
        for (const column of chunk.columns) {
          expect((numbersOf(chunk, column) ?? column.values!).length).toBe(chunk.rows);
        }
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 300 }
  );
});
