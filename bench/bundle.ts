import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUILD, ROOT } from './paths';

/** A folder for one run of the bench, gone afterwards. */
export async function scratchFolder(): Promise<{ path: string } & Disposable> {
  await mkdir(BUILD, { recursive: true });
  const path = await mkdtemp(join(BUILD, 'run-'));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  // Also where a signal ends the run.
  process.once('exit', remove);
  return {
    path,
    [Symbol.dispose]: () => {
      process.off('exit', remove);
      remove();
    },
  };
}

/**
 * Bundles for Node what is to be measured there, as the plugin's own build would: tsx, which runs the rest, wraps
 * every function it compiles to keep its name, and that costs where it counts. Packages stay outside.
 *
 * @param format `cjs` for what needs @grafana/data, whose ES modules Node cannot load; `esm` for what needs Aedes.
 */
export async function bundleForNode(entry: string, outdir: string, format: 'cjs' | 'esm'): Promise<string> {
  const name = entry.replaceAll(/[/.]/g, '-');
  const outfile = join(outdir, `${name}.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join('bench', entry)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format,
    sourcemap: 'inline',
    logLevel: 'error',
  });
  return outfile;
}
