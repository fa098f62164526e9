import { isObject } from '../../../utils/is-object';
import { MAX_NESTING } from '../../decoded';
import { isOrdinary } from './ordinary';

/**
 * Words that are no number, where a value of JSON ends. Where such a word is part of a text of JSON or of another word,
 * the quotes that take its place end the text or follow the word, and the whole is no JSON.
 */
const NOT_NUMBERS = /-?(?:nan|NaN|NAN)(?=[ \t\r\n]*[,\]}])/g;
const INFINITIES = /([+-]?)(?:inf|Inf|INF|Infinity|infinity)(?=[ \t\r\n]*[,\]}])/g;

/** Integers that may have more digits than a number; the same goes for them. */
const LONG_INTEGERS = /[:,[][ \t\r\n]*(-?[1-9]\d{15,})(?=[ \t\r\n]*[,\]}])/g;

/** What such words have in them. */
const NAN_WORDS = ['nan', 'NaN', 'NAN'];
const INF_WORDS = ['inf', 'Inf', 'INF'];

/** What stands for a word while `JSON.parse` reads the rest: no text of JSON begins so without an escape. */
const [NOT_A_NUMBER, POSITIVE, NEGATIVE] = ['\u0000nan', '\u0000inf', '\u0000-inf'];
const WRITTEN = { nan: '"\\u0000nan"', inf: '"\\u0000inf"', negative: '"\\u0000-inf"' } as const;

/** Payloads without a hint after which none is looked for any more: most streams have none. */
const MAX_UNREPAIRED = 64;

let expected = 0;

/** A payload had to be read character by character: those that come next are looked at before `JSON.parse`. */
export function expectRepairs(): void {
  expected = MAX_UNREPAIRED;
}

/**
 * Reads JSON with `nan`, `Infinity` or integers of many digits, if payloads before it had some: `JSON.parse` would first
 * throw an error, or lose digits, either of which takes longer than all of this.
 *
 * @returns undefined if there is nothing of it in the text, or it has to be read otherwise.
 */
export function parseRepaired(text: string): unknown {
  if (expected === 0) {
    return undefined;
  }
  const hasNan = includesAny(text, NAN_WORDS);
  const hasInf = includesAny(text, INF_WORDS);
  const hasWords = hasNan || hasInf;
  // What takes the place of words could be in the text itself.
  if (hasWords && text.includes('\\u0000')) {
    return undefined;
  }
  const repaired = withQuotes(hasWords ? withoutWords(text, hasNan, hasInf) : text);
  if (repaired === text) {
    expected--;
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(repaired);
  } catch {
    return undefined;
  }
  const isRead = isObject(value) && (hasWords ? putNumbers(value, MAX_NESTING) : isOrdinary(value, MAX_NESTING));
  return isRead ? value : undefined;
}

function includesAny(text: string, words: readonly string[]): boolean {
  for (let i = 0; i < words.length; i++) {
    if (text.includes(words[i])) {
      return true;
    }
  }
  return false;
}

function withoutWords(text: string, hasNan: boolean, hasInf: boolean): string {
  const rest = hasNan ? text.replace(NOT_NUMBERS, WRITTEN.nan) : text;
  return hasInf ? rest.replace(INFINITIES, (_, sign: string) => (sign === '-' ? WRITTEN.negative : WRITTEN.inf)) : rest;
}

/** Puts integers in quotes that no number is exactly. */
function withQuotes(text: string): string {
  let quoted = '';
  let from = 0;
  LONG_INTEGERS.lastIndex = 0;
  for (let match = LONG_INTEGERS.exec(text); match !== null; match = LONG_INTEGERS.exec(text)) {
    const [, digits] = match;
    if (!Number.isSafeInteger(Number(digits))) {
      const end = LONG_INTEGERS.lastIndex;
      quoted += `${text.slice(from, end - digits.length)}"${digits}"`;
      from = end;
    }
  }
  return from === 0 ? text : quoted + text.slice(from);
}

/**
 * Puts the numbers back that words were. Lists are objects, whose keys are positions.
 *
 * @returns whether the rest is ordinary; see `isOrdinary`.
 */
function putNumbers(value: object, levels: number): boolean {
  if (levels === 0) {
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    const each = object[key];
    if (typeof each === 'string') {
      if (each.charCodeAt(0) === 0) {
        object[key] = each === NOT_A_NUMBER ? NaN : each === POSITIVE ? Infinity : each === NEGATIVE ? -Infinity : each;
      }
    } else if (typeof each === 'number') {
      if (!(each <= Number.MAX_SAFE_INTEGER && each >= Number.MIN_SAFE_INTEGER)) {
        return false;
      }
    } else if (isObject(each) && !putNumbers(each, levels - 1)) {
      return false;
    }
  }
  return true;
}
