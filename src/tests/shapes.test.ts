import { describe, expect, test } from 'vitest';
import { StructureRevision } from '../../workbench/grafana/panel-data';
import { ARRIVAL, TestPanel } from '../testing/test-panel';
import type { MqttQuery } from '../types';

describe('table', () => {
  test('a row per message of all series, the newest first, so that a live table moves', () => {
    const shown = new TestPanel({ topic: 'home/{room}', shape: 'table' });
    shown.send(
      { topic: 'home/attic', payload: { t: 20, unit: '°C' } },
      { topic: 'home/bath', payload: { t: 'high' } },
      { topic: 'home/attic', payload: { t: 21 } }
    );
    expect(shown.fields()).toEqual({
      Time: [ARRIVAL + 2_000, ARRIVAL + 1_000, ARRIVAL],
      Topic: ['home/attic', 'home/bath', 'home/attic'],
      room: ['attic', 'bath', 'attic'],
      't [celsius]': [21, null, 20],
      't (text)': [null, 'high', null],
      unit: [null, null, '°C'],
    });
  });

  test('has the newest rows where there are too many, and says so', () => {
    const shown = new TestPanel({ shape: 'table', keep: { rows: 20_000 } });
    const times = Array.from({ length: 12_000 }, (_, i) => ({
      topic: `t${i % 7}`,
      payload: String(i),
      at: ARRIVAL + i,
    }));
    shown.send(...times);
    const { Value } = shown.fields();
    expect([Value.length, Value[0], Value.at(-1)]).toEqual([10_000, 11_999, 2_000]);
    expect(shown.notices).toContain('The panel shows the newest 10,000 rows of this time range.');
  });
});

describe('fields that the query names', () => {
  const fields = [{ path: 'a' }, { path: 'b', name: 'beta' }, { path: 'c', type: 'number' as const }, { path: 'd.e' }];
  const names = (shown: TestPanel): Array<string[]> =>
    shown.frames.map((frame) => frame.fields.map(({ name, type }) => `${name}: ${type}`));

  test.each(['series', 'table', 'latest'] as const)(
    'have an empty column before they have a value, in the order of the query: %s',
    (shape) => {
      const shown = new TestPanel({ shape, fields }).send({ payload: { b: 1 } });
      const ours = (): string[] => names(shown)[0].filter((name) => !/^T(ime|opic)/.test(name));
      expect(ours()).toEqual(['a: other', 'beta: number', 'c: other', 'd.e: other']);
      shown.send({ payload: { c: '7', d: { e: 'x' } } });
      expect(ours()).toEqual(['a: other', 'beta: number', 'c: number', 'd.e: string']);
      shown.send({ payload: { a: true, b: 2 } });
      expect(ours()).toEqual(['a: boolean', 'beta: number', 'c: number', 'd.e: string']);
    }
  );

  test('have no value in rows from before the first', () => {
    const shown = new TestPanel({ shape: 'table', fields });
    shown.send({ payload: { a: 1 } });
    expect(shown.fields()).toMatchObject({ a: [1], beta: [null], c: [null], 'd.e': [null] });
    shown.send({ payload: { c: 3, d: { e: null } } });
    expect(shown.fields()).toMatchObject({ a: [null, 1], beta: [null, null], c: [3, null], 'd.e': [null, null] });
  });

  test('of items of a list, with labels: each series that has one of them', () => {
    const shown = new TestPanel({ fields: fields.slice(0, 2), labels: [{ path: 'id' }] });
    shown.send({
      payload: [
        { id: 1, a: 1 },
        { id: 2, b: 1 },
        { id: 3, x: 1 },
      ],
    });
    expect(names(shown)).toEqual([
      ['Time: time', 'a: number', 'beta: other'],
      ['Time: time', 'a: other', 'beta: number'],
    ]);
  });

  test('of which a topic has none give it no column, so that it is not shown', () => {
    const shown = new TestPanel({ fields }).send({ topic: 'x', payload: { z: 1 } }, { topic: 'y', payload: { a: 1 } });
    expect(shown.frames.map(({ name }) => name)).toEqual(['y']);
    expect(shown.send({ topic: 'x', payload: { b: 1 } }).frames.map(({ name }) => name)).toEqual(['x', 'y']);
  });
});

describe('latest values', () => {
  test('a row for each set of labels, by topic and label', () => {
    const shown = new TestPanel({ shape: 'latest', labels: [{ path: 'id' }] });
    shown.send({ payload: { id: 2, v: 5 } }, { payload: { id: 1, v: 6 } }, { payload: { id: 2, v: 7 } });
    expect(shown.fields()).toEqual({
      Time: [ARRIVAL + 1_000, ARRIVAL + 2_000],
      Topic: ['t', 't'],
      id: ['1', '2'],
      v: [6, 7],
    });
  });
});

describe('logs', () => {
  test('lines keep their id from tick to tick, and no two have the same', () => {
    const shown = new TestPanel({ shape: 'logs' });
    const ids = (): unknown[] => shown.frames[0].fields.find(({ name }) => name === 'id')!.values;
    shown.send({ payload: 'one', at: ARRIVAL }, { payload: 'one', at: ARRIVAL }, { payload: 'two', at: ARRIVAL });
    const before = ids();
    expect(new Set(before).size).toBe(3);
    shown.send({ payload: 'three' });
    expect(ids().slice(0, 3)).toEqual(before);
  });

  test('message and severity are found in JSON', () => {
    const shown = new TestPanel({ shape: 'logs' });
    shown.send({ payload: { level: 'WARN', message: 'hot', t: 90 } }, { payload: { t: 1 } });
    const [frame] = shown.frames;
    const values = Object.fromEntries(frame.fields.map((field) => [field.name, field.values]));
    expect(values).toMatchObject({ body: ['hot', '{"t":1}'], severity: ['warn', ''] });
  });
});

describe('legend', () => {
  const shownNames = (shown: TestPanel): string[] =>
    shown.frames.map(({ fields }) => String(fields.at(-1)!.config.displayNameFromDS));

  test('a series keeps its name when another topic with the same labels arrives', () => {
    const shown = new TestPanel({ topic: 'home/{room}/+' }).send({ topic: 'home/bath/t', payload: '1' });
    const [name] = shownNames(shown);
    shown.send({ topic: 'home/bath/rh', payload: '2' }, { topic: 'home/attic/t', payload: '3' });
    expect(shownNames(shown)).toContain(name);
    expect(shownNames(shown)).toEqual(expect.arrayContaining(['attic t', 'bath rh', 'bath t']));
  });

  test('uses labels of messages, and automatic names tell the series apart', () => {
    const names = (legend?: string): unknown[] => {
      const shown = new TestPanel({
        topic: 't',
        labels: [{ path: 'model' }, { path: 'id' }],
        ...(legend && { legend }),
      });
      shown.send({ payload: { model: 'WH2', id: 1, v: 1 } }, { payload: { model: 'WH2', id: 2, v: 2 } });
      return shown.frames.map(({ fields }) => fields.at(-1)!.config.displayNameFromDS);
    };
    expect(names('{{model}}-{{id}}')).toEqual(['WH2-1', 'WH2-2']);
    expect(names()).toEqual(['WH2 1 v', 'WH2 2 v']);
  });

  describe('a payload that is one value, and is chosen as a field,', () => {
    const names = (query: Partial<MqttQuery>, ...payloads: Array<string | object>): string[] =>
      new TestPanel({ topic: 'home/{room}/t', ...query })
        .send(...payloads.map((payload) => ({ topic: 'home/kitchen/t', payload })))
        .frames.flatMap(({ fields }) => fields.slice(1).map(({ config }) => String(config.displayNameFromDS)));

    test.each<[string, Partial<MqttQuery>, Array<string | object>]>([
      ['a number', {}, ['21.5', '22']],
      ['null at first', {}, ['null', '22']],
      ['a number by its format', { format: 'number' }, ['21.5 °C']],
      ['a text', {}, ['open']],
      ['one of two words', { mappings: [{ path: 'Value', true: 'ON', false: 'OFF' }] }, ['ON']],
      ['the items of a list', { rows: 'list' }, [{ list: [1, 2] }]],
      ['a field of the topic', { topic: 'home/+/{metric}', pivot: 'metric' }, ['21.5']],
    ])('has the name that it has by itself: %s', (_, query, payloads) => {
      const path = query.pivot === undefined ? 'Value' : 't';
      expect(names({ ...query, fields: [{ path }] }, ...payloads)).toEqual(names(query, ...payloads));
    });

    test('has a unit and a type, and no further word', () => {
      expect(names({ fields: [{ path: 'Value', unit: 'celsius', type: 'number' }] }, '21.5')).toEqual(['kitchen']);
    });

    test('has the name that the query gives it', () => {
      expect(names({ fields: [{ path: 'Value', name: 'Temperature' }] }, '21.5')).toEqual(['kitchen Temperature']);
      expect(names({ fields: [{ path: 'Value' }], legend: '{{room}} {{field}}' }, '21.5')).toEqual(['kitchen Value']);
    });

    test('is not a key of that name, or one of several fields', () => {
      expect(names({ fields: [{ path: 'Value' }] }, { Value: 21.5, other: 1 })).toEqual(['kitchen Value']);
      expect(names({ fields: [{ path: 'temp' }] }, { temp: 21.5, other: 1 })).toEqual(['kitchen temp']);
      expect(names({ fields: [{ path: 'Value' }, { path: 'temp' }] }, { Value: 1, temp: 21.5 })).toEqual([
        'kitchen Value',
        'kitchen temp',
      ]);
    });

    test('tells its series apart by a label of the message, which is no field', () => {
      expect(names({ labels: [{ path: 'Value' }], fields: [{ path: 'Value' }] }, '1', '2')).toEqual([
        'kitchen 1',
        'kitchen 2',
      ]);
    });
  });
});

test.each(['series', 'latest', 'table', 'logs', 'annotations'] as const)(
  'the structure of %s stays while the schema does, and nothing emitted is kept',
  (shape) => {
    const shown = new TestPanel({ shape, labels: [{ path: 'id' }], time: { from: 'auto' } });
    const structure = new StructureRevision();
    const message = (i: number) => ({
      payload: { id: i % 3, ts: ARRIVAL / 1_000 + (i % 2 ? i : -i), temperature_C: i },
    });
    shown.send(message(0), message(1), message(2));
    const before = shown.response().data;
    const revision = structure.next(before);
    const kept = before.flatMap(({ fields }) => fields.map(({ values }: { values: unknown[] }) => values));
    kept.forEach((values) => {
      expect(Object.getPrototypeOf(values)).toBe(Array.prototype);
      values.length = 0;
    });
    shown.send(message(3), message(4), message(5));
    const after = shown.response().data;
    expect(structure.next(after)).toBe(revision);
    expect(after.every(({ length }) => length > 0)).toBe(true);
  }
);

describe('notices', () => {
  test('a clock that is off by hours', () => {
    const shown = new TestPanel({ time: { from: 'path', path: 'ts' } });
    shown.send({ topic: 'shed', payload: { ts: ARRIVAL - 2 * 3_600_000, v: 1 }, at: ARRIVAL });
    expect(shown.notices).toEqual([
      expect.stringMatching(
        /^The times in the payload are 2 h behind the time of arrival on "shed"\. The rows are shown at the times in the payload\./
      ),
    ]);
    expect(shown.fields()).toEqual({ Time: [ARRIVAL - 2 * 3_600_000], v: [1] });
  });

  test('values of another type, and values that are not of the one asked for', () => {
    expect(new TestPanel().send({ payload: '1' }, { payload: 'x' }).notices[0]).toMatch(
      /^1 value has another type than the field, and is in a separate field/
    );
    const typed = new TestPanel({ fields: [{ path: 'Value', type: 'number' }] }).send(
      { payload: '1' },
      { payload: 'x' }
    );
    expect(typed.notices[0]).toMatch(/^1 value does not have the type that the query gives the field/);
    expect(typed.fields()).toEqual({ Time: [ARRIVAL, ARRIVAL + 1_000], Value: [1, null] });
  });

  test('integers that a number cannot hold', () => {
    const shown = new TestPanel({ fields: [{ path: 'Value', type: 'number' }] }).send({
      payload: '18446744073709551615',
    });
    expect(shown.notices).toEqual([
      '1 integer is too large for an exact number, and is rounded. Choose the type Text for the field to see all digits.',
    ]);
  });

  test('rows that came too late', () => {
    const shown = new TestPanel({ time: { from: 'path', path: 'ts' }, keep: { rows: 2 } });
    for (const i of [3, 1, 2]) {
      shown.send({ payload: { ts: ARRIVAL + i * 1_000, i } });
    }
    expect(shown.fields()).toMatchObject({ i: [2, 3] });
    shown.send({ payload: { ts: ARRIVAL, i: 0 } });
    expect(shown.notices).toEqual([expect.stringMatching(/^1 row arrived too late and was dropped/)]);
  });
});

test("lines of Explore's Live begin with their topic, if there can be several", () => {
  const bodies = (topic: string, liveStreaming: boolean): unknown[] => {
    const shown = new TestPanel({ topic, shape: 'logs' }).send({ topic: 'home/bath', payload: 'wet' });
    return shown.response(0, 8e15, false, { liveStreaming }).data[0].fields[1].values;
  };
  expect(bodies('home/{room}', true)).toEqual(['home/bath: wet']);
  expect(bodies('home/bath', true)).toEqual(['wet']);
  expect(bodies('home/{room}', false)).toEqual(['wet']);
});
