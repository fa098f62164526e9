import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { ARRIVAL, TestPanel } from '../testing/test-panel';
import { isEnvelope, parseQuery, seriesLabels } from './parse-query';

const same = (text: string): string => text;
const read = (query: Partial<MqttQuery>) => parseQuery({ refId: 'A', topic: 't', ...query }, same);

describe('the stream of a query', () => {
  test('nothing of what is at its default', () => {
    const plain = read({}).spec;
    const spelt = read({
      format: 'auto',
      formatOptions: {},
      fields: [],
      labels: [],
      rows: ' ',
      time: {},
      fill: 'none',
    });
    expect(spelt.spec).toStrictEqual(plain);
    expect(read({ fields: [{ path: '' }], labels: [{ path: ' ' }] }).spec).toStrictEqual(plain);
  });

  test('all that the query says', () => {
    const query = {
      format: 'csv',
      formatOptions: { delimiter: ';' },
      fields: [{ path: 'a', type: 'number' }],
      labels: [{ path: 'id' }],
      rows: 'list',
      time: { from: 'path', path: 'ts' },
      fill: 'zero',
    } as const satisfies Partial<MqttQuery>;
    expect(read(query as unknown as Partial<MqttQuery>).spec).toMatchObject(query);
  });

  test('an interval that is a number in JSON, as it is in the docs', () => {
    const shown = new TestPanel({ rows: 'v', time: { interval: 10 } }).send({ payload: { v: [1, 2, 3] } });
    expect(shown.fields()).toEqual({ Time: [ARRIVAL - 20, ARRIVAL - 10, ARRIVAL], Value: [1, 2, 3] });
  });

  test.each<[string, Partial<MqttQuery>, RegExp]>([
    ['a path', { fields: [{ path: 'a..b' }] }, /^In the path "a\.\.b"/],
    ['a path of a label', { labels: [{ path: 'a[' }] }, /^In the path "a\["/],
    ['a time zone', { time: { from: 'auto', zone: 'Middle/Earth' } }, /^There is no time zone "Middle\/Earth"/],
    ['a time zone with a field of type time', { fields: [{ path: 'a', type: 'time' }], time: { zone: 'x' } }, /"x"/],
    ['a time format', { time: { from: 'path', path: 'a', format: '!' } }, /^The time format "!"/],
  ])('%s that is none is said', (_, query, message) => {
    expect(() => read(query)).toThrow(message);
  });

  test('the examples of the documentation', () => {
    const page = readFileSync(new URL('../../docs/query-editor.md', import.meta.url), 'utf8');
    const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, json]) => JSON.parse(json) as MqttQuery);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      expect(() => parseQuery(example, same)).not.toThrow();
    }
  });
});

test('labels of a message give way to those of its topic', () => {
  const target = read({ topic: 'home/{room}/t' });
  const labels = { room: 'x', topic: 'y', id: '1' };
  const series = { topic: 'home/attic/t', labels } as unknown as Parameters<typeof seriesLabels>[1];
  expect(seriesLabels(target, series)).toEqual({
    room: 'attic',
    'room (payload)': 'x',
    'topic (payload)': 'y',
    id: '1',
  });
});

test.each<[Partial<MqttQuery>, boolean]>([
  [{}, true],
  [{ reduce: 'minmax' }, true],
  [{ shape: 'latest' }, true],
  [{ reduce: 'all' }, false],
  [{ reduce: 'mean' }, false],
  [{ reduce: 'last' }, false],
  [{ shape: 'table' }, false],
  [{ shape: 'logs' }, false],
  [{ shape: 'annotations' }, false],
])('a query with %j shows only the smallest and largest of many rows: %s', (over, expected) => {
  expect(isEnvelope(parseQuery({ refId: 'A', topic: 't', ...over }, (text) => text))).toBe(expected);
});
