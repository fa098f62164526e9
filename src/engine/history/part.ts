import { importPart, Part } from '../../payload/part';
import type * as pastModule from './past';
import type * as storageModule from './storage-session';

/** The files of the parts; the build knows their names, and tests import the modules. */
declare const HISTORY_PART: string;
declare const STORAGE_PART: string;

/** The client of a historian, and the join of its messages with live ones. */
export const pastPart = new Part<typeof pastModule>(() =>
  typeof HISTORY_PART === 'undefined' ? import('./past') : importPart(HISTORY_PART)
);

/** The classes that store messages over a reload of the page. */
export const storagePart = new Part<typeof storageModule>(() =>
  typeof STORAGE_PART === 'undefined' ? import('./storage-session') : importPart(STORAGE_PART)
);
