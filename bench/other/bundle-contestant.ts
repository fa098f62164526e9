import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'esbuild';
import { bundleOnce } from '../bundle';
import { ROOT } from '../paths';

/** What the benchmark itself uses, and does not measure: it comes from this checkout. */
const HARNESS = /^src\/(?:utils|testing)\/|^src\/engine\/tick\.ts$/;

/** Files of this benchmark that stand for those of a checkout from before src/connection/client.ts. */
const SHIMS: Readonly<Record<string, string>> = {
  'bench/panel.ts': 'bench/other/c58a5ad/panel.ts',
  'src/payload/index.ts': 'bench/other/c58a5ad/payload.ts',
};

/** Bundles `contestant.ts` of this checkout with the sources of another one, or with its own, as the plugin's build does. */
export function bundleContestant(checkout: string, outfile: string): Promise<string> {
  // A failure names the module that is missing; esbuild would write it out as well.
  return bundleOnce(outfile, 'other/contestant.ts', {
    format: 'cjs',
    logLevel: 'silent',
    plugins: [sourcesOf(checkout)],
  });
}

/** Lets the benchmark import `src` and `bench/panel` of another checkout. */
function sourcesOf(checkout: string): Plugin {
  const isOld = !existsSync(join(checkout, 'src/connection/client.ts'));
  return {
    name: 'sources-of',
    setup(b) {
      // Node cannot load it from a CommonJS bundle, and c58a5ad imports it at once.
      b.onResolve({ filter: /^pbf$/ }, () => ({ path: join(checkout, 'node_modules/pbf/index.js') }));
      b.onResolve({ filter: /^\.{1,2}\// }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        const from = relative(ROOT, importer).replaceAll(sep, '/');
        if (pluginData === 'asked' || !/^(?:bench|testing)\//.test(from)) {
          return undefined;
        }
        const resolved = await b.resolve(path, { importer, kind, resolveDir, pluginData: 'asked' });
        const file = relative(ROOT, resolved.path).replaceAll(sep, '/');
        if (HARNESS.test(file) || !(file.startsWith('src/') || file === 'bench/panel.ts')) {
          return resolved;
        }
        const shim = isOld && !from.startsWith('bench/other/c58a5ad/') ? SHIMS[file] : undefined;
        const theirs = shim === undefined ? join(checkout, file) : join(ROOT, shim);
        return existsSync(theirs)
          ? { path: theirs }
          : { errors: [{ text: `${checkout} has no ${file}: this benchmark cannot be compared with it` }] };
      });
    },
  };
}
