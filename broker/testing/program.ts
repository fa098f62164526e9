/** Programs of tests that run in processes of their own. */
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Program extends AsyncDisposable {
  /** What `node` is given. */
  readonly file: string;
}

/**
 * Bundles a program of this folder once, because compiling it anew for each start takes long.
 *
 * @param source such as `killed-broker-child.ts`
 */
export async function buildProgram(source: string): Promise<Program> {
  // In the project, where the packages are found that are not bundled
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
