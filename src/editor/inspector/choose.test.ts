import { describe, expect, test } from 'vitest';
import type { ValueRow } from '../../engine/explorer-protocol';
import type { MqttQuery } from '../../types';
import { possibleRoles, type Role, rolesOf, toggleRole } from './choose';

const query: MqttQuery = { refId: 'A', topic: 't' };
const row = (over: Partial<ValueRow>): ValueRow => ({
  key: 'v',
  depth: 0,
  kind: 'number',
  text: '1',
  path: 'v',
  ...over,
});

describe('a click', () => {
  test.each<[Role, Partial<ValueRow>, Partial<MqttQuery>]>([
    ['field', {}, { fields: [{ path: 'v' }] }],
    ['field', { unit: 'watt' }, { fields: [{ path: 'v', unit: 'watt' }] }],
    ['field', { type: 'number', kind: 'string' }, { fields: [{ path: 'v', type: 'number' }] }],
    ['label', {}, { labels: [{ path: 'v' }] }],
    ['time', {}, { time: { from: 'path', path: 'v' } }],
    ['rows', { kind: 'list' }, { rows: 'v' }],
    [
      'mapping',
      { kind: 'string', words: { true: 'ON', false: 'OFF' } },
      { mappings: [{ path: 'v', true: 'ON', false: 'OFF' }] },
    ],
  ])('gives a value the role %s, and a second click takes it back', (role, over, change) => {
    const next = toggleRole(query, row(over), role);
    expect(next).toEqual({ ...query, ...change });
    expect([...rolesOf(next, { path: 'v' })]).toEqual([role]);
    expect(toggleRole(next, row(over), role)).toStrictEqual(query);
  });

  test.each<[Role, Partial<MqttQuery>]>([
    ['field', { fields: [{ path: 'temp.v' }] }],
    ['mapping', { mappings: [{ path: 'temp.v', true: 'ON', false: 'OFF' }] }],
    ['label', { labels: [{ path: 'v' }] }],
    ['time', { time: { from: 'path', path: 'v' } }],
  ])('uses the path in the field that the topic names, for the role %s where it counts', (role, change) => {
    const value = row({ fieldPath: 'temp.v', words: { true: 'ON', false: 'OFF' } });
    const next = toggleRole(query, value, role);
    expect(next).toEqual({ ...query, ...change });
    expect([...rolesOf(next, value)]).toEqual([role]);
    expect(toggleRole(next, value, role)).toStrictEqual(query);
  });

  test('keeps what is chosen of other paths, and a label from a user property of the same name', () => {
    const labels = [{ path: 'v', from: 'property' as const }];
    const next = toggleRole({ ...query, fields: [{ path: 'x' }], labels }, row({}), 'field');
    expect(next.fields).toEqual([{ path: 'x' }, { path: 'v' }]);
    const labelled = toggleRole(next, row({}), 'label');
    expect(labelled.labels).toEqual([...labels, { path: 'v' }]);
    expect(toggleRole(labelled, row({}), 'label').labels).toEqual(labels);
  });
});

test('the roles that a value can have', () => {
  expect(possibleRoles(row({}))).toEqual(['field', 'label']);
  expect(possibleRoles(row({ isTime: true }))).toEqual(['field', 'label', 'time']);
  expect(possibleRoles(row({ kind: 'string', words: { true: 'a', false: 'b' } }))).toEqual([
    'field',
    'mapping',
    'label',
  ]);
  expect(possibleRoles(row({ kind: 'list', isRows: true }))).toEqual(['rows']);
  expect(possibleRoles(row({ kind: 'list', isRows: true, path: 'Value' }))).toEqual([]);
  expect(possibleRoles(row({ kind: 'object' }))).toEqual([]);
});
