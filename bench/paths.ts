import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Ignored by git, and inside the repository, so that bundles in it find node_modules. */
export const BUILD = join(ROOT, 'build/bench');
