import { describe, expect, test } from 'vitest';
import { automaticLegend, renderLegend, seriesTitles } from './legend';

describe('renderLegend', () => {
  const parts = {
    topic: 'home/kitchen/t',
    field: 'temperature',
    scalar: false,
    labels: { room: 'kitchen', __proto__x: 'p', empty: '', money: "$&$1$'" },
  };

  test.each([
    ['{{room}} {{field}}', 'kitchen temperature'],
    ['{{ topic }}/{{field}}', 'home/kitchen/t/temperature'],
    ['{{room}}{{room}}', 'kitchenkitchen'],
    ['[{{empty}}]', '[]'],
    ['{{money}}', "$&$1$'"],
    ['{{none}} {{constructor}} {{toString}} {{__proto__}}', '{{none}} {{constructor}} {{toString}} {{__proto__}}'],
    ['{room} {{}} {{ }}', '{room} {{}} {{ }}'],
    ['{{{room}}}', '{kitchen}'],
    ['plain', 'plain'],
  ])('%s', (template, expected) => {
    expect(renderLegend(template, parts)).toBe(expected);
  });
});

describe('seriesTitles', () => {
  test.each<[string, Array<[string, Record<string, string>]>, string[]]>([
    [
      'topics',
      [
        ['a/b', {}],
        ['a/c', {}],
      ],
      ['a/b', 'a/c'],
    ],
    [
      'named levels',
      [
        ['a/b/t', { room: 'b' }],
        ['a/c/t', { room: 'c' }],
      ],
      ['b', 'c'],
    ],
    ['several named levels', [['a/b', { site: 'a', room: 'b' }]], ['a b']],
    [
      'an empty level',
      [
        ['a/', { rest: '' }],
        ['a/b', { rest: 'b' }],
      ],
      ['a/', 'b'],
    ],
    [
      'named levels that do not tell topics apart',
      [
        ['h/b/t', { room: 'b' }],
        ['h/b/rh', { room: 'b' }],
        ['h/c/t', { room: 'c' }],
      ],
      ['h/b/t', 'h/b/rh', 'c'],
    ],
    [
      'a level that is another topic',
      [
        ['x/a', { room: 'a' }],
        ['a', {}],
      ],
      ['x/a', 'a'],
    ],
  ])('%s', (_, series, titles) => {
    expect(seriesTitles(series.map(([topic, labels]) => ({ topic, labels })))).toEqual(titles);
  });
});

test.each([
  [true, true, 'title'],
  [true, false, 'title'],
  [false, true, 'humidity'],
  [false, false, 'title humidity'],
])('automaticLegend: scalar %s, alone %s', (scalar, alone, expected) => {
  expect(automaticLegend({ topic: 't', labels: {}, field: 'humidity', scalar }, 'title', alone)).toBe(expected);
});
