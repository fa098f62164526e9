import { messageOf } from '../../../utils/errors';
import { isObject } from '../../../utils/is-object';
import { count } from '../../../utils/format-number';
import { quote } from '../../../utils/quote';
import type { NestedJson } from '../../nested-json';
import { DecodeFailure, type Decoded } from '../../decoded';
import { isPartial, Rows } from '../../rows/rows';
import { JsonError, NestingError } from './document-reader';
import { readJsonLike, rowsOfDocuments } from './json';
import { readNearDocuments } from './lenient-reader';
import { unwrapText, type Wrapped } from './wrapped';

/** Text that begins so was meant to be JSON: where it is not, that is said. */
const MEANT =
  /^\s*(?:\[\s*)?\{\s*(?:[ub]?["'“”„‘’]|[\p{L}_$][\p{L}\p{N}_$.-]*\s*:\s*["'“”„‘’\d.+[{-]|\d+\s*:(?:\s+[\d.+-]|\s*["'“”„‘’[{]))/u;

/** The beginning of a list of numbers or texts; logs have other words in brackets. */
const LIST = /^\s*\[\s*(?:[+-]?\d[\d.eE+-]*\s*,|"(?:[^"\\]|\\.)*(?:"\s*,|$)|'(?:[^'\\]|\\.)*(?:'\s*,|$))/;

/** Whether a text that is not JSON was meant to be it. */
function isMeant(text: string, error: unknown): boolean {
  if (error instanceof NestingError) {
    return false;
  }
  // A list that is cut off, also within a text, or lacks an item.
  const found = error instanceof JsonError ? error.found : undefined;
  return MEANT.test(text) || (found !== undefined && ['', ',', ']', '"', "'"].includes(found) && LIST.test(text));
}

/**
 * Text that looks like JSON and is not: read where it can mean only one thing.
 *
 * @returns a failure with the reason for text that was meant to be JSON; `undefined` for other text, such as `[5] ok`.
 */
export function readNearJson(text: string, maxRows: number): Decoded {
  const wrapped = unwrapText(text);
  if (wrapped !== undefined) {
    const read = readWrapped(wrapped, maxRows);
    return typeof read === 'string' ? new DecodeFailure(`The payload is not JSON: ${read}.`) : read;
  }
  try {
    const documents = readNearDocuments(text, maxRows);
    const isWhole = documents.rest === '' && isObject(documents.values[0]);
    return isWhole || MEANT.test(text) ? rowsOfDocuments(documents, false, maxRows) : undefined;
  } catch (error) {
    return isMeant(text, error) ? new DecodeFailure(`The payload is not JSON: ${messageOf(error)}.`) : undefined;
  }
}

/** Whether the text ends before the JSON does. If quotes around it have no end, other text is about JSON. */
function isCutOff(error: Error): boolean {
  return error instanceof JsonError && (error.found === '' || /^["'“”]$/.test(error.found ?? ''));
}

/** A text that is JSON, or almost, and nothing else; else the error. */
function readWhole(text: string, maxRows: number): unknown {
  const strict = readJsonLike(text, maxRows);
  if (isObject(strict) && !isPartial(strict)) {
    return strict;
  }
  try {
    const documents = readNearDocuments(text, maxRows);
    return documents.rest === '' ? rowsOfDocuments(documents, false, maxRows) : undefined;
  } catch (error) {
    return error;
  }
}

/** @returns why it is not JSON, if it was meant to be; `undefined` for other text, and for JSON without a value. */
function readWrapped({ texts, isUnescaped, isOpen }: Wrapped, maxRows: number): object | string | undefined {
  let reason: string | undefined;
  for (const text of texts) {
    const read = readWhole(text, maxRows);
    if (isObject(read) && !(read instanceof Error)) {
      return isOpen || Object.keys(read).length === 0 ? undefined : read;
    }
    reason = read instanceof Error && isMeant(text, read) && (!isOpen || isCutOff(read)) ? messageOf(read) : undefined;
  }
  return reason !== undefined && isUnescaped ? `without its backslashes, ${reason}` : reason;
}

/**
 * As {@link readNearJson}, for text in JSON that a path leads into.
 *
 * @returns `undefined` for text that was not meant to be JSON.
 */
export function readNestedJson(text: string): NestedJson | undefined {
  const wrapped = unwrapText(text);
  if (wrapped !== undefined) {
    const read = readWrapped(wrapped, 1);
    return typeof read === 'string'
      ? { value: undefined, problem: `is not JSON: ${read}` }
      : read && { value: read instanceof Rows ? read.rows[0].value : read };
  }
  try {
    const {
      values: [value],
      rest,
    } = readNearDocuments(text, 1);
    if (rest === '' ? isObject(value) : MEANT.test(text)) {
      return rest === ''
        ? { value }
        : { value, problem: `has ${count(rest.length, 'character')} after its JSON: ${quote(rest)}` };
    }
  } catch (error) {
    if (isMeant(text, error)) {
      return { value: undefined, problem: `is not JSON: ${messageOf(error)}` };
    }
  }
  return undefined;
}
