import { describe, expect, test } from 'vitest';
import { TopicError } from './filter';
import { parsePatterns } from './pattern';
import { expandVariables, MAX_EXPANSIONS, type Replace } from './variables';

/** As Grafana's templateSrv does it: `$name`, `${name}` and `[[name]]`, and `${name:format}` without asking us. */
function replaceWith(variables: Record<string, unknown>): Replace {
  return (text, format) =>
    text.replace(
      /\$(\w+)|\[\[(\w+)\]\]|\$\{(\w+)(?::(\w+))?\}/g,
      (written, a?: string, b?: string, c?: string, own?: string) => {
        const name = a ?? b ?? c ?? '';
        if (!Object.hasOwn(variables, name)) {
          return written;
        }
        const value = variables[name];
        return own === undefined ? format(value, { name }) : String(value);
      }
    );
}

const expand = (text: string, variables: Record<string, unknown>): string[] =>
  expandVariables(text, replaceWith(variables)).split('\n');

describe('expandVariables', () => {
  test.each<[string, string, Record<string, unknown>, string[]]>([
    ['none', 'home/+/t', {}, ['home/+/t']],
    ['one value', 'home/$room/t', { room: 'kitchen' }, ['home/kitchen/t']],
    ['each way to write it', '$a/${a}/[[a]]', { a: 'x' }, ['x/x/x']],
    ['a part of a level', 'home/r-${room}-1/t', { room: 'a' }, ['home/r-a-1/t']],
    ['a number', 'line/$n', { n: 7 }, ['line/7']],
    ['several values', 'home/${room}/t', { room: ['a', 'b'] }, ['home/a/t', 'home/b/t']],
    ['the same variable twice', '${r}/x/${r}', { r: ['a', 'b'] }, ['a/x/a', 'b/x/b']],
    ['two variables', '${r}/${k}', { r: ['a', 'b'], k: ['1', '2'] }, ['a/1', 'a/2', 'b/1', 'b/2']],
    ['two variables of equal values', '${r}/${k}', { r: ['a', 'b'], k: ['a', 'b'] }, ['a/a', 'a/b', 'b/a', 'b/b']],
    ['no value selected', 'a\n${r}/x', { r: [] }, ['a']],
    ['an unknown variable stays', '$share/g/${none}', {}, ['$share/g/${none}']],
    ['lines by themselves', '${r}/x\r\n${r}/y', { r: ['a', 'b'] }, ['a/x', 'b/x', 'a/y', 'b/y']],
    ['Grafana formats what asks for it', 'home/${r:raw}', { r: '+/t/#' }, ['home/+/t/#']],
    ['a "$" in a value', '${a}/${b}', { a: "$&$1$'$$", b: '$a' }, ["$&$1$'$$/$a"]],
    ['a value that looks like a mark', '${a}/${b}', { a: '\uE0001\uE001', b: 'x' }, ['\uE0001\uE001/x']],
    ['a topic that looks like a mark', 'a/\uE0007\uE001', {}, ['a/\uE0007\uE001']],
    ['private characters in several values', '${a}', { a: ['\uE000', '\uE001'] }, ['\uE000', '\uE001']],
    ['braces inside a value', 'a/${a}', { a: 'x{1}y' }, ['a/x{1}y']],
  ])('%s', (_, text, variables, lines) => {
    expect(expand(text, variables)).toEqual(lines);
  });

  test('calls without a variable are distinguished', () => {
    const replace: Replace = (text, format) => text.replace(/%/g, () => format(['a', 'b']));
    expect(expandVariables('%/%', replace).split('\n')).toEqual(['a/a', 'a/b', 'b/a', 'b/b']);
  });
});

describe('a value never widens the subscription', () => {
  test.each([
    ['+', '+'],
    ['#', '#'],
    ['a/b', '/'],
    ['a+b', '+'],
    ['x\ny', '\\n'],
    ['{room}', '{'],
    ['{', '{'],
    ['room}', '}'],
  ])('%j', (value, sign) => {
    for (const values of [value, ['fine', value]]) {
      expect(() => expand('home/${room}/t', { room: values })).toThrow(TopicError);
      expect(() => expand('home/${room}/t', { room: values })).toThrow(
        `The variable "room" has the value ${JSON.stringify(value)}, whose "${sign}" would change`
      );
      expect(() => expand('home/${room}/t', { room: values })).toThrow(/write \$\{room:raw\}/);
    }
  });

  test('whatever ordinary values two variables put together', () => {
    const values = ['{', '}', 'a', '{a', 'a}', '{a}', '$share', 'a\n', '', '{a#}', '+', '\n'];
    for (const a of values) {
      for (const b of values) {
        let text: string;
        try {
          text = expandVariables('home/${a}${b}/t', replaceWith({ a, b }));
        } catch {
          continue;
        }
        const patterns = parsePatterns(text);
        expect(
          patterns.map(({ wildcard }) => wildcard),
          JSON.stringify([a, b])
        ).toEqual([false]);
        expect(patterns[0].filter, JSON.stringify([a, b])).toBe(`home/${a}${b}/t`);
      }
    }
  });
});

describe('too many', () => {
  const many = (n: number): string[] => Array.from({ length: n }, (_, i) => `v${i}`);

  test('as many as are allowed', () => {
    expect(expand('$a/$b', { a: many(40), b: many(25) })).toHaveLength(MAX_EXPANSIONS);
  });

  test.each([
    ['one variable', '$a', { a: many(1_001) }, /"\$a" make 1,001 topics; at most 1,000/],
    ['a product', '$a/$b', { a: many(1_000), b: many(1_000) }, /make 1,000,000 topics/],
    [
      'a product beyond memory',
      '$a/$b/$c/$d',
      { a: many(999), b: many(998), c: many(997), d: many(996) },
      /at most 1,000/,
    ],
    ['over several lines', '$a/x\n$a/y', { a: many(501) }, /make 1,002 topics with the lines before/],
  ])('%s', (_, text, variables, message) => {
    expect(() => expand(text, variables)).toThrow(TopicError);
    expect(() => expand(text, variables)).toThrow(message);
  });

  test('a query that is written out is not limited', () => {
    expect(expand(many(1_500).join('\n'), {})).toHaveLength(1_500);
  });
});
