/** Test programs in separate processes. */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Program extends AsyncDisposable {
  /** Arguments of `node`. */
  readonly file: string;
}

/**
 * Bundles a program of this folder once, because compiling it for every start is slow.
 *
 * @param source such as `killed-broker-child.ts`
 */
export async function buildProgram(source: string): Promise<Program> {
  // Inside the project, so that packages outside the bundle are found
  await mkdir(join(root, 'build'), { recursive: true });
  const file = join(root, 'build', `${basename(source, '.ts')}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(root, 'broker/testing', source)],
    outfile: file,
    bundle: true,
    external: ['classic-level'],
    banner: { js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);" },
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  });
  return { file, [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}
