import { expect, describe, test } from 'vitest';
import '../../testing/parts';
import { createDecoder } from '../../payload';
import { PartPending } from '../../payload/part';
import { UnitFinder } from '../../payload/units/unit-words';
import { pivot } from '../../topics';
import type { ReadSpec, ValueRow } from '../explorer-protocol';
import { Stream } from '../stream';
import { Inspector } from './inspector';
import { incoming } from '../../testing/incoming';

const utf8 = new TextEncoder();

const NOW = Date.UTC(2026, 0, 2);

function inspect(payloads: ReadonlyArray<string | Uint8Array>, read: Partial<ReadSpec> = {}, topic = 't') {
  const tools = { createDecoder, PartPending, Units: UnitFinder, Stream, pivot };
  const inspector = new Inspector({ format: 'auto', ...read }, tools, () => undefined);
  payloads.forEach((payload, i) => inspector.add(incoming(topic, payload), NOW + i));
  return inspector;
}

const LIVE = { hold: false };
const valuesOf = (payloads: string[], read: Partial<ReadSpec> = {}, topic = 't'): readonly ValueRow[] =>
  inspect(payloads, read, topic).view(LIVE).detail!.values;
const lines = (rows: readonly ValueRow[]): string[] => rows.map(({ path, text }) => `${path} ${text}`);

describe('the values of a message', () => {
  test('are a tree with the paths that a query writes', () => {
    const values = valuesOf(['{"a":{"b.c":1},"l":[1,true],"n":null}']);
    expect(lines(values)).toEqual(['a 1 value', 'a["b.c"] 1', 'l 2 items', 'l[0] 1', 'l[1] true', 'n null']);
    expect(values.map(({ depth }) => depth)).toEqual([0, 1, 0, 1, 1, 0]);
  });

  test('of a payload that is one value are that value', () => {
    expect(lines(valuesOf(['21.5']))).toEqual(['Value 21.5']);
    expect(valuesOf(['ON'])[0].words).toEqual({ true: 'ON', false: 'OFF' });
  });

  test('have a path in the field that the topic names', () => {
    const read = { pivot: [{ filter: 'a/+', level: 1 }] };
    const values = valuesOf(['{"v":1,"u":{"w":2}}'], read, 'a/temp');
    expect(values.map(({ path, fieldPath }) => [path, fieldPath])).toEqual([
      ['v', 'temp.v'],
      ['u', undefined],
      ['u.w', 'temp.u.w'],
    ]);
    expect(valuesOf(['1'], read, 'a/temp')[0]).toMatchObject({ path: 'Value', fieldPath: 'temp' });
    const { preview } = inspect(['1'], read, 'a/temp').view({ hold: false, mapping: { fields: [{ path: 'temp' }] } });
    expect(preview?.columns).toEqual(['Time', 'topic', 'temp']);
  });

  test.each<[string, number, boolean]>([
    ['seconds', Math.floor(NOW / 1_000) - 3_600, true],
    ['milliseconds', NOW - 3_600_000, true],
    ['seconds of another year', Math.floor(NOW / 1_000) - 40_000_000, false],
    ['fractions of a second', NOW / 1_000 + 0.5, true],
    ['a count', 1_234, false],
  ])('are offered as a time if they may be one, whatever their name: %s', (_, xyz, isTime) => {
    expect(valuesOf([JSON.stringify({ xyz })])[0].isTime === true).toBe(isTime);
  });

  test('have paths within the items if items are rows', () => {
    const list = '{"id":7,"list":[{"v":1},{"v":2}]}';
    expect(valuesOf([list])[1]).toMatchObject({ path: 'list', isRows: true });
    expect(lines(valuesOf([list], { rows: 'list' }))).toEqual([
      'id 7',
      'list 2 items',
      'Value 1 value',
      'v 1',
      'Value 1 value',
      'v 2',
    ]);
    expect(lines(valuesOf(['[{"v":1}]'])).at(-1)).toBe('v 1');
  });

  test('suggest what reads them: units, numbers in text, words, times', () => {
    const payload = JSON.stringify({
      ENERGY: { Power: 5 },
      t: { temperature: 21, temperature_unit: '°C' },
      n: '21.5',
      state: 'open',
      ts: NOW,
      text: 'hello',
    });
    const by = new Map(valuesOf([payload], {}, 'tele/plug/SENSOR').map((row) => [row.path, row]));
    expect(by.get('ENERGY.Power')?.unit).toBe('watt');
    expect(by.get('t.temperature')).toMatchObject({ payloadUnit: '°C' });
    expect(by.get('t.temperature')?.unit).toBeUndefined();
    expect(by.get('n')?.type).toBe('number');
    expect(by.get('state')?.words).toEqual({ true: 'open', false: 'closed' });
    expect(by.get('ts')?.isTime).toBe(true);
    expect(by.get('text')).toEqual({ key: 'text', depth: 0, kind: 'string', text: 'hello', path: 'text' });
  });

  test('say what they were in the message before, on the same topic', () => {
    const inspector = inspect(['{"a":1,"b":2}']);
    inspector.add(incoming('other', '{"a":7,"b":7}'), NOW);
    inspector.add(incoming('t', '{"a":1,"b":3,"c":4}'), NOW);
    const { values } = inspector.view(LIVE).detail!;
    expect(values.map(({ path, before }) => [path, before])).toEqual([
      ['a', undefined],
      ['b', '2'],
      ['c', 'missing'],
    ]);
  });

  test('of very many are cut', () => {
    const detail = inspect([JSON.stringify(Array.from({ length: 5_000 }, (_, i) => i))]).view(LIVE).detail!;
    expect(detail.values).toHaveLength(300);
    expect(detail.cut).toBe(true);
  });

  test('of other formats are read as the query reads them', () => {
    expect(lines(valuesOf(['1;2'], { format: 'csv', formatOptions: { columns: ['x', 'y'] } }))).toEqual(['x 1', 'y 2']);
    expect(lines(valuesOf(['cpu,host=a load=3'], { format: 'influx' }))).toContain('load 3');
  });

  test('a key that means something in JavaScript is a key', () => {
    expect(lines(valuesOf(['{"__proto__":1,"constructor":2}']))).toEqual(['__proto__ 1', 'constructor 2']);
  });
});

describe('a text that is more than a text', () => {
  const rowOf = (value: unknown, path = 'v'): ValueRow | undefined =>
    valuesOf([JSON.stringify({ v: value })]).find((row) => row.path === path);

  test.each([
    ['21.5', '21.5', undefined],
    ['-3', '-3', undefined],
    [' 1e3 ', '1000', undefined],
    ['21.3 °C', '21.3 °C', '°C'],
    ['230V', '230 V', 'V'],
    ['1013,2 hPa', '1013.2 hPa', 'hPa'],
    ['00123.4*kWh', '123.4 kWh', 'kWh'],
    ['+0001.23 kg', '1.23 kg', 'kg'],
    ['00.155', '0.155', undefined],
  ])('%j is read as the number %s', (text, readsAs, unit) => {
    expect(rowOf(text)).toMatchObject({ type: 'number', readsAs });
    expect(rowOf(text)?.payloadUnit).toBe(unit);
  });

  test.each([
    '007',
    '-007',
    '0049 ',
    'hello',
    '2024-05-17',
    '12:30',
    '10.0.0.1',
    '1.2.3',
    '0x1F',
    '12345678901234567891',
    'nan',
    '',
  ])('%j suggests no number', (text) => {
    expect(rowOf(text)?.type).toBeUndefined();
  });

  test('is JSON: its values have paths that a query reads', () => {
    const payload = JSON.stringify({ m: JSON.stringify({ t: 21, l: [{ x: 1 }, { x: '2 V' }] }), other: '{broken' });
    const values = valuesOf([payload]);
    expect(lines(values)).toEqual([
      'm 2 values in a text',
      'm.t 21',
      'm.l 2 items',
      'm.l[0] 1 value',
      'm.l[0].x 1',
      'm.l[1] 1 value',
      'm.l[1].x 2 V',
      'other {broken',
    ]);
    const leaves = values.filter(({ kind }) => kind === 'number' || kind === 'string');
    const fields = leaves.map(({ path, type }) => ({ path, ...(type === undefined ? undefined : { type }) }));
    const { preview } = inspect([payload]).view({ hold: false, mapping: { fields } });
    expect(preview?.columns.slice(2)).toEqual(['m.t', 'm.l[0].x', 'm.l[1].x', 'other']);
    expect(preview?.rows[0].slice(2)).toEqual(['21', '1', '2', '{broken']);
  });

  test('is JSON of a list: its items become rows', () => {
    const payload = JSON.stringify({ id: 7, m: JSON.stringify([{ v: 1 }, { v: 2 }]) });
    const list = valuesOf([payload]).find(({ path }) => path === 'm');
    expect(list).toMatchObject({ kind: 'list', isRows: true });
    const inspector = inspect([payload], { rows: 'm' });
    expect(inspector.view(LIVE).detail!.values.map(({ path }) => path)).toContain('v');
    const { preview } = inspector.view({ hold: false, mapping: { rows: 'm', fields: [{ path: 'v' }] } });
    expect(preview?.rows.map((cells) => cells.at(-1))).toEqual(['1', '2']);
  });

  test('is the whole payload', () => {
    const payload = JSON.stringify(JSON.stringify({ t: 1 }));
    expect(lines(valuesOf([payload], { format: 'json' }))).toEqual(['Value 1 value in a text', 't 1']);
    // `auto` reads what is in the text.
    expect(lines(valuesOf([payload]))).toEqual(['t 1']);
    expect(valuesOf(['"21.5"'])[0]).toMatchObject({ type: 'number', readsAs: '21.5', path: 'Value' });
  });
});

describe('the result', () => {
  test('is the rows that a panel would get, newest first', () => {
    const inspector = inspect(['{"id":"a","v":1,"w":2}', '{"id":"b","v":3}']);
    const mapping = { fields: [{ path: 'v', name: 'power' }], labels: [{ path: 'id' }] };
    expect(inspector.view({ hold: false, mapping }).preview).toEqual({
      columns: ['Time', 'topic', 'id', 'power'],
      rows: [
        ['2026-01-02T00:00:00.001Z', 't', 'b', '3'],
        ['2026-01-02T00:00:00.000Z', 't', 'a', '1'],
      ],
    });
    expect(inspector.view({ hold: false }).preview).toBeUndefined();
  });

  test('has a row for each item of a list, null, text and times', () => {
    const payload = JSON.stringify({
      l: [
        { t: NOW, s: 'x', n: null, b: true },
        { t: NOW + 1_000, s: 'y' },
      ],
    });
    const mapping = { rows: 'l', time: { from: 'path', path: 't' } } as const;
    expect(inspect([payload], { rows: 'l' }).view({ hold: false, mapping }).preview?.rows).toEqual([
      ['2026-01-02T00:00:01.000Z', 't', 'y', '', ''],
      ['2026-01-02T00:00:00.000Z', 't', 'x', 'null', 'true'],
    ]);
  });

  test('is not there for a mapping that cannot be read', () => {
    expect(inspect(['1']).view({ hold: false, mapping: { fields: [{ path: 'a[' }] } }).preview).toBeUndefined();
  });
});

test('a payload that does not decode has its reason, and its bytes', () => {
  const { failure, bytes } = inspect(['{'], { format: 'json' }).view(LIVE).detail!;
  expect(failure).toMatch(/JSON/);
  expect(bytes).toEqual(utf8.encode('{'));
});

test('a number with a unit suggests the format that reads it', () => {
  expect(inspect(['21.3 °C']).view(LIVE).detail?.readAs).toBe('number');
  expect(inspect(['hello']).view(LIVE).detail?.readAs).toBeUndefined();
  expect(inspect(['21.3 °C'], { format: 'text' }).view(LIVE).detail?.readAs).toBeUndefined();
});

describe('the list', () => {
  test('is newest first, and has what the broker says of each message', () => {
    const inspector = inspect([]);
    inspector.add(incoming('a', '1', { qos: 1, retain: true, userProperties: { unit: 'W' } }), NOW);
    inspector.add(incoming('b', '2'), NOW + 1);
    const { list, detail, messages } = inspector.view({ hold: false, selected: 1 });
    expect(list.map(({ topic }) => topic)).toEqual(['b', 'a']);
    expect(messages).toBe(2);
    expect(detail).toMatchObject({
      topic: 'a',
      qos: 1,
      retain: true,
      time: NOW,
      length: 1,
      userProperties: { unit: 'W' },
    });
  });

  test('stays as it is while somebody reads, however many messages come', () => {
    const inspector = inspect(['1', '2']);
    const held = inspector.view({ hold: true, selected: 1 });
    for (let i = 0; i < 1_000; i++) {
      inspector.add(incoming('t', 'new'), NOW + 10);
    }
    expect(inspector.view({ hold: true, selected: 1 })).toEqual({ ...held, messages: 1_002, newer: 1_000 });
    const live = inspector.view(LIVE);
    expect([live.newer, live.list.length, live.list[0].excerpt]).toEqual([0, 50, 'new']);
  });

  test('count the retained message that the page has as well once', () => {
    const inspector = inspect([]);
    inspector.log.seed('t', utf8.encode('5'), true);
    inspector.add(incoming('t', '5', { retain: true }), NOW);
    expect(inspector.view(LIVE)).toMatchObject({ messages: 1, list: [{ topic: 't', time: NOW, retain: true }] });
    inspector.add(incoming('t', '5', { retain: true }), NOW);
    expect(inspector.view(LIVE).messages).toBe(2);

    for (const later of [
      incoming('t', '6', { retain: true }),
      incoming('u', '5', { retain: true }),
      incoming('t', '5'),
    ]) {
      const other = inspect([]);
      other.log.seed('t', utf8.encode('5'), true);
      other.add(later, NOW);
      expect(other.view(LIVE).messages).toBe(2);
    }
  });

  test('begins with a message from before, if there is no other', () => {
    const inspector = inspect([]);
    inspector.log.seed('t', utf8.encode('5'), true);
    inspector.log.seed('t', utf8.encode('6'), true);
    const { list, detail } = inspector.view(LIVE);
    expect(list).toEqual([{ id: 1, topic: 't', retain: true, length: 1, excerpt: '5' }]);
    expect(lines(detail!.values)).toEqual(['Value 5']);
  });

  test('is saved as lines of JSON, with bytes as Base64', () => {
    const saved = inspect(['{"a":1}', Uint8Array.of(0xff, 0)])
      .log.toJsonLines()
      .trimEnd()
      .split('\n');
    expect(saved.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time: '2026-01-02T00:00:00.000Z', topic: 't', qos: 0, retain: false, length: 7, payload: '{"a":1}' },
      { time: '2026-01-02T00:00:00.001Z', topic: 't', qos: 0, retain: false, length: 2, base64: '/wA=' },
    ]);
  });
});

test.each([
  ['tele/plug/SENSOR', '{"ENERGY":{"Current":1}}', 'ENERGY.Current', 'amp'],
  ['tele/plug/SENSOR', '{"ENERGY":{"Current":"1.5"}}', 'ENERGY.Current', 'amp'],
  ['zigbee2mqtt/attic', '{"temperature":1}', 'temperature', 'celsius'],
  ['zigbee2mqtt/attic', '{"a":{"temperature":1}}', 'a.temperature', undefined],
  ['other/attic', '{"temperature":1}', 'temperature', undefined],
  ['shellies/plug/status', '{"switch":{"apower":1}}', 'switch.apower', 'watt'],
  ['shelly/status/humidity:0', '{"rh":50}', 'rh', 'percent'],
  ['shelly/status', '{"rh":50}', 'rh', undefined],
])('the unit of %s %s', (topic, payload, path, unit) => {
  expect(valuesOf([payload], {}, topic).find((row) => row.path === path)?.unit).toBe(unit);
});
