import { describe, expect, test } from 'vitest';
import { describeTopic } from './describe-topic';
import { legendNames } from './legend-names';

const describedAs = (text: string, shape: 'series' | 'latest' = 'series') =>
  describeTopic(text, shape, (line) => line.includes('$room'));

describe('what a topic means', () => {
  test.each([
    ['home/kitchen/temperature', 'One topic'],
    ['home/{}/{a b}', 'One topic'],
    ['home/+/temperature', 'Every topic matching home/+/temperature'],
    ['home/{room}/temperature', 'Every topic matching home/+/temperature; series labelled by room'],
    ['{a}/{b}/{c#}', 'Every topic matching +/+/#; series labelled by a, b and c'],
    ['$share/group/home/{room}', 'Every topic matching home/+; series labelled by room'],
    ['#', 'Every topic on the broker, except those that begin with $'],
    ['a\nb\n\n c ', '3 filters'],
    ['a\na', 'One topic'],
    ['home/{room}/t\nhome/{room}/h\n{x}', '3 filters; series labelled by room and x'],
    ['home/$room/t', 'Variables are filled in when the query runs'],
    ['$room/{sensor}', 'Variables are filled in when the query runs; series labelled by sensor'],
    ['home/$room/t\na/b', '2 filters, with variables filled in when the query runs'],
  ])('%j: %s', (text, meaning) => {
    expect(describedAs(text)).toMatchObject({ meaning });
    expect(describedAs(text).problem).toBeUndefined();
  });

  test('the latest values have columns', () => {
    expect(describedAs('{room}/t', 'latest').meaning).toBe('Every topic matching +/t; with a column for room');
    expect(describedAs('{room}/{x}', 'latest').meaning).toBe('Every topic matching +/+; with columns for room and x');
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
