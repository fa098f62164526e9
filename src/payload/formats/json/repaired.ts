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

const HAS_WORDS = /nan|inf/i;

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
  const hasWords = HAS_WORDS.test(text);
  // What takes the place of words could be in the text itself.
  if (hasWords && text.includes('\\u0000')) {
    return undefined;
  }
  const repaired = withQuotes(hasWords ? withoutWords(text) : text);
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
  if (!isObject(value) || !isOrdinary(value, MAX_NESTING)) {
    return undefined;
  }
  if (hasWords) {
    putNumbers(value as Record<string, unknown>);
  }
  return value;
}

function withoutWords(text: string): string {
  return text
    .replace(NOT_NUMBERS, WRITTEN.nan)
    .replace(INFINITIES, (_, sign: string) => (sign === '-' ? WRITTEN.negative : WRITTEN.inf));
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

/** Puts the numbers back that words were. Lists are objects, whose keys are positions. */
function putNumbers(value: Record<string, unknown>): void {
  for (const key in value) {
    const each = value[key];
    if (typeof each === 'string') {
      if (each.charCodeAt(0) === 0) {
        value[key] = each === NOT_A_NUMBER ? NaN : each === POSITIVE ? Infinity : each === NEGATIVE ? -Infinity : each;
      }
    } else if (isObject(each)) {
      putNumbers(each as Record<string, unknown>);
    }
  }
}
