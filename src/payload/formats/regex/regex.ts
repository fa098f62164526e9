import { DecodeFailure, type Decoded } from '../../decoded';
import { count } from '../../../utils/format-number';
import { messageOf } from '../../../utils/errors';
import { quote } from '../../../utils/quote';
import { compilePattern, type Program } from './pattern';
import { type Found, Machine, TooManyWays } from './pattern-run';
import { parseCell } from '../scalar';
import { setOwn } from '../values';

/** Characters times instructions that one payload may take: some tenths of a second, on a slow machine. */
export const MAX_STEPS = 10_000_000;

/** Characters of a payload that JavaScript's own engine is given: it takes the square of them at most. */
const MAX_NATIVE = 2_000;

/** The format `regex`: the named groups of the first match become fields; a group that took no part is missing. */
export function createRegexReader(pattern: string | undefined): (text: string) => Decoded {
  if (pattern === undefined || pattern === '') {
    const failure = new DecodeFailure(
      'The format "regex" needs a pattern with a named group, for example (?<value>\\d+).'
    );
    return () => failure;
  }
  let program: Program;
  try {
    program = compilePattern(pattern);
  } catch (error) {
    const failure = new DecodeFailure(messageOf(error));
    return () => failure;
  }
  const { groups, native } = program;
  const machine = new Machine(program);
  const longest = Math.floor(MAX_STEPS / program.instructions.length);
  return (text) => {
    if (native !== undefined && text.length <= MAX_NATIVE) {
      const match = native.exec(text);
      return match === null ? noMatch(text) : valueOf(groups, (i) => match.groups?.[groups[i]]);
    }
    if (text.length > longest) {
      return new DecodeFailure(
        `The payload is too long for the pattern: it has ${count(text.length, 'character')}, and this pattern takes at most ${count(longest, 'character')}.`
      );
    }
    let found: Found | undefined;
    try {
      found = machine.run(text);
    } catch (error) {
      if (error instanceof TooManyWays) {
        return new DecodeFailure(
          `The pattern has too many ways to match this payload of ${count(text.length, 'character')}. Give it fewer named groups, or say more exactly what is between them.`
        );
      }
      throw error;
    }
    const places = found;
    return places === undefined
      ? noMatch(text)
      : valueOf(groups, (i) => (places[2 * i + 1] < 0 ? undefined : text.slice(places[2 * i], places[2 * i + 1])));
  };
}

function noMatch(text: string): DecodeFailure {
  return new DecodeFailure(`The payload does not match the pattern: ${quote(text)}.`);
}

function valueOf(groups: readonly string[], textOf: (i: number) => string | undefined): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (let i = 0; i < groups.length; i++) {
    const text = textOf(i);
    if (text !== undefined) {
      setOwn(value, groups[i], parseCell(text));
    }
  }
  return value;
}
