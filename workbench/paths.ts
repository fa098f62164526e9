import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const DIST = path.join(ROOT, 'dist');
/** Everything that is made here and not kept: the page's bundle, screenshots. Ignored by git. */
export const BUILD = path.join(ROOT, 'build');

const require = createRequire(import.meta.url);

/** The folder of an installed package. */
export function packageFolder(name: string): string {
  return path.dirname(require.resolve(`${name}/package.json`));
}

const manifest: unknown = require('../plugin.json');
export const PLUGIN_ID = String(typeof manifest === 'object' && manifest !== null && Reflect.get(manifest, 'id'));
