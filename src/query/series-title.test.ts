import { describe, expect, test } from 'vitest';
import { parsePatterns } from '../topics';
import { seriesTitle } from './series-title';

const titles = (filters: string, topics: readonly string[], labels: Record<string, string> = {}): unknown[] => {
  const title = seriesTitle(parsePatterns(filters));
  return topics.map((topic) => title?.(topic, labels));
};

describe('seriesTitle', () => {
  test.each([
    ['home/{room}/temperature', ['home/kitchen/temperature', 'home/bath/temperature'], ['kitchen', 'bath']],
    ['{site}/x/{room}', ['a/x/b'], ['a b']],
    [
      'home/{room}/+',
      ['home/kitchen/temperature', 'home/kitchen/humidity'],
      ['kitchen temperature', 'kitchen humidity'],
    ],
    ['home/{room}/#', ['home/kitchen/a/b', 'home/kitchen', 'home/bath/t'], ['kitchen a/b', 'kitchen', 'bath t']],
    ['home/{rest#}', ['home/a/b', 'home'], ['a/b', '']],
    [
      'home/{room}/temperature\nhome/{room}/humidity',
      ['home/kitchen/temperature', 'home/kitchen/humidity'],
      ['kitchen temperature', 'kitchen humidity'],
    ],
    ['$share/g/home/{room}/temperature', ['home/kitchen/temperature'], ['kitchen']],
  ])('%j', (filters, topics, expected) => {
    expect(titles(filters, topics)).toEqual(expected);
  });

  test.each([
    ['without named levels', 'home/+/temperature', 'home/kitchen/temperature'],
    ['of topics of different depth', 'home/{room}/t\nhome/{floor}/{room}/t', 'home/1/kitchen/t'],
    ['of topics of one depth and of any', 'home/{room}\nhome/#', 'home/kitchen'],
  ])('none %s', (_, filters, topic) => {
    expect(titles(filters, [topic])).toEqual([undefined]);
  });

  test('none with a label of a message', () => {
    expect(titles('home/{room}/+', ['home/kitchen/t'], { room: 'kitchen', id: '7' })).toEqual([undefined]);
    expect(titles('home/{room}/+', ['home/kitchen/t'], { room: 'kitchen' })).toEqual(['kitchen t']);
  });
});
