import { isRecord } from '../../utils/is-object';
import type { itemsOf } from './row-items';

/**
 * What finds rows the way that a query says, if it is there: few queries say it, so it is in a part of the engine. A
 * stream whose query has `rowsAs` waits for the part.
 */
export const rowItems: { find: typeof itemsOf | undefined } = { find: undefined };

/** Whether each item of what a payload is can be a row. */
export function isListOfObjects(value: unknown): value is object[] {
  if (!Array.isArray(value) || value.length === 0) {
    return false;
  }
  for (const item of value) {
    if (!isRecord(item)) {
      return false;
    }
  }
  return true;
}
