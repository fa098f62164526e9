import { beyond, DecodeFailure, type Decoded, MAX_NESTING } from '../../decoded';
import { count } from '../../../utils/format-number';
import { messageOf } from '../../../utils/errors';
import { isObject } from '../../../utils/is-object';
import { quote } from '../../../utils/quote';
import { SeveralValues } from '../../rows/rows';
import { PAYLOAD_LIMITS } from '../../limits';
import { type Documents, JsonError } from './document-reader';
import { isFilledRecord, readDocuments } from './json-reader';
import { isOrdinary } from './ordinary';
import { repairs } from './repairs';

/** The format `json`. @param maxRows documents that may follow one another. */
export function readJson(text: string, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  try {
    const value = parseOrdinary(text);
    return value === NOT_ORDINARY ? readExtended(text, true, maxRows) : value;
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
    return value === NOT_ORDINARY ? readExtended(text, false, maxRows) : value;
  } catch {
    return undefined;
  }
}

const NOT_ORDINARY = Symbol('not ordinary');

/** Reads what `JSON.parse` cannot; the next payload is likely to be of the same kind. @throws {JsonError} */
function readExtended(text: string, known: boolean, maxRows: number): Decoded {
  const documents = readDocuments(text, maxRows);
  repairs.expect();
  return rowsOfDocuments(documents, known, maxRows);
}

/** The last text, and what was read from it: several streams decode one message. Nobody changes a decoded value. */
let lastText: string | undefined;
let lastValue: unknown;

function parseOrdinary(text: string): unknown {
  if (text !== lastText) {
    lastValue = parse(text);
    lastText = text;
  }
  return lastValue;
}

function parse(text: string): unknown {
  const repaired = repairs.code?.parseRepaired(text);
  if (repaired !== undefined) {
    return repaired;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_ORDINARY;
  }
  return isOrdinary(value, MAX_NESTING) ? value : NOT_ORDINARY;
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
  return new SeveralValues(
    values.map((value) => ({ value })),
    rest === '' ? [] : [values.length >= maxRows ? beyond('rows', maxRows) : leftOver(rest)]
  );
}

function leftOver(rest: string): string {
  return `Left out: ${count(rest.length, 'character')} after the JSON: ${quote(rest)}.`;
}
