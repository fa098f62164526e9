import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Route } from './grafana/data-proxy';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const DIST = path.join(ROOT, 'dist');
/** For generated files: the bundle of the page, screenshots. Ignored by git. */
export const BUILD = path.join(ROOT, 'build');

const require = createRequire(import.meta.url);

/** The folder of an installed package. */
export function packageFolder(name: string): string {
  return path.dirname(require.resolve(`${name}/package.json`));
}

const manifest = require('../plugin.json') as { id: string; routes: Route[] };
export const PLUGIN_ID = manifest.id;
export const ROUTES: readonly Route[] = manifest.routes;
