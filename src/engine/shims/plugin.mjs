// @ts-check
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

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
        importer.test(args.importer) ? { path: join(import.meta.dirname, `${shim}.cjs`) } : undefined
      );
    for (const name of ['abort-controller', 'buffer', 'debug', 'lru-cache', 'process', 'readable-stream']) {
      replace(new RegExp(`^${name}/?$`), name);
    }
    replace(/^rfdc\/default$/, 'rfdc');
    replace(/^\.\/KeepaliveManager$/, 'keepalive-manager', /\/node_modules\/mqtt\//);
    replace(/^\.\/is-browser$/, 'is-browser', /\/node_modules\/mqtt\//);
    replace(/^\.\/auth$/, 'auth', /\/node_modules\/mqtt\//);
    replace(/^(\.\.\/)+package\.json$/, 'package', /\/node_modules\/mqtt\//);
    replace(
      /^(\.\/(from|duplexify|add-abort-signal|end-of-stream)|string_decoder\/)$/,
      'unused',
      /\/node_modules\/readable-stream\//
    );
    replace(/^\.\.\/validators$/, 'validators', /\/node_modules\/readable-stream\//);
    // mqtt-packet uses the list of buffers, and not the stream around it.
    b.onResolve({ filter: /^bl$/ }, ({ resolveDir }) =>
      b.resolve('bl/BufferList.js', { resolveDir, kind: 'require-call' })
    );
    // Each is a statement on a line of its own. Nobody reads what they say, and the texts would be in the bundle.
    b.onLoad({ filter: /[\\/]node_modules[\\/]mqtt-packet[\\/]\w+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/^ *debug\(.*\)$/gm, ''),
    }));
  },
};
