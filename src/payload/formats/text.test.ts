import { describe, expect, test } from 'vitest';
import { costOf } from '../../testing/baseline';
import { stripAnsi } from './text';

describe('escapes that colour text are left out', () => {
  test.each([
    ['\u001b[0;36m[D][sensor:094]: 21.5\u001b[0m', '[D][sensor:094]: 21.5'],
    ['\u001b[31;1mred\u001b[m', 'red'],
    ['\u001b[38;5;196mcolour\u001b[39m', 'colour'],
    ['\u001b[2K\u001b[1Gline', 'line'],
    ['\u001b]0;title\u0007text', 'text'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b(Btext\u001bM', 'text'],
    ['a\u001b', 'a\u001b'],
    ['a\u001b[', 'a\u001b['],
    ['a\u001b[31', 'a\u001b[31'],
    ['no escape [31m', 'no escape [31m'],
    ['tab\tand\nline stay', 'tab\tand\nline stay'],
  ])('%j', (text, stripped) => {
    expect(stripAnsi(text)).toBe(stripped);
  });

  test.each(['\u001b', '\u001b[', '\u001b[0', '\u001b]', '\u001b[0;', '\u001b ', '\u001b]x'])(
    'a megabyte of %j takes no time',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      expect(costOf(text.length, 100, () => stripAnsi(text))).toBeLessThan(100);
    }
  );
});
