import { describe, expect, test } from 'vitest';
import { describeTopic } from './describe-topic';
import { legendNames } from './legend-names';

const describedAs = (text: string, shape: 'series' | 'latest' = 'series') =>
  describeTopic(text, { shape }, (line) => line.includes('$room'));

describe('what a topic means', () => {
  test('a level that names fields is no label', () => {
    const meaning = (text: string): unknown => describeTopic(text, { pivot: 'metric' }, () => false).meaning;
    expect(meaning('{device}/{metric}')).toBe('All topics that match +/+; each series has the label device');
    expect(meaning('a/{metric}')).toBe('All topics that match a/+');
    expect(legendNames(['device', 'metric'], { pivot: 'metric' })).toEqual(['device', 'field', 'topic']);
  });

  test.each([
    ['home/kitchen/temperature', 'One topic'],
    ['home/{}/{a b}', 'One topic'],
    ['home/+/temperature', 'All topics that match home/+/temperature'],
    ['home/{room}/temperature', 'All topics that match home/+/temperature; each series has the label room'],
    ['{a}/{b}/{c#}', 'All topics that match +/+/#; each series has the labels a, b and c'],
    ['$share/group/home/{room}', 'All topics that match home/+; each series has the label room'],
    ['#', 'All topics, except topics that begin with $'],
    ['a\nb\n\n c ', '3 filters'],
    ['a\na', 'One topic'],
    ['home/{room}/t\nhome/{room}/h\n{x}', '3 filters; each series has the labels room and x'],
    ['home/$room/t', 'Variables are replaced when the query runs'],
    ['$room/{sensor}', 'Variables are replaced when the query runs; each series has the label sensor'],
    ['home/$room/t\na/b', '2 filters; variables are replaced when the query runs'],
  ])('%j: %s', (text, meaning) => {
    expect(describedAs(text)).toMatchObject({ meaning });
    expect(describedAs(text).problem).toBeUndefined();
  });

  test.each([
    ['home/$hall/t', ['$hall']],
    ['home/${hall:raw}/$room/[[hall]]', ['${hall:raw}', '[[hall]]']],
    ['home/$room/t', []],
    ['$SYS/broker/uptime', []],
    ['$share/group/home/$hall', ['$hall']],
    ['${hall}/t\n${hall}/h', ['${hall}']],
    ['home/$__interval/t', []],
    ['home/cost$/t', []],
  ])('%j has the unknown variables %j', (text, unknown) => {
    expect(describedAs(text).unknown).toEqual(unknown);
  });

  test('the latest values have columns', () => {
    expect(describedAs('{room}/t', 'latest').meaning).toBe('All topics that match +/t; with a column for room');
    expect(describedAs('{room}/{x}', 'latest').meaning).toBe('All topics that match +/+; with columns for room and x');
  });
});

describe('what is wrong with it', () => {
  test.each([
    ['', /empty/],
    [' \n ', /empty/],
    ['a/#/b', /nothing may follow/],
    ['a+/b', /whole level/],
    ['fine\na/#/b', /nothing may follow/],
    ['{a}/{a}', /its own name/],
    ['$room/t\na+/b', /whole level/],
  ])('%j', (text, problem) => {
    expect(describedAs(text).problem).toMatch(problem);
    expect(describedAs(text).meaning).toBeUndefined();
  });

  test('a line with variables is not judged', () => {
    expect(describedAs('a+/$room').problem).toBeUndefined();
  });
});

test('a legend can use the named levels, the field and the topic, each once', () => {
  expect(legendNames(describedAs('{room}/{field}\n{room}/$room/{x}').names, {})).toEqual([
    'room',
    'field',
    'x',
    'topic',
  ]);
  expect(legendNames([], {})).toEqual(['field', 'topic']);
});
