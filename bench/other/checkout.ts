import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What a checkout needs to be measured: sources, packages, and a build. */
const NEEDED = ['src/module.ts', 'bench/panel.ts', 'node_modules', 'dist/module.js', 'dist/engine.js'];

/** The path of a checkout with a build. @throws {TypeError} if the folder is not one. */
export function checkoutAt(folder: string): string {
  const path = resolve(folder);
  const missing = NEEDED.find((file) => !existsSync(join(path, file)));
  if (missing !== undefined) {
    throw new TypeError(
      `Expected --other to name a checkout with a build, but ${folder} has no ${missing}: ` +
        `git worktree add ${folder} COMMIT, then in it npm ci and npm run build`
    );
  }
  return path;
}
