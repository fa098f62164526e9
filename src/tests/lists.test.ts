import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { ARRIVAL, TestPanel } from '../testing/test-panel';

const HOUR = 3_600_000;

describe('rows of one message that are the same', () => {
  const rows = [5, 5, 5, 6].map((v) => ({ ts: ARRIVAL, v }));

  test.each<[string, Partial<MqttQuery>, string]>([
    [
      'a list of numbers',
      { rows: 'v', time: { from: 'path', path: 't' } },
      JSON.stringify({ t: ARRIVAL, v: [5, 5, 5, 6] }),
    ],
    ['a list of objects', {}, JSON.stringify(rows)],
    ['a list in an object', { rows: 'list' }, JSON.stringify({ list: rows })],
    ['JSON lines', { time: { from: 'auto' } }, rows.map((row) => JSON.stringify(row)).join('\n')],
    ['CSV', { format: 'csv', time: { from: 'auto' } }, `ts,v\n${rows.map(({ ts, v }) => `${ts},${v}`).join('\n')}\n`],
    ['line protocol', { format: 'influx' }, rows.map(({ v }) => `m v=${v} ${ARRIVAL}`).join('\n')],
  ])('are as many rows: %s', (_, query, payload) => {
    const panel = new TestPanel(query).send({ payload });
    const cells = (): unknown[] => panel.frames[0].fields.at(-1)!.values;
    expect(cells()).toEqual([5, 5, 5, 6]);
    // The message comes twice, as with QoS 1.
    panel.send({ payload });
    expect(cells()).toEqual([5, 5, 5, 6]);
    expect(panel.notices).toEqual([]);
  });
});

describe('rows that the query says how to find', () => {
  const T = (minutes: number): number => ARRIVAL + minutes * 60_000;

  test.each<[string, Partial<MqttQuery>, unknown, Record<string, unknown[]>]>([
    [
      'parallel lists',
      { rowsAs: 'columns' },
      { time: [T(-2), T(-1)], temperature: [12, 13], hum: [48], unit: '°C' },
      { Time: [T(-2), T(-1)], temperature: [12, 13], hum: [48, undefined] },
    ],
    [
      'parallel lists at a path',
      { rowsAs: 'columns', rows: 'hourly', time: { from: 'path', path: 'time' } },
      { hourly: { time: ['2024-05-17T11:00Z', '2024-05-17T12:00Z'], t: [1, 2] } },
      { Time: [T(-60), T(0)], t: [1, 2] },
    ],
    [
      'an object by times',
      { rowsAs: 'times' },
      { '2024-05-17T11:59:00Z': [12.8, 21.5], '2024-05-17T12:00:00Z': [12.9, 21.6] },
      { Time: [T(-1), T(0)], '[0]': [12.8, 12.9], '[1]': [21.5, 21.6] },
    ],
    [
      'an object by seconds, at a path',
      { rowsAs: 'times', rows: 'd' },
      { d: { [String(T(-1) / 1_000)]: 5, [String(T(0) / 1_000)]: 6 } },
      { Time: [T(-1), T(0)], Value: [5, 6] },
    ],
    [
      'a list of pairs',
      { rowsAs: 'items', time: { from: 'path', path: '[0]' }, fields: [{ path: '[1]', name: 'v' }] },
      [
        [T(-1), 5],
        [T(0), 6],
      ],
      { Time: [T(-1), T(0)], v: [5, 6] },
    ],
    ['a list of numbers', { rowsAs: 'items' }, [5, 5, 6], { Time: [T(0), T(0), T(0)], Value: [5, 5, 6] }],
    [
      'a date and a time of day',
      { time: { from: 'path', path: 'date', clockPath: 'clock', zone: 'UTC' } },
      { date: '2024-05-17', clock: '11:59:30', v: 1 },
      { Time: [T(-0.5)], v: [1] },
    ],
    [
      'a date and a time of day of a format',
      { time: { from: 'path', path: 'd', clockPath: 'c.t', zone: 'UTC', format: 'DD.MM.YY HHmm' } },
      { d: '17.05.24', c: { t: 1159 }, v: 1 },
      { Time: [T(-1)], v: [1] },
    ],
  ])('%s', (_, query, payload, fields) => {
    const panel = new TestPanel(query).send({ payload: payload as object, at: ARRIVAL });
    expect(panel.fields()).toEqual(fields);
    expect(panel.notices).toEqual([]);
  });

  test('an object by ids has them as labels', () => {
    const panel = new TestPanel({ rowsAs: 'keys' }).send({ payload: { a: { v: 1 }, b: { v: 2 } } });
    expect(panel.labels).toEqual([{ key: 'a' }, { key: 'b' }]);
    expect(panel.frames.map(({ fields }) => fields[1].values)).toEqual([[1], [2]]);
  });

  test.each<[Partial<MqttQuery>, string]>([
    [{ rowsAs: 'items' }, 'the payload, is not an array'],
    [{ rowsAs: 'columns', rows: 'l' }, '"l", is not an object'],
    [{ rowsAs: 'columns' }, 'the payload, has no arrays'],
    [{ rowsAs: 'times' }, 'the payload, has no key that is a time'],
  ])('that are not there are said: %j', (query, reason) => {
    expect(new TestPanel(query).send({ payload: { v: 1 } }).notices.join()).toContain(reason);
  });
});

describe('the time of an item', () => {
  test.each(['timestamps', 'times', 'dates', 'datetimes', 'epochs', 'date', 'dt'])('in parallel lists: %s', (name) => {
    const panel = new TestPanel({ rowsAs: 'columns' });
    panel.send({ payload: { [name]: [ARRIVAL / 1_000 - 120, ARRIVAL / 1_000 - 60], v: [1, 2] } });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL - 120_000, ARRIVAL - 60_000], v: [1, 2] });
  });

  test('is that of the whole, if it has one', () => {
    const whole = { ts: ARRIVAL - 1_000, date: ['2024-05-15', '2024-05-16'], v: [1, 2] };
    expect(new TestPanel({ rowsAs: 'columns' }).send({ payload: whole }).fields()['Time']).toEqual([
      ARRIVAL - 1_000,
      ARRIVAL - 1_000,
    ]);
    const list = { time: ARRIVAL - 1_000, batt: [{ sn: 1, date: '2021-01-01', soc: 5 }] };
    expect(new TestPanel({ rows: 'batt' }).send({ payload: list }).fields()).toMatchObject({
      Time: [ARRIVAL - 1_000],
      date: ['2021-01-01'],
    });
  });

  test.each([
    [{ date: ['2024-05-17', '2024-05-17'], time: ['11:58', '11:59'], v: [1, 2] }],
    [{ date: ['2024-05-17', '2024-05-17'], hour: [11, 12], v: [1, 2] }],
  ])('is no date beside a time of day', (payload) => {
    expect(new TestPanel({ rowsAs: 'columns' }).send({ payload }).fields()['Time']).toEqual([ARRIVAL, ARRIVAL]);
  });

  test.each(['start', 'last_changed', 'date', 'from'])('in a list of objects is not %s, which is a state', (name) => {
    const panel = new TestPanel({ rows: 'l' });
    for (const v of [5, 6, 6]) {
      panel.send({ payload: { l: [{ [name]: new Date(ARRIVAL - 3 * HOUR).toISOString(), v }] } });
    }
    expect(panel.fields()['v']).toEqual([5, 6, 6]);
    expect(panel.notices).toEqual([]);
  });
});

describe('what stands beside the rows', () => {
  const TS = ARRIVAL / 1_000 - 60;

  test.each<[string, object, Record<string, unknown[]>]>([
    ['a time', { ts: TS, a: { v: 1 }, b: { v: 2 } }, { Time: [TS * 1_000, TS * 1_000], v: [1, 2] }],
    ['a time, of single values', { ts: TS, a: 1, b: 2 }, { Time: [TS * 1_000, TS * 1_000], Value: [1, 2] }],
  ])('is no row of entries: %s', (_, payload, cells) => {
    const panel = new TestPanel({ rowsAs: 'keys' }).send({ payload });
    expect(panel.frames.map(({ fields }) => fields[1].labels?.['key'])).toEqual(['a', 'b']);
    const [time, value] = Object.keys(cells);
    expect(panel.frames.flatMap(({ fields }) => [...fields[0].values])).toEqual(cells[time]);
    expect(panel.frames.flatMap(({ fields }) => [...fields[1].values])).toEqual(cells[value]);
  });

  test.each<[object, string[]]>([
    [{ t1: 21.5, t2: 22.5, status: { wifi: 'ok' } }, ['t1', 't2', 'status']],
    [{ a: { v: 1 }, b: null }, ['a', 'b']],
    [{ a: { v: 1 }, b: 5 }, ['a', 'b']],
    [{ sent: 1_715_900_000, created: 1_715_000_000, start: 12 }, ['sent', 'created', 'start']],
  ])('no other entry: %j', (payload, keys) => {
    const panel = new TestPanel({ rowsAs: 'keys' }).send({ payload });
    expect(panel.frames.map(({ fields }) => fields[1].labels?.['key'])).toEqual(keys.toSorted());
  });

  test.each<[object]>([
    [{ time: [TS, TS + 60], v: [1, 2], config: { limits: [0, 50, 100, 200] } }],
    [{ time: [TS, TS + 60], v: [1, 2], location: { coordinates: [5] } }],
  ])('is no list of another length: %j', (payload) => {
    const panel = new TestPanel({ rowsAs: 'columns' }).send({ payload });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL - 60_000, ARRIVAL], v: [1, 2] });
  });

  test('are tables of their own', () => {
    const table = { time: [TS, TS + 60], v: [1, 2] };
    const panel = new TestPanel({ rowsAs: 'columns' }).send({ payload: { hourly: table, daily: table } });
    expect(panel.notices.join()).toContain('has no arrays');
  });

  test('is no row of times', () => {
    const panel = new TestPanel({ rowsAs: 'times' });
    panel.send({ payload: { unit: 'kWh', '2024-05-17T11:59:00Z': 12.8, '2024-05-17T12:00:00Z': 13 } });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL - 60_000, ARRIVAL], Value: [12.8, 13] });
    const days = new TestPanel({ rowsAs: 'times', time: { zone: 'UTC' } });
    days.send({ payload: { '20240516': 1, '20240517': 2, '7': 3 } });
    expect(days.fields()).toEqual({ Time: [ARRIVAL - 36 * HOUR, ARRIVAL - 12 * HOUR], Value: [1, 2] });
  });

  test('are lists in objects, which are parallel, too', () => {
    const panel = new TestPanel({ rowsAs: 'columns' });
    panel.send({
      payload: { time: [TS, TS + 60], acc: { x: [1, 2], y: [3, 4] }, gps: { at: { lat: [5, 6] } }, unit: 'g' },
    });
    expect(panel.fields()).toEqual({
      Time: [ARRIVAL - 60_000, ARRIVAL],
      'acc.x': [1, 2],
      'acc.y': [3, 4],
      'gps.at.lat': [5, 6],
    });
  });
});

describe('rows of each of several values in one payload', () => {
  const both = [{ l: [{ v: 1 }, { v: 2 }] }, { l: [{ v: 3 }] }];
  const lists = [
    { time: [ARRIVAL - 2, ARRIVAL - 1], v: [1, 2] },
    { time: [ARRIVAL], v: [3] },
  ];
  const lines = (values: readonly object[]): string => values.map((value) => JSON.stringify(value)).join('\n');
  const packed = (values: readonly object[]): Uint8Array => Buffer.concat(values.map((value) => encode(value)));

  test.each<[string, Partial<MqttQuery>, string | Uint8Array]>([
    ['JSON lines', { rows: 'l' }, lines(both)],
    ['MessagePack', { format: 'msgpack', rows: 'l' }, packed(both)],
    ['JSON lines of parallel lists', { rowsAs: 'columns' }, lines(lists)],
    ['MessagePack of parallel lists', { format: 'msgpack', rowsAs: 'columns' }, packed(lists)],
  ])('are found: %s', (_, query, payload) => {
    const panel = new TestPanel(query).send({ payload });
    expect(panel.fields()['v']).toEqual([1, 2, 3]);
    expect(panel.notices).toEqual([]);
  });

  test('lack in one value only', () => {
    const panel = new TestPanel({ rows: 'l' }).send({ payload: lines([...both, { status: 'ok' }]) });
    expect(panel.fields()['v']).toEqual([1, 2, 3]);
    expect(panel.notices.join()).toMatch(/1 message was decoded only in part.*There is no array at "l"/);
  });

  test('at an interval come one after the other, unless labels tell them apart', () => {
    const payload = lines([
      { d: 'a', v: [1, 2, 3] },
      { d: 'b', v: [4, 5, 6] },
    ]);
    const panel = new TestPanel({ rows: 'v', time: { interval: '100' } }).send({ payload });
    expect(panel.fields()).toEqual({
      Time: [5, 4, 3, 2, 1, 0].map((n) => ARRIVAL - n * 100),
      Value: [1, 2, 3, 4, 5, 6],
    });
    const apart = new TestPanel({ rows: 'v', labels: [{ path: 'd' }], time: { interval: '100' } }).send({ payload });
    expect(apart.fields(0)['Time']).toEqual([2, 1, 0].map((n) => ARRIVAL - n * 100));
    expect(apart.fields(1)['Time']).toEqual([2, 1, 0].map((n) => ARRIVAL - n * 100));
  });

  test('are missed where there are none', () => {
    const panel = new TestPanel({ rows: 'nope' }).send({ payload: lines(both) });
    expect(panel.notices.join()).toContain('There is no array at "nope"');
  });
});

describe('samples at an interval', () => {
  const rows = { rows: 'v' } as const;
  const samples = { t: ARRIVAL, dt: 20, rate: 100, v: [1, 2, 2, 3] };

  test.each<[string, Partial<MqttQuery>, number[]]>([
    ['a number', { ...rows, time: { from: 'path', path: 't', interval: '10' } }, [0, 10, 20, 30]],
    ['a path', { ...rows, time: { from: 'path', path: 't', interval: 'dt' } }, [0, 20, 40, 60]],
    ['a rate', { ...rows, time: { from: 'path', path: 't', interval: 'rate', intervalUnit: 'Hz' } }, [0, 10, 20, 30]],
    [
      'microseconds',
      { ...rows, time: { from: 'path', path: 't', interval: '500', intervalUnit: 'us' } },
      [0, 0.5, 1, 1.5],
    ],
    ['until the arrival', { ...rows, time: { from: 'arrival', interval: '10' } }, [-30, -20, -10, 0]],
    [
      'of items of a list',
      { ...rows, rowsAs: 'items', time: { from: 'path', path: 't', interval: '10' } },
      [0, 10, 20, 30],
    ],
  ])('are spread: %s', (_, query, times) => {
    const panel = new TestPanel(query).send({ payload: samples, at: ARRIVAL });
    expect(panel.fields()).toEqual({ Time: times.map((ms) => ARRIVAL + ms), Value: [1, 2, 2, 3] });
  });

  test('that have times of their own have these', () => {
    const list = [0, 1].map((i) => ({ ts: ARRIVAL + i * 7, v: i }));
    const panel = new TestPanel({ time: { interval: '10' } }).send({ payload: list, at: ARRIVAL });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL, ARRIVAL + 7], v: [0, 1] });
  });

  test.each<[string, object, string]>([
    ['dt', { dt: 'x', v: [1, 2] }, 'The interval of the rows at "dt" is "x", not a number above 0'],
    ['dt', { dt: -10, v: [1, 2] }, 'The interval of the rows at "dt" is "-10", not a number above 0'],
    ['dt', { v: [1, 2] }, 'The interval of the rows at "dt" is none'],
    ['dt', { dt: {}, v: [1, 2] }, 'The interval of the rows at "dt" is "no value", not a number above 0'],
    ['0', { v: [1, 2] }, 'The interval of the rows is "0", not a number above 0'],
  ])('is spoken of where there is none: %s of %j', (interval, payload, words) => {
    const panel = new TestPanel({ rows: 'v', time: { interval } }).send({ payload });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL, ARRIVAL], Value: [1, 2] });
    expect(panel.notices.join()).toContain(`${words}, so all of them have one time.`);
  });

  test.each<[string, Partial<MqttQuery>, string]>([
    ['JSON lines', {}, '{"v":1}\n{"v":1}\n{"v":2}'],
    ['CSV', { format: 'csv' }, 'v\n1\n1\n2\n'],
    ['line protocol', { format: 'influx' }, 'm v=1\nm v=1\nm v=2'],
  ])('spreads the rows of %s', (_, query, payload) => {
    const panel = new TestPanel({ ...query, time: { interval: '10' } }).send({ payload });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL - 20, ARRIVAL - 10, ARRIVAL], v: [1, 1, 2] });
    expect(panel.notices).toEqual([]);
  });

  test.each([500, 970, 1_000, 30])('keeps equal samples of messages that overlap: every %s ms', (every) => {
    const panel = new TestPanel({ rows: 'v', time: { interval: '10' } });
    for (let i = 0; i < 5; i++) {
      panel.send({ payload: { v: Array.from({ length: 100 }, () => 5) }, at: ARRIVAL + i * every });
    }
    const { Time, Value } = panel.fields();
    expect(Value).toHaveLength(500);
    expect(Time).toEqual((Time as number[]).toSorted((a, b) => a - b));
  });

  test('is not needed for rows with times of their own', () => {
    const panel = new TestPanel({ format: 'influx', time: { interval: 'dt' } });
    panel.send({ payload: `m v=1 ${ARRIVAL - 5}000000\nm v=2 ${ARRIVAL}000000` });
    expect(panel.notices).toEqual([]);
  });

  test('is not needed for one row', () => {
    const panel = new TestPanel({ rows: 'v', time: { interval: 'dt' } }).send({ payload: { v: [1] } });
    expect(panel.notices).toEqual([]);
  });
});
