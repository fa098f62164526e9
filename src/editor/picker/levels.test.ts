import { describe, expect, test } from 'vitest';
import { filterLevels, filterOf, lineAt, withLevel } from './levels';
import { ageText, bytesText, rateText } from './words';

describe('names of levels', () => {
  const names = (line: string): string[] => filterLevels(line).map(({ named }) => named);

  test.each([
    ['home/kitchen/temperature', ['{level1}', '{room}', '{level3}']],
    ['tele/plug1/SENSOR', ['{level1}', '{device}', '{level3}']],
    ['building/lines/7/speed', ['{level1}', '{floor}', '{line}', '{level4}']],
    ['plant/{line}/lines/7', ['{level1}', '{line}', '{level3}', '{line2}']],
    ['home/{room}/temperature', ['{level1}', '{room}', '{level3}']],
    ['home/{floor}/#', ['{level1}', '{floor}', '{rest#}']],
    ['home/{rest}/#', ['{level1}', '{rest}', '{rest2#}']],
    ['topics/x', ['{level1}', '{level2}']],
    ['__proto__/x', ['{level1}', '{level2}']],
  ])('of %s', (line, expected) => {
    expect(names(line)).toEqual(expected);
  });
});

test('a wildcard becomes the level of a topic that fits', () => {
  const examples = (line: string, ...topics: string[]) => filterLevels(line, topics).map(({ example }) => example);
  expect(examples('a/{x}/c', 'other/1', 'a/b/c', 'a/z/c')).toEqual(['a', 'b', 'c']);
  expect(examples('a/+/c', 'a/{x}/c')).toEqual(['a', undefined, 'c']);
  expect(examples('a/+/#', 'a/b/c/d')).toEqual(['a', 'b', undefined]);
});

test('a level is replaced in its place', () => {
  expect(withLevel('a/b/c', 1, '{x}')).toBe('a/{x}/c');
  expect(withLevel('/b', 0, '+')).toBe('+/b');
});

test('the filter of a line', () => {
  const filter = (line: string) => filterOf(line, (text) => text.includes('$'));
  expect(filter('home/{room}/t')).toBe('home/+/t');
  expect(filter('home/${room}/{rest#}')).toBe('home/+/#');
  expect(filter('home/#/t')).toBeUndefined();
  expect(filter('')).toBeUndefined();
});

test('the line at the caret', () => {
  expect(lineAt('a\nbc\nd', 3)).toEqual({ line: 'bc', from: 2, to: 4 });
  expect(lineAt('a', 1)).toEqual({ line: 'a', from: 0, to: 1 });
  expect(lineAt('a\n', 2)).toEqual({ line: '', from: 2, to: 2 });
});

test('numbers in words', () => {
  expect([bytesText(1), bytesText(1_234), bytesText(5_000_000)]).toEqual(['1 byte', '1.2 kB', '5.0 MB']);
  expect([ageText(-5), ageText(61_000), ageText(7_200_000), ageText(200_000_000)]).toEqual([
    '0 s',
    '1 min',
    '2 h',
    '2 d',
  ]);
  expect([rateText(1234), rateText(2), rateText(0.5), rateText(0.001)]).toEqual(['1,234 /s', '2 /s', '30 /min', '']);
});
