import { importPart, Part } from '../payload/part';
import type * as homeAssistant from './home-assistant';

/** The file of the part; the build knows its name, and tests import the module. */
declare const DISCOVERY_PART: string;

/** The decoder of what devices announce of themselves. */
export const discovery = new Part<typeof homeAssistant>(() =>
  typeof DISCOVERY_PART === 'undefined' ? import('./home-assistant') : importPart(DISCOVERY_PART)
);
