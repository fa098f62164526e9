import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { BUILD, ROOT } from './paths';

/** A folder for one run of the bench, removed at its end. */
export async function scratchFolder(): Promise<{ path: string } & Disposable> {
  await mkdir(BUILD, { recursive: true });
  const path = await mkdtemp(join(BUILD, 'run-'));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  // Also if a signal ends the run.
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]: () => {
      process.off('exit', remove);
      remove();
    },
  };
}

/** The bundles of this process, by their files: rows share them. */
const bundles = new Map<string, Promise<void>>();

/**
 * Bundles code that is measured in Node, as the plugin's build bundles it. tsx, which runs the other code, wraps every
 * function to preserve its name, and a wrapper would be measured too. Packages stay outside the bundle.
 *
 * @param format `cjs` for code that needs @grafana/data, whose ES modules Node cannot load; `esm` for code that needs
 * Aedes.
 */
export async function bundleForNode(entry: string, outdir: string, format: 'cjs' | 'esm'): Promise<string> {
  const name = entry.replaceAll(/[/.]/g, '-');
  return bundleOnce(join(outdir, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`), entry, { format });
}

/** The same with other options of esbuild, unless this process has written the file. @returns the file. */
export async function bundleOnce(outfile: string, entry: string, options: BuildOptions): Promise<string> {
  const written = bundles.get(outfile) ?? bundle(outfile, entry, options);
  bundles.set(outfile, written);
  await written;
  return outfile;
}

async function bundle(outfile: string, entry: string, options: BuildOptions): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join('bench', entry)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
    ...options,
  });
}
