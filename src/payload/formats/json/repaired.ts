import { isObject } from '../../../utils/is-object';
import { MAX_NESTING } from '../../decoded';
import { isDigit } from '../digits';
import { isExact, isOrdinary } from './ordinary';

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
const INF_WORDS = ['nf', 'NF'];

/**
 * What stands for a word while `JSON.parse` reads the rest begins with it. It is one byte in memory and needs no escape,
 * either of which `JSON.parse` would take longer for.
 */
const MARK = '\u0081';
const [NOT_A_NUMBER, POSITIVE, NEGATIVE] = [`${MARK}nan`, `${MARK}inf`, `${MARK}-inf`];

/** A key that is in the text as it is, and that cannot be mistaken for what is between two texts. */
const PLAIN_KEY = /^[\w-]+$/;

/** Payloads without a hint after which none is looked for any more: most streams have none. */
const MAX_UNREPAIRED = 64;

let expected = 0;
let expectedWords = 0;

/** A payload had to be read character by character: those that come next are looked at before `JSON.parse`. */
export function expectRepairs(): void {
  expected = MAX_UNREPAIRED;
  expectedWords = MAX_UNREPAIRED;
}

/**
 * Reads JSON with `nan`, `Infinity` or integers of many digits, if payloads before it had some: `JSON.parse` would first
 * throw an error, or lose digits, either of which takes longer than all of this.
 *
 * @returns undefined if the text has to be read otherwise.
 */
export function parseRepaired(text: string): unknown {
  if (expected === 0) {
    return undefined;
  }
  const hasNan = expectedWords > 0 && includesAny(text, NAN_WORDS);
  const hasInf = expectedWords > 0 && includesAny(text, INF_WORDS);
  const repaired = hasNan || hasInf ? withoutWords(text, hasNan, hasInf) : text;
  if (repaired === text) {
    expectedWords--;
    return parseIntegers(text);
  }
  return repaired && parseWords(repaired);
}

function parseWords(repaired: string): unknown {
  const value = parse(repaired);
  if (isObject(value) && putNumbers(value, MAX_NESTING)) {
    return value;
  }
  const quoted = value === undefined ? repaired : withQuotes(repaired);
  const again = quoted === repaired ? undefined : parse(quoted);
  return isObject(again) && putNumbers(again, MAX_NESTING) ? again : undefined;
}

function parseIntegers(text: string): unknown {
  const value = parse(text);
  if (!isObject(value)) {
    expected--;
    return undefined;
  }
  put = 0;
  if (putDigits(value, text, MAX_NESTING)) {
    expected -= put === 0 ? 1 : 0;
    return value;
  }
  const quoted = withQuotes(text);
  const again = quoted === text ? undefined : parse(quoted);
  return isObject(again) && isOrdinary(again, MAX_NESTING) ? again : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function includesAny(text: string, words: readonly string[]): boolean {
  for (let i = 0; i < words.length; i++) {
    if (text.includes(words[i])) {
      return true;
    }
  }
  return false;
}

/** @returns `undefined` if what takes the place of words is in the text itself. */
function withoutWords(text: string, hasNan: boolean, hasInf: boolean): string | undefined {
  if (text.includes(MARK) || text.includes('\\u0081')) {
    return undefined;
  }
  const rest = hasNan ? text.replace(NOT_NUMBERS, `"${NOT_A_NUMBER}"`) : text;
  return hasInf ? rest.replace(INFINITIES, (_, sign: string) => `"${sign === '-' ? NEGATIVE : POSITIVE}"`) : rest;
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

/** How many numbers the last call has replaced. */
let put = 0;

/**
 * Replaces integers that no number is exactly by their digits, which are found by their key: `JSON.parse` has read the
 * text once already, and a search for all long integers would take longer.
 *
 * @returns false if a number is in a list, or its key may be in the text several times.
 */
function putDigits(value: object, text: string, levels: number): boolean {
  if (levels === 0) {
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    const each = object[key];
    if (typeof each === 'number') {
      if (!isExact(each)) {
        const digits = Array.isArray(value) ? undefined : digitsOf(text, key);
        if (digits === undefined) {
          return false;
        }
        object[key] = digits;
        put++;
      }
    } else if (isObject(each) && !putDigits(each, text, levels - 1)) {
      return false;
    }
  }
  return true;
}

/** The last key that was looked for, in quotes: most messages of a stream have the same one. */
let [lastKey, quotedKey]: [string | undefined, string] = [undefined, ''];

/** The digits of an integer behind a key that is in a text once. Any escape could be another way to write the key. */
function digitsOf(text: string, key: string): string | undefined {
  if (key !== lastKey) {
    if (!PLAIN_KEY.test(key)) {
      return undefined;
    }
    [lastKey, quotedKey] = [key, `"${key}"`];
  }
  const at = text.indexOf(quotedKey);
  if (at < 0 || text.indexOf(quotedKey, at + 1) >= 0 || text.includes('\\')) {
    return undefined;
  }
  const from = afterSpace(text, afterSpace(text, at + quotedKey.length) + 1);
  let end = text.charCodeAt(from) === 45 ? from + 1 : from;
  while (isDigit(text.charCodeAt(end))) {
    end++;
  }
  // A fraction or an exponent would follow.
  return ',}'.includes(text.charAt(afterSpace(text, end))) ? text.slice(from, end) : undefined;
}

function afterSpace(text: string, at: number): number {
  let i = at;
  for (let code = text.charCodeAt(i); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(i)) {
    i++;
  }
  return i;
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
      if (each.startsWith(MARK)) {
        object[key] = each === NOT_A_NUMBER ? NaN : each === POSITIVE ? Infinity : each === NEGATIVE ? -Infinity : each;
      }
    } else if (typeof each === 'number') {
      if (!isExact(each)) {
        return false;
      }
    } else if (isObject(each) && !putNumbers(each, levels - 1)) {
      return false;
    }
  }
  return true;
}
