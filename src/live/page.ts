import { launchEngine } from './launch';
import { ConnectionPool } from './pool';
import type { PageVisibility } from './run';

/** Where this plugin's `module.js` was loaded from: `module.uri` of the AMD wrapper that the build puts around it. */
declare const PLUGIN_MODULE_URI: string | undefined;
/** A hash of `engine.js`, so that a browser's cache cannot pair this module with the engine of another version. */
declare const ENGINE_HASH: string | undefined;

function engineUrl(): string {
  const moduleUri = typeof PLUGIN_MODULE_URI === 'string' ? PLUGIN_MODULE_URI : 'module.js';
  const url = new URL('engine.js', new URL(moduleUri, document.baseURI));
  url.searchParams.set('_cache', typeof ENGINE_HASH === 'string' ? ENGINE_HASH : 'development');
  return url.href;
}

/** The connections of this page, whichever data source instances come and go. */
export const pool = new ConnectionPool({ launch: () => launchEngine(engineUrl()), now: () => Date.now() });

export const pageVisibility: PageVisibility = {
  hidden: () => document.hidden,
  onShown(listener) {
    const onChange = (): void => {
      if (!document.hidden) {
        listener();
      }
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  },
};
