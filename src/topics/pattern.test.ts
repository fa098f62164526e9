import { describe, expect, test } from 'vitest';
import { TopicError } from './filter';
import { parsePattern, parsePatterns } from './pattern';

describe('parsePattern', () => {
  test.each([
    ['home/kitchen', 'home/kitchen', [], false],
    ['home/{room}/temperature', 'home/+/temperature', ['room'], true],
    ['{site}/{room}', '+/+', ['site', 'room'], true],
    ['home/{rest#}', 'home/#', ['rest'], true],
    ['{all#}', '#', ['all'], true],
    ['home/+/{kind}', 'home/+/+', ['kind'], true],
    ['$share/g/home/{room}', '$share/g/home/+', ['room'], true],
    ['$share/g/home', '$share/g/home', [], false],
    ['{Küche-2_b}', '+', ['Küche-2_b'], true],
    // Braces that are not a whole level, or hold no name, are the topic's own.
    ['a{room}', 'a{room}', [], false],
    ['{room}b/{}', '{room}b/{}', [], false],
    ['{1}/{a b}/{{a}}', '{1}/{a b}/{{a}}', [], false],
  ])('%s subscribes to %s', (text, filter, names, wildcard) => {
    expect(parsePattern(text)).toMatchObject({ text, filter, names, wildcard });
  });

  test.each([
    ['{a}/{a}', /Two levels .* named "a"/],
    ['{a}/{a#}', /named "a"/],
    ['home/{topic}', /named "topic"/],
    ['{rest#}/a', /nothing may follow/],
    ['$share/{group}/a', /\$share/],
    ['{a}/#/b', /nothing may follow/],
    ['{a}+', /whole level/],
    ['', /empty/],
  ])('%j is refused', (text, message) => {
    expect(() => parsePattern(text)).toThrow(TopicError);
    expect(() => parsePattern(text)).toThrow(message);
  });
});

describe('labels of a topic', () => {
  test.each<[string, string, Record<string, string> | undefined]>([
    ['home/{room}/temperature', 'home/kitchen/temperature', { room: 'kitchen' }],
    ['home/{room}/temperature', 'home/kitchen/humidity', undefined],
    ['home/{room}/temperature', 'home/kitchen', undefined],
    ['home/{room}', 'home/kitchen/temperature', undefined],
    ['home/{room}', 'home/', { room: '' }],
    ['home/{room}', 'home', undefined],
    ['/{a}', '/b', { a: 'b' }],
    ['{a}/', 'b/', { a: 'b' }],
    ['{a}/', 'b', undefined],
    ['{a}/{b}', '/', { a: '', b: '' }],
    ['home/{rest#}', 'home/a/b/c', { rest: 'a/b/c' }],
    ['home/{rest#}', 'home/', { rest: '' }],
    ['home/{rest#}', 'home', { rest: '' }],
    ['home/{rest#}', 'house', undefined],
    ['home/{room}/{rest#}', 'home', undefined],
    ['home/{room}/{rest#}', 'home/a', { room: 'a', rest: '' }],
    ['home/+/{kind}', 'home/a/b', { kind: 'b' }],
    ['home/#', 'home/a', {}],
    ['home', 'home', {}],
    ['home', 'Home', undefined],
    ['{a}/{b}', '$SYS/uptime', undefined],
    ['{rest#}', '$SYS/uptime', undefined],
    ['$SYS/{what}', '$SYS/uptime', { what: 'uptime' }],
    ['{a}/{b}', 'x/$y', { a: 'x', b: '$y' }],
    ['$share/g/home/{room}', 'home/kitchen', { room: 'kitchen' }],
    ['$share/g/{rest#}', 'a/b', { rest: 'a/b' }],
  ])('%s, %s', (pattern, topic, labels) => {
    expect(parsePattern(pattern).labels(topic)).toEqual(labels);
  });

  test('a level may have any name', () => {
    const labels = parsePattern('{__proto__}/{constructor}/{toString#}').labels('a/b/c')!;
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });
});

describe('parsePatterns', () => {
  test('one a line, each once, without the space around', () => {
    const patterns = parsePatterns('  a/b \r\n\r\n\n{x}/c\na/b\n');
    expect(patterns.map(({ text }) => text)).toEqual(['a/b', '{x}/c']);
  });

  test.each(['', '\n', '  \r\n '])('%j is empty', (text) => {
    expect(() => parsePatterns(text)).toThrow(/is empty/);
  });

  test('one wrong line is refused', () => {
    expect(() => parsePatterns('a\nb+')).toThrow(TopicError);
  });
});
