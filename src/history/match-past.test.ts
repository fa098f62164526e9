import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CircularFrame, type SeriesView } from '../frames';
import type { ColumnSpec } from '../payload';
import { matchPast } from './match-past';
import type { PastField } from './past-fields';
import { pastFrame } from './past-frame';

type Columns = Array<string | Partial<ColumnSpec>>;

/** A series with these columns: `Value` is a payload that is one number, any other name is a key of the payload. */
function view(topic: string, labels: Record<string, string> = {}, columns: Columns = ['Value']): SeriesView {
  const specs = columns.map((column): ColumnSpec => {
    const { name = 'Value', type = 'number', ...rest } = typeof column === 'string' ? { name: column } : column;
    return { name, type, path: name === 'Value' ? [] : name.split('.'), ...rest };
  });
  return { topic, labels, frame: specs.length === 0 ? new CircularFrame(1) : pastFrame(specs, new Map()) };
}

function field(labels: Record<string, string>, names: string[] = ['Value'], over: Partial<PastField> = {}): PastField {
  return { labels, names, type: 'number', times: [1], values: [1], ...over };
}

/** Topic and column for each field; undefined if it matches none. */
function matched(views: SeriesView[], fields: PastField[]): Array<string | undefined> {
  const { bySeries, unmatched } = matchPast(views, fields);
  const found = fields.map((each) => {
    for (const [{ topic, frame }, columns] of bySeries) {
      for (const [column, past] of columns) {
        if (past === each) {
          return `${topic} ${frame.columns[column].name}`;
        }
      }
    }
    return undefined;
  });
  expect(unmatched).toEqual(fields.filter((_, i) => found[i] === undefined));
  return found;
}

describe('matchPast', () => {
  const kitchen = view('home/kitchen/temperature', { room: 'kitchen' });
  const attic = view('home/attic/temperature', { room: 'attic' });

  test('by a label', () => {
    const fields = [field({ room: 'attic' }), field({ room: 'kitchen', host: 'h' }), field({ room: 'cellar' })];
    expect(matched([kitchen, attic], fields)).toEqual([
      'home/attic/temperature Value',
      'home/kitchen/temperature Value',
      undefined,
    ]);
  });

  test('by the topic as a label, as Telegraf writes it', () => {
    expect(matched([kitchen, attic], [field({ topic: 'home/attic/temperature', host: 'h' }, ['value'])])).toEqual([
      'home/attic/temperature Value',
    ]);
  });

  test('by the topic or the label as the name', () => {
    expect(matched([kitchen, attic], [field({}, ['home/attic/temperature']), field({}, ['kitchen'])])).toEqual([
      'home/attic/temperature Value',
      'home/kitchen/temperature Value',
    ]);
  });

  test('the most labels in common win, and a label that differs excludes', () => {
    const views = ['1', '2'].map((plug) => view(`home/kitchen/${plug}`, { room: 'kitchen', plug }));
    expect(matched(views, [field({ room: 'kitchen', plug: '2' }), field({ room: 'attic', plug: '1' })])).toEqual([
      'home/kitchen/2 Value',
      undefined,
    ]);
  });

  test('a label that fits several series matches none of them', () => {
    const views = ['1', '2'].map((plug) => view(`home/kitchen/${plug}`, { room: 'kitchen', plug }));
    expect(matched(views, [field({ room: 'kitchen' })])).toEqual([undefined]);
  });

  test('several fields that fit one column match nothing, unless one has its name', () => {
    const fields = [field({ room: 'attic' }, ['min']), field({ room: 'attic' }, ['max'])];
    expect(matched([kitchen, attic], fields)).toEqual([undefined, undefined]);
    const plug = view('plug', { room: 'attic' }, ['power']);
    expect(matched([kitchen, plug], [...fields, field({ room: 'attic' }, ['power'])])).toEqual([
      undefined,
      undefined,
      'plug power',
    ]);
  });

  test('by the name of the field: as it is, as recorders write it, and as the last part of a name', () => {
    const plug = view('tele/plug', { plug: '1' }, ['ENERGY.Power', 'ENERGY.Voltage', 'Uptime']);
    const names = [['ENERGY_Power'], ['energy.voltage'], ['tele.Uptime {plug: 1}'], ['ENERGY_Current']];
    expect(
      matched(
        [plug, kitchen],
        names.map((each) => field({ plug: '1' }, each))
      )
    ).toEqual(['tele/plug ENERGY.Power', 'tele/plug ENERGY.Voltage', 'tele/plug Uptime', undefined]);
  });

  test('by the longest name at the end of the name that InfluxDB has', () => {
    const plug = view('tele/plug', { plug: '1' }, ['Power', 'ENERGY.Power']);
    expect(matched([plug, kitchen], [field({ plug: '1' }, ['Value', 'mqtt.ENERGY.Power { plug: 1 }'])])).toEqual([
      'tele/plug ENERGY.Power',
    ]);
  });

  test('the only one on both sides needs nothing in common, but nothing may differ', () => {
    expect(matched([kitchen], [field({}, ['mean'])])).toEqual(['home/kitchen/temperature Value']);
    expect(matched([kitchen], [field({ room: 'attic' }, ['mean'])])).toEqual([undefined]);
    expect(matched([kitchen], [field({}, ['mean']), field({}, ['max'])])).toEqual([undefined, undefined]);
    expect(matched([kitchen, attic], [field({}, ['mean'])])).toEqual([undefined]);
  });

  test('types: numbers are read as booleans and the other way round; texts are texts', () => {
    const lamp = view('lamp', {}, [
      { name: 'on', type: 'boolean' },
      { name: 'mode', type: 'string' },
    ]);
    expect(matched([lamp], [field({}, ['mean']), field({}, ['mode'], { type: 'string' })])).toEqual([
      'lamp on',
      'lamp mode',
    ]);
  });

  test('no field is ever matched twice, and none across a label that differs', () => {
    const label = fc.constantFrom('a', 'b', 'c');
    const labels = fc.dictionary(fc.constantFrom('x', 'y', 'topic'), label, { maxKeys: 3 });
    const names = fc.array(fc.constantFrom('Value', 'p', 'q', 'a'), { minLength: 1, maxLength: 2 });
    const columns = fc.uniqueArray(fc.constantFrom('Value', 'p', 'q'), { minLength: 1 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(label, labels, columns), { maxLength: 6 }),
        fc.array(fc.tuple(labels, names), { maxLength: 8 }),
        (own, past) => {
          const views = own.map(([topic, { x, y }, each]) =>
            view(topic, JSON.parse(JSON.stringify({ x, y })) as Record<string, string>, each)
          );
          const fields = past.map(([each, called]) => field(each, called));
          const { bySeries, unmatched } = matchPast(views, fields);
          const used = [...bySeries.values()].flatMap((each) => [...each.values()]);
          expect(new Set(used).size).toBe(used.length);
          expect(used.length + unmatched.length).toBe(fields.length);
          for (const [{ topic, labels: ours }, each] of bySeries) {
            for (const theirs of each.values()) {
              for (const [name, value] of Object.entries({ ...ours, topic })) {
                expect(theirs.labels[name] ?? value).toBe(value);
              }
            }
          }
        }
      )
    );
  });
});
