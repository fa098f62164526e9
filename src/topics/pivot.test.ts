import { describe, expect, test } from 'vitest';
import { parsePatterns } from './pattern';
import { pivot, pivotFilters, unpivot } from './pivot';

describe('the level that names a field', () => {
  test.each([
    ['plant/{device}/{metric}', 'plant/dev5/temp', { topic: 'plant/dev5/+', field: 'temp' }],
    ['{metric}', 'temp', { topic: '+', field: 'temp' }],
    ['{metric}/x', '/x', { topic: '+/x', field: '' }],
    ['plant/{metric}/#', 'plant/temp', { topic: 'plant/+', field: 'temp' }],
    ['plant/{metric}/#', 'plant/temp/a/b', { topic: 'plant/+/a/b', field: 'temp' }],
    ['plant/{metric#}', 'plant/a/b', { topic: 'plant/#', field: 'a/b' }],
    ['$share/g/plant/{metric}', 'plant/temp', { topic: 'plant/+', field: 'temp' }],
    ['plant/{metric#}', 'plant', undefined],
    ['plant/{metric}', 'other/temp', undefined],
    ['plant/+\nplant/{metric}', 'plant/temp', undefined],
    ['plant/status\nplant/{metric}', 'plant/temp', { topic: 'plant/+', field: 'temp' }],
    ['{metric}/x', '$SYS/x', undefined],
  ])('%j, %s', (text, topic, pivoted) => {
    const found = pivot(pivotFilters(parsePatterns(text), 'metric'), topic);
    expect(found).toEqual(pivoted);
    if (found !== undefined) {
      expect(unpivot(found.topic, found.field)).toBe(topic);
    }
  });

  test('may have any characters', () => {
    expect(unpivot('a/+/b', '$&')).toBe('a/$&/b');
  });

  test('has to be in a filter', () => {
    expect(() => pivotFilters(parsePatterns('a/{b}\nc'), 'd')).toThrow(/No level of the topic has the name {d}/);
  });
});
