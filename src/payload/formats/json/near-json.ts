import { messageOf } from '../../../utils/errors';
import { isObject } from '../../../utils/is-object';
import { count } from '../../../utils/format-number';
import { quote } from '../../../utils/quote';
import type { NestedJson } from '../../nested-json';
import { DecodeFailure, type Decoded } from '../../decoded';
import { rowsOfDocuments } from './json';
import { NestingError } from './document-reader';
import { readNearDocuments } from './lenient-reader';

/** Text that begins so was meant to be JSON: where it is not, that is said. */
const MEANT = /^\s*(?:\[\s*)?\{\s*(?:["'“”„‘’]|[A-Za-z_$][\w$-]*\s*:\s*["'“”„‘’\d.+[{-])/;

/**
 * Text that looks like JSON and is not: read where it can mean only one thing.
 *
 * @returns a failure with the reason for text that was meant to be JSON; `undefined` for other text, such as `[5] ok`.
 */
export function readNearJson(text: string, maxRows: number): Decoded {
  try {
    const documents = readNearDocuments(text, maxRows);
    const isWhole = documents.rest === '' && isObject(documents.values[0]);
    return isWhole || MEANT.test(text) ? rowsOfDocuments(documents, false, maxRows) : undefined;
  } catch (error) {
    return MEANT.test(text) && !(error instanceof NestingError)
      ? new DecodeFailure(`The payload is not JSON: ${messageOf(error)}.`)
      : undefined;
  }
}

/**
 * As {@link readNearJson}, for text in JSON that a path leads into.
 *
 * @returns `undefined` for text that was not meant to be JSON.
 */
export function readNestedJson(text: string): NestedJson | undefined {
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
    if (MEANT.test(text)) {
      return { value: undefined, problem: `is not JSON: ${messageOf(error)}` };
    }
  }
  return undefined;
}
