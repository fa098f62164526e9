import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure } from '../../decode';
import { compilePattern, type Program } from './pattern';
import { Machine } from './pattern-run';
import { decodeText, RUNS } from '../../../testing/decode';
import { cpuMsOf } from '../../../testing/baseline';
import '../../../testing/parts';

const match = (pattern: string, text: string): unknown => decodeText('regex', text, { pattern });

describe('named groups become fields', () => {
  test.each<[string, string, unknown]>([
    ['T=(?<t>[\\d.]+)', 'T=21.5C', { t: 21.5 }],
    ['(?<t>-?\\d+(?:\\.\\d+)?) ?(?<unit>°?[CF])', 'now -21.5 °C', { t: -21.5, unit: '°C' }],
    ['^(?<a>.*),(?<b>.*),(?<c>.*)$', '1,2,x y', { a: 1, b: 2, c: 'x y' }],
    ['(?<a>x)|(?<b>y)', 'y', { b: 'y' }],
    ['(?<a>x*)y', 'y', { a: '' }],
    ['(?<n>\\d+)', '007', { n: '007' }],
    ['(?<n>\\d+)', '9007199254740993', { n: '9007199254740993' }],
    ['(?<n>\\w+)', 'true', { n: true }],
    ['(?<n>\\w+)', 'nan', { n: NaN }],
    ['(?<first>\\w+)\\s(?<rest>[^]*)', 'a b\nc', { first: 'a', rest: 'b\nc' }],
    ['(?i)temp=(?<t>\\d+)', 'TEMP=5', { t: 5 }],
    ['(?s)a(?<x>.)b', 'a\nb', { x: '\n' }],
    ['(?m)^b=(?<b>\\d)$', 'a=1\nb=2\nc=3', { b: 2 }],
    ['(?im)^B=(?<b>\\d)$', 'a=1\nb=2', { b: 2 }],
    ['\\{"t":(?<t>\\d+)}', '{"t":5}', { t: 5 }],
    ['{"t":(?<t>\\d+)}', '{"t":5}', { t: 5 }],
    ['(?<x>[\\]\\[)(])', '[', { x: '[' }],
    ['(?<x>[/])/', '//', { x: '/' }],
    ['\\x41\\u0042\\cJ(?<x>.)', 'AB\nc', { x: 'c' }],
    ['(?<wetter>[äöü]+)', 'xöüx', { wetter: 'öü' }],
    ['\\bt(?<n>\\d)\\b', 'at1 t2', { n: 2 }],
    ['(?<__proto__>a)(?<constructor>b)', 'ab', JSON.parse('{"__proto__":"a","constructor":"b"}')],
    ['^\\$GPGGA,(?<time>[^,]*),(?<lat>[^,]*)', '$GPGGA,172814.0,3723.46', { time: 172814, lat: 3723.46 }],
  ])('%s on %j', (pattern, text, value) => {
    expect(match(pattern, text)).toEqual(value);
  });

  test('a payload that does not match is reported', () => {
    expect(match('T=(?<t>\\d+)', 'ON')).toEqual(new DecodeFailure('The payload does not match the pattern: "ON".'));
  });
});

describe('patterns that are not taken', () => {
  test.each<[string | undefined, RegExp]>([
    [undefined, /needs a pattern with a named group/],
    ['', /needs a pattern/],
    ['\\d+', /has no named group\. Write \(\?<name>…\)/],
    ['(?<a>\\d', /is not a regular expression: .*/],
    ['(?<a>x)(?<a>y)', /is not a regular expression/],
    ['(?<a>.)\\1', /back-reference/],
    ['(?<a>.)\\k<a>', /back-reference/],
    ['(?<a>.)(?=b)', /looks ahead or behind/],
    ['(?<a>.)(?!b)', /looks ahead or behind/],
    ['(?<=b)(?<a>.)', /looks ahead or behind/],
    ['(?<!b)(?<a>.)', /looks ahead or behind/],
    ['(?<a>\\p{L})', /Unicode property/],
    ['(?<a>(x*)*)', /repeats .* a part that can match no text/],
    ['(?<a>x?|y){1,2}', /repeats .* a part that can match no text/],
    ['(?<a>.{1000}){1000}', /too large/],
    ['(?<a>((.{9}){9}){99})', /too large/],
    ['(?<a>.{2147483648})', /too large/],
  ])('%s', (pattern, reason) => {
    expect((decodeText('regex', 'text', { pattern }) as DecodeFailure).reason).toMatch(reason);
  });
});

/** Groups of one content, put together. */
function groups(n: number, content: string, between: string, behind = ''): string {
  return Array.from({ length: n }, (_, i) => `(?<g${i}>${content})${behind}`).join(between);
}

describe('patterns that take JavaScript years take no time', () => {
  test.each([
    ['(?<x>(a+)+)$', 'a'.repeat(5_000)],
    ['(?<x>(a|a)*)b', 'a'.repeat(5_000)],
    ['(?<x>(a|aa)+)$', 'a'.repeat(5_000)],
    ['(?<x>(.*,){20})P', '1,'.repeat(5_000)],
    ['(?<x>(.*a){12})', 'a'.repeat(11)],
    ['^(?<a>.*),(?<b>.*),(?<c>.*),(?<d>.*),(?<e>.*)#$', ','.repeat(5_000)],
    ['(?<x>(\\w+\\s?)*)$', `${'word '.repeat(1_000)}!`],
    ['(?<x>(x+x+)+)y', 'x'.repeat(5_000)],
    ['(?<x>(([a-z])+.)+[A-Z]([a-z])+)$', 'a'.repeat(5_000)],
    ['(?<x>(a*a*)?)b', 'a'.repeat(5_000)],
    ['(?<x>(a?){50}a{50})', 'a'.repeat(50)],
    [`(?:${groups(190, 'a', '|')})+c`, 'a'.repeat(5_000)],
    [groups(150, 'a', '', '?'), 'a'.repeat(5_000)],
    [`(?:${groups(50, '\\w+', '|')})+;`, 'a'.repeat(8_000)],
  ])('%.60s', (pattern, text) => {
    const cpuMs = cpuMsOf(() => {
      for (const each of [text, `${text}!`]) {
        match(pattern, each);
      }
    });
    expect(cpuMs).toBeLessThan(3_000);
  });

  test('and a payload that is too long for its pattern is reported', () => {
    const failure = match('(?<x>(.*,){300}).', ','.repeat(1_000_000)) as DecodeFailure;
    expect(failure.reason).toMatch(
      /^The payload is too long for the pattern: it has 1,000,000 characters, and this pattern takes at most/
    );
  });
});

const ATOMS = ['a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '\\d', '1'];
const QUANTIFIERS = ['', '', '', '*', '+', '?', '{2}', '{1,2}', '{1,}', '*?', '+?', '??', '{0,2}?'];
const ASSERTIONS = ['^', '$', '\\b', '\\B'];

/** Makes a pattern of all that is taken by choices from a list, the simplest where it has ended. */
function makePattern(choices: readonly number[]): string {
  let at = 0;
  let groups = 0;
  const choose = (n: number): number => (choices[at++] ?? 0) % n;
  const any = (depth: number): string => {
    const sequences = Array.from({ length: 1 + (choose(4) === 1 ? 1 : 0) }, () => sequence(depth));
    return sequences.join('|');
  };
  const sequence = (depth: number): string => Array.from({ length: 1 + choose(3) }, () => term(depth)).join('');
  const term = (depth: number): string => {
    const kind = depth === 0 ? 0 : choose(8);
    if (kind === 7) {
      return ASSERTIONS[choose(4)];
    }
    const atom =
      kind < 4
        ? ATOMS[choose(ATOMS.length)]
        : `${kind === 4 ? '(?:' : kind === 5 ? '(' : `(?<g${groups++}>`}${any(depth - 1)})`;
    return atom + QUANTIFIERS[choose(QUANTIFIERS.length)];
  };
  return `(?<all>${any(3)})`;
}

test('many groups and many ways are given up, with a reason, and leave nothing for the next payload', () => {
  const pattern = `(?:${groups(190, 'a', '|')})+c`;
  const decode = createDecoder('regex', { pattern });
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect((decode(encode('a'.repeat(5_000)), 't') as DecodeFailure).reason).toMatch(
    /^The pattern has too many ways to match this payload of 5,000 characters\. Give it fewer named groups/
  );
  expect(decode(encode('ac'), 't')).toEqual({ g0: 'a' });
});

test('finds what JavaScript finds', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '\n', ' '), maxLength: 7 });
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 51 }), { maxLength: 40 }), texts, (choices, text) => {
      const source = makePattern(choices);
      let program: Program;
      try {
        program = compilePattern(source);
      } catch (error) {
        expect((error as Error).message).toMatch(/a part that can match no text|too large/);
        return;
      }
      const expected = new RegExp(source, 'd').exec(text)?.indices?.groups;
      const machine = new Machine(program);
      // Twice: nothing of an earlier text may be left.
      machine.run(`${text}b1 a`);
      const found = machine.run(text);
      program.groups.forEach((name, i) => {
        expect(found?.slice(2 * i, 2 * i + 2) ?? [-1, -1]).toEqual([...(expected?.[name] ?? [-1, -1])]);
      });
    }),
    { numRuns: RUNS * 10 }
  );
});

describe('patterns that JavaScript cannot run away with are left to it', () => {
  const nativeOf = (pattern: string): RegExp | undefined => compilePattern(pattern).native;

  test.each([
    'T=(?<t>[\\d.]+)C RH=(?<h>\\d+)%',
    '^\\$GPGGA,(?<time>[^,]*),(?<lat>[^,]*)',
    '(?<k>\\w+): (?<v>\\d+(?:\\.\\d+)?)',
    '(?<a>x)|(?<b>y)',
    '(?<x>(?:ab)*)c',
    '(?<x>a+?)b$',
    '(?<x>[äö]+)x',
  ])('%s', (pattern) => {
    expect(nativeOf(pattern)).toBeInstanceOf(RegExp);
  });

  test.each([
    '(?<x>(a+)+)$',
    '(?<x>(a|a)*)b',
    '(?<x>(a|aa)+)$',
    '(?<x>.*),(?<y>.*)',
    '(?<x>\\w+)\\d',
    '(?<x>(a?){50}a{50})',
    '(?<x>(?:a?|b?)(?:c?|d?))$',
    '(?<x>(?:a{1,9}){1,9})b',
    '(?<x>[^a]+)ä',
    '(?i)(?<x>K+)\u212a',
    '(?<x>\\s*)\\s',
  ])('but not %s', (pattern) => {
    expect(nativeOf(pattern)).toBeUndefined();
  });

  test('with flags, and with what both find', () => {
    expect(match('(?im)^T=(?<t>\\d+)$', 'a\nt=5')).toEqual({ t: 5 });
    expect(match('(?<a>x)?(?<b>y)', 'y')).toEqual({ b: 'y' });
    expect(match('(?:(?<a>x)|(?<b>y))+z', 'xyz')).toEqual({ b: 'y' });
  });

  test('whatever they are, they take no time, and a long payload finds the same', () => {
    const letters = fc.constantFrom('a', 'b', 'c', '1');
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 51 }), { maxLength: 40 }), letters, letters, (choices, one, other) => {
        let program: Program;
        try {
          program = compilePattern(makePattern(choices));
        } catch {
          return;
        }
        if (program.native === undefined) {
          return;
        }
        const text = `${(one + other).repeat(100)}${one.repeat(150)}!`;
        const { native } = program;
        let found: string | undefined;
        // The square of the length is some hundred thousand steps; a way that doubles would take for ever.
        expect(cpuMsOf(() => (found = native.exec(text)?.groups?.['all']))).toBeLessThan(1_000);
        const places = new Machine(program).run(text);
        expect(found).toBe(places && text.slice(places[0], places[1]));
      }),
      { numRuns: RUNS * 5 }
    );
  });
});
