import { loadPart } from '../connection/load-part';
import type * as editing from './editing';

/** The file of the part; the build knows its name, and tests import the module. */
declare const EDITING_PART: string;

/** The functions that responses need for a query editor only. */
export type Editing = typeof editing;

let part: Editing | undefined;
let isLoading = false;

async function load(loading: Promise<Editing>): Promise<void> {
  try {
    part = await loading;
  } catch {
    isLoading = false;
  }
}

/** The part, once it is loaded. The next response after a failure tries again: the query runs without the part. */
export function editingPart(): Editing | undefined {
  if (part === undefined && !isLoading) {
    isLoading = true;
    const loading: Promise<Editing> =
      typeof EDITING_PART === 'undefined' ? import('./editing') : loadPart(EDITING_PART);
    void load(loading);
  }
  return part;
}
