import { importPart, Part } from '../../payload/part';
import type * as redeliveryModule from './redelivery';

/** The file of the part; the build knows its name, and tests import the module. */
declare const REDELIVERY_PART: string;

/** The class that recognizes messages that a broker sends again. Only sessions that the broker keeps need it. */
export const redeliveryPart = new Part<typeof redeliveryModule>(() =>
  typeof REDELIVERY_PART === 'undefined' ? import('./redelivery') : importPart(REDELIVERY_PART)
);
