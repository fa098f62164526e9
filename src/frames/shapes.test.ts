import { type DataFrame, FieldType } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { SeriesBuilder } from '../payload';
import { CircularFrame } from './circular-frame';
import { latestFrame, toFrames } from './to-frames';
import { emptyFrame, seriesFrames, type ShapeOptions } from './shapes';
import type { SeriesView } from './union';

const OPTIONS: ShapeOptions = { refId: 'A', window: { from: 0, to: 1_000 }, legend: undefined, alone: false };

class Series implements SeriesView {
  readonly frame = new CircularFrame(100);
  readonly #builder: SeriesBuilder;
  #time = 0;

  constructor(
    readonly topic: string,
    readonly labels: Record<string, string>,
    ...messages: unknown[]
  ) {
    this.#builder = new SeriesBuilder(0, topic, 100);
    this.add(...messages);
  }

  add(...messages: unknown[]): this {
    for (const message of messages) {
      this.#builder.add((this.#time += 10), message);
    }
    const chunk = this.#builder.take();
    if (chunk !== undefined) {
      this.frame.append(chunk);
    }
    return this;
  }
}

const schema = (frames: DataFrame[]): unknown =>
  frames.map(({ refId, name, fields }) => ({
    refId,
    name,
    fields: fields.map(({ name, type, labels, config }) => ({ name, type, labels, config })),
  }));

const names = (frame: DataFrame): string[] => frame.fields.map(({ name }) => name);
const displayed = (frame: DataFrame): unknown[] => frame.fields.slice(1).map(({ config }) => config.displayNameFromDS);
const cells = (frame: DataFrame): Record<string, unknown[]> =>
  Object.fromEntries(frame.fields.map(({ name, values }) => [name, values]));

describe('seriesFrames', () => {
  test('one frame per topic, a row per message', () => {
    const kitchen = new Series(
      'home/kitchen',
      { room: 'kitchen' },
      { t: 21, on: true },
      { t: null, s: 'x' },
      { j: ['1'], n: null }
    );
    expect(seriesFrames([kitchen], OPTIONS)).toEqual([
      {
        refId: 'A',
        name: 'home/kitchen',
        length: 3,
        fields: [
          { name: 'Time', type: FieldType.time, config: {}, values: [10, 20, 30] },
          ...[
            { name: 't', type: FieldType.number, values: [21, null, undefined] },
            { name: 'on', type: FieldType.boolean, values: [true, undefined, undefined] },
            { name: 's', type: FieldType.string, values: [undefined, 'x', undefined] },
            { name: 'j', type: FieldType.other, values: [undefined, undefined, ['1']] },
            { name: 'n', type: FieldType.other, values: [undefined, undefined, null] },
          ].map((field) => ({
            ...field,
            labels: { room: 'kitchen', topic: 'home/kitchen' },
            config: { displayNameFromDS: `kitchen ${field.name}` },
          })),
        ],
      },
    ]);
  });

  test('only the rows of the window, both ends in it', () => {
    const one = new Series('a', {}, 1, 2, 3, 4, 5);
    const [frame] = seriesFrames([one], { ...OPTIONS, window: { from: 20, to: 40 } });
    expect(cells(frame)).toEqual({ Time: [20, 30, 40], Value: [2, 3, 4] });
    expect(frame.length).toBe(3);
  });

  test.each([
    ['after all', 100, 200],
    ['the wrong way around', 40, 20],
  ])('a window %s gives the same fields without rows', (_, from, to) => {
    const one = new Series('a', {}, 1, 2, 3, 4, 5);
    const frames = seriesFrames([one], { ...OPTIONS, window: { from, to } });
    expect(frames[0].length).toBe(0);
    expect(cells(frames[0])).toEqual({ Time: [], Value: [] });
    expect(schema(frames)).toEqual(schema(seriesFrames([one], OPTIONS)));
  });

  test('schema stays between ticks while the values move, and nothing is shared', () => {
    const all = [new Series('a', { room: 'a' }, { t: 1, s: 'x' }), new Series('b', { room: 'b' }, 1)];
    const first = seriesFrames(all, OPTIONS);
    const copy = structuredClone(first);
    all[0].add({ t: 2 });
    all[1].add(2, null);
    const second = seriesFrames(all, OPTIONS);
    expect(schema(second)).toEqual(schema(first));
    for (const [i, frame] of first.entries()) {
      expect(frame).not.toBe(second[i]);
      for (const [j, field] of frame.fields.entries()) {
        const other = second[i].fields[j];
        expect(field).not.toBe(other);
        expect(field.values).not.toBe(other.values);
        expect(field.config).not.toBe(other.config);
        expect(field.labels === undefined || field.labels !== other.labels).toBe(true);
      }
    }
    expect(first).toEqual(copy);
    for (const { fields } of second) {
      for (const field of fields) {
        field.values.length = 0;
        field.config.unit = 'x';
        Object.assign((field.labels ??= {}), { topic: 'gone' });
      }
    }
    expect(schema(seriesFrames(all, OPTIONS))).toEqual(schema(first));
    expect(cells(seriesFrames(all, OPTIONS)[1])).toEqual({ Time: [10, 20, 30], Value: [1, 2, null] });
  });

  test('a new field is added behind those there are', () => {
    const one = new Series('a', {}, { b: 1 });
    const before = names(seriesFrames([one], OPTIONS)[0]);
    one.add({ a: 1, b: 'x' });
    expect(names(seriesFrames([one], OPTIONS)[0])).toEqual([...before, 'a', 'b (text)']);
  });

  test('displayed names tell all fields apart', () => {
    const scalar = new Series('home/a/t', { room: 'a' }, 1, 'nan', { Value: 2, x: 3 });
    const other = new Series('home/a/rh', { room: 'a' }, 5);
    const third = new Series('home/b/t', { room: 'b' }, 5);
    const frames = seriesFrames([scalar, other, third], OPTIONS);
    expect(frames.map(displayed)).toEqual([
      ['home/a/t', 'home/a/t Value (text)', 'home/a/t Value (payload)', 'home/a/t x'],
      ['home/a/rh'],
      ['b'],
    ]);
  });

  test('or are as the query says', () => {
    const one = new Series('home/a', { room: 'a' }, { t: 1 });
    expect(displayed(seriesFrames([one], { ...OPTIONS, legend: '{{room}}: {{field}}' })[0])).toEqual(['a: t']);
    expect(displayed(seriesFrames([one], { ...OPTIONS, legend: '' })[0])).toEqual(['a t']);
    expect(displayed(seriesFrames([one], { ...OPTIONS, alone: true })[0])).toEqual(['t']);
  });
});

test('series are in the order of their topics and labels: a series keeps its color when the page is reloaded', () => {
  const labelled = (topic: string, phase: string) => new Series(topic, { phase }, 1);
  const all = [labelled('meter10', 'b'), labelled('meter10', 'a'), labelled('meter2', 'c')];
  for (const series of [all, all.toReversed()]) {
    expect(toFrames('series', series, OPTIONS).map(({ fields }) => fields[1].labels)).toEqual([
      { topic: 'meter2', phase: 'c' },
      { topic: 'meter10', phase: 'a' },
      { topic: 'meter10', phase: 'b' },
    ]);
  }
});

test('rows of one time are apart only in a panel with several series, which Grafana joins by time', () => {
  const builder = new SeriesBuilder(0, 'a', 100);
  const view = { topic: 'a', labels: {}, frame: new CircularFrame(100) };
  [1, 2, 3].forEach((value) => builder.add(10, value));
  builder.add(20, 4);
  view.frame.append(builder.take()!);
  const timesOf = (series: SeriesView[], joined = false): unknown[] =>
    seriesFrames(series, { ...OPTIONS, joined })[0].fields[0].values;
  expect(timesOf([view])).toEqual([10, 10, 10, 20]);
  for (const times of [timesOf([view, new Series('b', {}, 1)]), timesOf([view], true)]) {
    expect(times).toEqual([10, 10.001, expect.closeTo(10.002, 9), 20]);
  }
});

describe('latestFrame', () => {
  test('a row per topic, in the order of topics, with the newest of each field', () => {
    const b = new Series('h/b', { room: 'b' }, { t: 1, s: 'on' }, { t: 2 });
    const a = new Series('h/a', { room: 'a' }, { t: 3 }, { h: 4 }, { t: null });
    const frame = latestFrame([b, a], OPTIONS);
    expect(frame).toMatchObject({ refId: 'A', length: 2 });
    expect(frame.name).toBeUndefined();
    expect(frame.fields.map(({ name, type }) => [name, type])).toEqual([
      ['Time', FieldType.time],
      ['Topic', FieldType.string],
      ['room', FieldType.string],
      ['t', FieldType.number],
      ['s', FieldType.string],
      ['h', FieldType.number],
    ]);
    expect(cells(frame)).toEqual({
      Time: [30, 20],
      Topic: ['h/a', 'h/b'],
      room: ['a', 'b'],
      t: [null, 2],
      s: [null, 'on'],
      h: [4, null],
    });
  });

  test('fields of one path and several types are one a type, whatever each series calls them', () => {
    const numberFirst = new Series('a', {}, { v: 1 }, { v: 'x' });
    const textFirst = new Series('b', {}, { v: 'y' }, { v: 2 });
    const boolean = new Series('c', {}, { v: true });
    const frame = latestFrame([numberFirst, textFirst, boolean], OPTIONS);
    expect(cells(frame)).toEqual({
      Time: [20, 20, 10],
      Topic: ['a', 'b', 'c'],
      v: [1, 2, null],
      'v (text)': ['x', 'y', null],
      'v (boolean)': [null, null, true],
    });
    expect(names(frame)).toHaveLength(5);
  });

  test('a field that is only null in one series belongs to that of the others', () => {
    const frame = latestFrame([new Series('a', {}, { v: null }), new Series('b', {}, { v: 2 })], OPTIONS);
    expect(cells(frame)).toEqual({ Time: [10, 10], Topic: ['a', 'b'], v: [null, 2] });
    expect(frame.fields[2].type).toBe(FieldType.number);
    const nulls = latestFrame([new Series('a', {}, { v: null })], OPTIONS);
    expect(cells(nulls)).toEqual({ Time: [10], Topic: ['a'], v: [null] });
  });

  test('names are each once, whatever the levels and the payload are called', () => {
    const one = new Series(
      'x',
      { Time: 'l1', Topic: 'l2', room: 'l3' },
      { Time: 1e12, Topic: 2, room: 3, 'Topic (level)': 4 }
    );
    const frame = latestFrame([one], OPTIONS);
    expect(cells(frame)).toEqual({
      Time: [10],
      Topic: ['x'],
      'Time (level)': ['l1'],
      'Topic (level)': ['l2'],
      room: ['l3'],
      'Time (payload)': [1e12],
      'Topic (payload)': [2],
      'room (payload)': [3],
      'Topic (level) (payload)': [4],
    });
    expect(new Set(names(frame)).size).toBe(9);
  });

  test('a label that a series does not have is missing, whatever its name', () => {
    const frame = latestFrame([new Series('a', { constructor: 'x' }, 1), new Series('b', {}, 2)], OPTIONS);
    expect(cells(frame).constructor).toEqual(['x', null]);
  });

  test('series without rows are left out, but not their fields', () => {
    const silent = new Series('a', { room: 'a' });
    const frame = latestFrame([silent, new Series('b', { room: 'b' }, 2)], OPTIONS);
    expect(cells(frame)).toEqual({ Time: [10], Topic: ['b'], room: ['b'], Value: [2] });
  });

  test('a column has the unit of those of its series that name one, and none where they name several', () => {
    const celsius = new Series('a', {}, { value: 1, unit: '°C' });
    const same = new Series('b', {}, { value: 2, unit: 'C' });
    const silent = new Series('c', {}, { value: 3 });
    const percent = new Series('d', {}, { value: 4, unit: '%' });
    const unit = (...all: Series[]): unknown =>
      latestFrame(all, OPTIONS).fields.find(({ name }) => name === 'value')?.config.unit;
    expect(unit(silent, celsius, same)).toBe('celsius');
    expect(unit(silent)).toBeUndefined();
    expect(unit(celsius, percent)).toBeUndefined();
  });

  test('schema stays between ticks, and nothing is shared', () => {
    const all = [new Series('a', { room: 'a' }, { t: 1, s: 'x' }), new Series('b', { room: 'b' }, 1)];
    const first = latestFrame(all, OPTIONS);
    const copy = structuredClone(first);
    all[1].add(2);
    all[0].add({ s: 'y' });
    const second = latestFrame(all, OPTIONS);
    expect(schema([second])).toEqual(schema([first]));
    expect(first).toEqual(copy);
    for (const [i, field] of first.fields.entries()) {
      expect(field.values).not.toBe(second.fields[i].values);
      expect(field.config).not.toBe(second.fields[i].config);
    }
    expect(cells(second)).toMatchObject({ t: [1, null], s: ['y', null], Value: [null, 2] });
  });
});

test('emptyFrame holds nothing but whose it is', () => {
  expect(emptyFrame('B')).toEqual({ refId: 'B', fields: [], length: 0 });
});
