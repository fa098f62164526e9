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
  const { groups } = program;
  const machine = new Machine(program);
  const longest = Math.floor(MAX_STEPS / program.instructions.length);
  return (text) => {
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
    if (found === undefined) {
      return new DecodeFailure(`The payload does not match the pattern: ${quote(text)}.`);
    }
    const value: Record<string, unknown> = {};
    for (let i = 0; i < groups.length; i++) {
      if (found[2 * i + 1] >= 0) {
        setOwn(value, groups[i], parseCell(text.slice(found[2 * i], found[2 * i + 1])));
      }
    }
    return value;
  };
}
