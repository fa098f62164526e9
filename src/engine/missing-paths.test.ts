import { describe, expect, test } from 'vitest';
import { Rows, type RowMappingSpec } from '../payload';
import { MissingPaths } from './missing-paths';

const POWER = { Time: '2026-01-01', ENERGY: { Power: 5, Voltage: 230 } };

function missing(spec: RowMappingSpec, ...values: unknown[]) {
  const paths = new MissingPaths(spec);
  values.forEach((value) => paths.check(value, undefined));
  return paths.missing(0).map(({ kind, path, nearest }) => [kind, path, nearest[0]]);
}

describe('a path that no message has', () => {
  test.each<[string, RowMappingSpec, unknown, unknown[]]>([
    ['field', { fields: [{ path: 'ENERGY.power' }] }, POWER, ['field', 'ENERGY.power', 'ENERGY.Power']],
    ['field without its object', { fields: [{ path: 'Voltage' }] }, POWER, ['field', 'Voltage', 'ENERGY.Voltage']],
    [
      'field with a typing error',
      { fields: [{ path: 'ENERGY.Pwoer' }] },
      POWER,
      ['field', 'ENERGY.Pwoer', 'ENERGY.Power'],
    ],
    ['label', { labels: [{ path: 'Id' }] }, { id: 7, v: 1 }, ['label', 'Id', 'id']],
    ['field in JSON in a text', { fields: [{ path: 't' }] }, { m: '{"t":1}' }, ['field', 't', 'm.t']],
    [
      'field of an item in JSON in a text',
      { rows: 'm', fields: [{ path: 'V' }] },
      { m: '[{"v":1}]' },
      ['field', 'V', 'v'],
    ],
    [
      'value mapping',
      { mappings: [{ path: 'State', true: 'a', false: 'b' }] },
      { state: 'a' },
      ['mapping', 'State', 'state'],
    ],
    ['time', { time: { from: 'path', path: 'when' } }, { v: 1, wen: 2 }, ['time', 'when', 'wen']],
    ['list of rows', { rows: 'item' }, { items: [{ v: 1 }], n: 1 }, ['rows', 'item', 'items']],
    ['field of an item', { rows: 'l', fields: [{ path: 'V' }] }, { l: [{ v: 1 }] }, ['field', 'V', 'v']],
    ['field of a list', { fields: [{ path: 'V' }] }, [{ v: 1 }], ['field', 'V', 'v']],
    [
      'field of an object',
      { rowsAs: 'keys', fields: [{ path: 'T' }] },
      { a: { t: 1 }, b: { t: 2 } },
      ['field', 'T', 't'],
    ],
    [
      'field of an object in the payload',
      { rows: 'd', rowsAs: 'times', fields: [{ path: '[2]' }] },
      { d: { '2024-05-17T11:59:00Z': [1, 2] } },
      ['field', '[2]', '[0]'],
    ],
    ['field of a format with rows', { fields: [{ path: 'V' }] }, new Rows([{ value: { v: 1 } }]), ['field', 'V', 'v']],
  ])('%s is named with the nearest one that there is', (_, spec, value, expected) => {
    expect(missing(spec, value)).toEqual([expected]);
  });

  test('is not missing once a single message has had it', () => {
    const spec = { fields: [{ path: 'a' }, { path: 'b' }] };
    expect(missing(spec, { a: 1 }, { c: 1 })).toEqual([['field', 'b', 'c']]);
    expect(missing(spec, { a: 1 }, { b: null })).toEqual([]);
  });

  test('is not missing where it is in the payload around the item, in any item, or names the payload itself', () => {
    expect(missing({ rows: 'l', labels: [{ path: 'id' }] }, { id: 1, l: [{ v: 1 }] })).toEqual([]);
    expect(missing({ rows: 'l', fields: [{ path: 'w' }] }, { l: [{ v: 1 }, { v: 2 }, { w: 3 }] })).toEqual([]);
    expect(missing({ fields: [{ path: 'Value' }] }, 21.5)).toEqual([]);
    // A tag of the format is a label already, but no field.
    const tagged = new Rows([{ value: { v: 1 }, labels: { host: 'a' } }]);
    expect(missing({ labels: [{ path: 'host' }] }, tagged)).toEqual([]);
    expect(missing({ fields: [{ path: 'host' }] }, tagged)).toEqual([['field', 'host', 'v']]);
    const keyed = { fields: [{ path: 't' }], labels: [{ path: 'id' }] };
    const devices = { id: 7, d: { a: { t: 1 }, b: { t: 2 } } };
    expect(missing({ ...keyed, rows: 'd', rowsAs: 'keys' }, devices)).toEqual([]);
    expect(missing({ ...keyed, rowsAs: 'keys' }, { a: { t: 1, id: 7 } })).toEqual([]);
    expect(missing({ fields: [{ path: '[1]' }], rowsAs: 'times' }, { '2024-05-17T11:59:00Z': [1, 2] })).toEqual([]);
    expect(missing({ fields: [{ path: 'Value' }], rowsAs: 'times' }, { '2024-05-17T11:59:00Z': 1 })).toEqual([]);
    const columns = { time: ['2024-05-17T11:59:00Z'], t: [1] };
    expect(missing({ fields: [{ path: 't' }], rows: 'd', rowsAs: 'columns' }, { d: columns })).toEqual([]);
    expect(missing({ fields: [{ path: '[1].v' }] }, [{ v: 1 }, { v: 2 }])).toEqual([]);
  });

  test('comes with the others of its object before the rest', () => {
    const paths = new MissingPaths({ fields: [{ path: 'ENERGY.power' }] });
    paths.check({ Time: 1, ENERGY: { Total: 1, Power: 2 }, x: 3 }, undefined);
    expect(paths.missing(0)[0].nearest).toEqual(['ENERGY.Power', 'ENERGY.Total', 'Time', 'x']);
  });

  test('is not known before a message has come', () => {
    expect(missing({ fields: [{ path: 'a' }] })).toEqual([]);
  });

  test('is looked for among user properties if it names one', () => {
    const paths = new MissingPaths({ labels: [{ path: 'site', from: 'property' }] });
    paths.check({ v: 1 }, { other: 'x' });
    expect(paths.missing(0)).toHaveLength(1);
    paths.check({ v: 1 }, { site: 'x' });
    expect(paths.missing(0)).toEqual([]);
  });

  test('of an inherited name is missing', () => {
    expect(missing({ fields: [{ path: 'constructor' }] }, { v: 1 })).toEqual([['field', 'constructor', 'v']]);
  });
});
