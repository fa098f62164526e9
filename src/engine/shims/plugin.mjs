// @ts-check
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The modules of mqtt.js and mqtt-packet, which report each step. */
const LOGGING = /[\\/]node_modules[\\/](mqtt[\\/]build[\\/]lib[\\/](handlers[\\/])?[\w-]+|mqtt-packet[\\/]\w+)\.js$/;
const LOG_STATEMENT = /^ *(debug\(.*\)|(this|client)\.log\(.*\);)$/gm;

/**
 * Bundles mqtt.js from its modules instead of its browser bundle, with small replacements for the
 * parts of Node that it needs, and for packages of which it uses little. The browser bundle is 105 kB gzipped, and its
 * nextTick is a setTimeout(0), which browsers delay by 4 ms.
 */
export const mqttShims = {
  name: 'mqtt-shims',
  /** @param {import('esbuild').PluginBuild} b */
  setup(b) {
    const replace = (/** @type {RegExp} */ filter, /** @type {string} */ shim, importer = /(?:)/) =>
      b.onResolve({ filter }, (args) =>
        importer.test(args.importer) ? { path: join(import.meta.dirname, shim) } : undefined
      );
    for (const name of ['buffer', 'debug', 'lru-cache']) {
      replace(new RegExp(`^${name}$`), `${name}.cjs`);
    }
    replace(/^process-nextick-args$/, 'process.cjs');
    replace(/^readable-stream$/, 'readable-stream.ts');
    replace(/^rfdc\/default$/, 'rfdc.cjs');
    replace(/^\.\/KeepaliveManager$/, 'keepalive-manager.cjs', /\/node_modules\/mqtt\//);
    replace(/^\.\/is-browser$/, 'is-browser.cjs', /\/node_modules\/mqtt\//);
    replace(/^\.\/auth$/, 'auth.cjs', /\/node_modules\/mqtt\//);
    replace(/^(\.\.\/)+package\.json$/, 'package.cjs', /\/node_modules\/mqtt\//);
    // mqtt-packet uses the list of buffers, and not the stream around it.
    b.onResolve({ filter: /^bl$/ }, ({ resolveDir }) =>
      b.resolve('bl/BufferList.js', { resolveDir, kind: 'require-call' })
    );
    // Each is a statement on a line of its own. Nobody reads what they say, and the texts would be in the bundle.
    b.onLoad({ filter: LOGGING }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(LOG_STATEMENT, ';'),
    }));
  },
};
