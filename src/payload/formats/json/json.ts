import { beyond, DecodeFailure, type Decoded, MAX_NESTING } from '../../decoded';
import { count } from '../../../utils/format-number';
import { messageOf } from '../../../utils/errors';
import { isObject } from '../../../utils/is-object';
import { quote } from '../../../utils/quote';
import { Rows } from '../../rows/rows';
import { PAYLOAD_LIMITS } from '../../limits';
import { type Documents, JsonError } from './document-reader';
import { isFilledRecord, readDocuments } from './json-reader';

/** The format `json`. @param maxRows documents that may follow one another. */
export function readJson(text: string, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  try {
    const value = parseOrdinary(text);
    return value === NOT_ORDINARY ? rowsOfDocuments(readDocuments(text, maxRows), true, maxRows) : value;
  } catch (error) {
    return new DecodeFailure(`The payload is not JSON: ${messageOf(error)}.`);
  }
}

/**
 * JSON, where the format is not known to be JSON.
 *
 * @returns `undefined` for text that only looks like it, and for JSON that nothing could be done with.
 */
export function readJsonLike(text: string, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  try {
    const value = parseOrdinary(text);
    return value === NOT_ORDINARY ? rowsOfDocuments(readDocuments(text, maxRows), false, maxRows) : value;
  } catch {
    return undefined;
  }
}

const NOT_ORDINARY = Symbol('not ordinary');

function parseOrdinary(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_ORDINARY;
  }
  return isOrdinary(value, MAX_NESTING) ? value : NOT_ORDINARY;
}

/**
 * Whether all numbers are what the text says and it is not nested too deep. A number that lost digits is beyond the
 * safe integers now; looking for it here costs a tenth of what searching the text for its digits would.
 */
function isOrdinary(value: unknown, levels: number): boolean {
  return typeof value === 'object' && value !== null ? areOrdinary(value, levels) : isOrdinaryScalar(value);
}

function areOrdinary(value: object, levels: number): boolean {
  if (levels === 0) {
    return false;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (!isOrdinary(value[i], levels - 1)) {
        return false;
      }
    }
    return true;
  }
  // Objects that JSON.parse makes inherit nothing that is enumerable, and own what is called "__proto__".
  for (const key in value) {
    const each = (value as Record<string, unknown>)[key];
    if (typeof each === 'number') {
      if (!(each <= Number.MAX_SAFE_INTEGER && each >= Number.MIN_SAFE_INTEGER)) {
        return false;
      }
    } else if (typeof each === 'object' && each !== null && !areOrdinary(each, levels - 1)) {
      return false;
    }
  }
  return true;
}

function isOrdinaryScalar(value: unknown): boolean {
  return typeof value !== 'number' || (value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER);
}

/**
 * The value, or a row for each of several.
 *
 * @param known whether it is known to be JSON. Else `[5] started` is text, not a list with something behind it.
 * @throws {JsonError}
 */
export function rowsOfDocuments({ values, rest }: Documents, known: boolean, maxRows: number): Decoded {
  const [first] = values;
  const container = known ? isObject(first) : isFilledRecord(first);
  if (rest !== '' && !container) {
    throw new JsonError(`other text follows it: ${quote(rest)}`);
  }
  if (rest === '' && values.length === 1) {
    return first;
  }
  return new Rows(
    values.map((value) => ({ value })),
    rest === '' ? [] : [values.length >= maxRows ? beyond('rows', maxRows) : leftOver(rest)]
  );
}

function leftOver(rest: string): string {
  return `Left out: ${count(rest.length, 'character')} after the JSON: ${quote(rest)}.`;
}
