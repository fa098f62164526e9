import { createContext } from 'react';

/** The address of the pages that are next to the plugin (docs/pages.mjs). Undefined: there are none. */
export const DocsFolder = createContext<string | undefined>(undefined);
