import { importPart, Part } from '../../payload/part';
import type * as pastModule from './past';

/** The file of the part; the build knows its name, and tests import the module. */
declare const HISTORY_PART: string;

/** The client of a historian, and the join of its messages with live ones. */
export const pastPart = new Part<typeof pastModule>(() =>
  typeof HISTORY_PART === 'undefined' ? import('./past') : importPart(HISTORY_PART)
);
