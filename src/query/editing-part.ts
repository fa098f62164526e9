import { loadPart } from '../connection/load-part';
import { PluginPart } from '../connection/plugin-part';
import type * as editing from './editing';

/** The file of the part; the build knows its name, and tests import the module. */
declare const EDITING_PART: string;

/** The functions that responses need for a query editor only. */
export type Editing = typeof editing;

const part = new PluginPart<Editing>(() =>
  typeof EDITING_PART === 'undefined' ? import('./editing') : loadPart(EDITING_PART)
);

/** The part, once it is loaded. The next response after a failure tries again: the query runs without the part. */
export function editingPart(): Editing | undefined {
  return part.code;
}
