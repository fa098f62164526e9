import { describe, expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { withField, withLimit } from './query-changes';
import { sameInEffect } from './same-in-effect';
import { tidyTopic } from './topic-lines';

const query: MqttQuery = { refId: 'A', topic: 'a/b' };

describe('withField', () => {
  test('saves what differs from the default, and nothing else', () => {
    expect(withField(query, 'qos', 1)).toEqual({ ...query, qos: 1 });
    expect(withField({ ...query, qos: 1 }, 'qos', 0)).toStrictEqual(query);
    expect(withField({ ...query, legend: '{{topic}}' }, 'legend', '')).toStrictEqual(query);
  });

  test('keeps fields that it does not know and leaves the original alone', () => {
    const saved = Object.freeze({ ...query, format: 'json' as const, futureField: { deep: true } });
    expect(withField(saved, 'format', 'text')).toEqual({ ...saved, format: 'text' });
    expect(withField(saved, 'format', 'auto')).toEqual({ ...query, futureField: { deep: true } });
  });
});

describe('withLimit', () => {
  const age = JSON.parse('{"age":"1h"}'); // a limit that this version does not know

  test.each<[string, MqttQuery['keep'], number | undefined, MqttQuery['keep']]>([
    ['sets', undefined, 500, { rows: 500 }],
    ['takes back', { rows: 5 }, undefined, undefined],
    ['keeps other limits', { rows: 5, ...age }, undefined, age],
    ['keeps other limits when one is set', age, 7, { rows: 7, ...age }],
  ])('%s', (_, before, rows, after) => {
    const expected = after === undefined ? query : { ...query, keep: after };
    expect(withLimit({ ...query, keep: before }, 'rows', rows)).toStrictEqual(expected);
  });
});

test('tidyTopic drops blank lines and surrounding spaces', () => {
  expect(tidyTopic('  a/b \r\n\n c d/# \n')).toBe('a/b\nc d/#');
});

describe('sameInEffect', () => {
  test.each([
    [
      'a default written out',
      { qos: 0, format: 'auto', shape: 'series', legend: '', retained: 'use', keep: {} } as const,
    ],
    ['spaces, blank lines and repeats in the topic', { topic: ' a/b\n\na/b ' }],
  ])('%s changes nothing', (_, change) => {
    expect(sameInEffect(query, { ...query, ...change })).toBe(true);
  });

  test.each([
    ['topic', { topic: 'a/c' }],
    ['qos', { qos: 1 } as const],
    ['format', { format: 'json' } as const],
    ['shape', { shape: 'latest' } as const],
    ['legend', { legend: 'x' }],
    ['retained', { retained: 'mark' } as const],
    ['rows', { keep: { rows: 5 } }],
    ['hide', { hide: true }],
  ])('%s does', (_, change) => {
    expect(sameInEffect(query, { ...query, ...change })).toBe(false);
  });

  test('a query from an older or a foreign dashboard may have no topic', () => {
    const bare: MqttQuery = JSON.parse('{"refId":"A"}');
    expect(sameInEffect(bare, { ...bare, topic: '' })).toBe(true);
  });
});
