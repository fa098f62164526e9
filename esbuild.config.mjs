// @ts-check
// Builds the plugin into dist/: `node esbuild.config.mjs [--watch] [--development]`.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';
import { writePages } from './docs/pages.mjs';
import { mqttShims } from './src/engine/shims/plugin.mjs';

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/**
 * The modules that Grafana 12.3 and later share with plugins (public/app/features/plugins/loader/sharedDependencies.ts).
 * If another module is left to the host, the plugin does not load; so the build fails.
 */
const SHARED = new Set(
  `@emotion/css @emotion/react @grafana/data @grafana/data/unstable @grafana/runtime
    @grafana/runtime/unstable @grafana/slate-react @grafana/ui @grafana/ui/unstable d3 emotion i18next
    jquery lodash moment prismjs react react/jsx-runtime react/jsx-dev-runtime react-dom react-inlinesvg
    react-redux react-router react-router-dom redux rxjs rxjs/operators slate slate-plain-serializer
    slate-react`.split(/\s+/)
);

/** Packages that are left to the host; all others are bundled. */
const LEFT_TO_HOST = ['react', 'react-dom', 'rxjs', 'lodash', 'moment', '@emotion/*', '@grafana/*'];

/** Grafana refuses a plugin as an Angular one if module.js contains one of these (angularinspector.go). */
const ANGULAR = [
  /PanelCtrl/,
  /ConfigCtrl/,
  /app\/plugins\/sdk/,
  /angular\.isNumber\(/,
  /ctrl\.annotation/,
  /["']QueryCtrl["']/,
];

/**
 * Parts of the engine, which it loads when a stream first needs them: the constant that has the name of the file (see
 * src/payload/part.ts), the name, and the module.
 */
const ENGINE_PARTS = [
  ['FORMATS_PART', 'formats', 'src/payload/formats/lazy-formats.ts'],
  ['SPARKPLUG_PART', 'sparkplug', 'src/payload/formats/sparkplug/index.ts'],
  ['DISCOVERY_PART', 'discovery', 'src/discovery/home-assistant.ts'],
  ['HISTORY_PART', 'history', 'src/engine/history/past.ts'],
  ['REDELIVERY_PART', 'redelivery', 'src/engine/redelivery/redelivery.ts'],
  ['EXPLORER_PART', 'explorer', 'src/engine/explorer/explorer.ts'],
];

/** Parts of the plugin, which module.js loads when they are first used: see src/connection/load-part.ts. */
const PLUGIN_PARTS = [
  ['QUERY_EDITOR_PART', 'query-editor', 'src/editor/index.ts'],
  ['QUERY_HELP_PART', 'query-help', 'src/editor/QueryEditorHelp.tsx'],
  ['CONFIG_EDITOR_PART', 'config-editor', 'src/config/index.ts'],
  ['SIGN_IN_PART', 'sign-in', 'src/components/SignInDialog.tsx'],
  ['HEALTH_CHECK_PART', 'health-check', 'src/query/health-check.ts'],
  ['EDITING_PART', 'editing', 'src/query/editing.ts'],
  ['LINES_PART', 'lines', 'src/frames/lines.ts'],
  ['BACKFILL_PART', 'backfill', 'src/history/backfill.ts'],
  ['VARIABLES_PART', 'variables', 'src/query/variable-options.ts'],
];

/** Modules that module.js hands to its parts: they have the state of the page, classes that parts compare, or private fields. */
const HANDED_TO_PARTS = ['src/frames/index.ts', 'src/migrate.ts', 'src/viewer-data.ts'];

/** Modules that the engine hands to its parts, because both compare what they export by identity. */
const HANDED_BY_ENGINE = ['src/payload/decoded.ts', 'src/payload/rows/rows.ts'];

/**
 * @typedef {'linked' | 'external'} SourceMaps `external`: no file names its source map, for an archive without them.
 * @typedef {{ production: boolean, outdir: string, sourceMaps: SourceMaps }} Build
 * @typedef {object} Options
 * @property {boolean} [watch]
 * @property {boolean} [production]
 * @property {string} [outdir]
 * @property {SourceMaps} [sourceMaps]
 * @property {(error?: Error) => void} [onRebuild]
 * @param {Options} [options]
 */
export async function buildPlugin({
  watch = false,
  production = !watch,
  outdir = join(ROOT, 'dist'),
  sourceMaps = 'linked',
  onRebuild,
} = {}) {
  const target = { production, outdir, sourceMaps };
  await rm(outdir, { recursive: true, force: true });
  if (!watch) {
    await buildOnce(target);
    return { dispose: async () => undefined };
  }
  // esbuild's watcher only triggers the build, which is the same as without --watch.
  const rebuild = async () => {
    try {
      await buildOnce(target);
      onRebuild?.();
    } catch (error) {
      onRebuild?.(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const watcher = await context({
    ...shared(target),
    entryPoints: ['src/module.ts', 'src/engine/worker.ts'],
    external: LEFT_TO_HOST,
    outdir: 'unused',
    write: false,
    logLevel: 'silent',
    plugins: [...shared(target).plugins, { name: 'rebuild', setup: (b) => b.onEnd(rebuild) }],
  });
  await watcher.watch();
  return { dispose: () => watcher.dispose() };
}

/** @param {Build} target */
async function buildOnce(target) {
  const engine = await buildEngine(target);
  await buildModule(target, createHash('sha256').update(engine).digest('hex').slice(0, 12));
  await copyAssets(target);
}

/**
 * @param {Build} target
 * @returns {import('esbuild').BuildOptions & { metafile: true, plugins: import('esbuild').Plugin[] }}
 */
function shared({ production, sourceMaps }) {
  return {
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    minify: production,
    sourcemap: sourceMaps,
    sourcesContent: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    define: {
      'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development'),
      // A bundled UMD library must not see the define() of the page's SystemJS and export itself there.
      'define.amd': 'false',
      PLUGIN_MODULE_URI: 'module.uri',
      // Defined everywhere, so that no file bundles a part; only the file that loads it knows its name.
      ...Object.fromEntries([...ENGINE_PARTS, ...PLUGIN_PARTS].map(([constant]) => [constant, '""'])),
    },
    // Only engine.js, which is a module, loads parts by it; the other files import types and classes from the same room.
    logOverride: { 'empty-import-meta': 'silent' },
    plugins: [mqttShims],
  };
}

/** Leaves imports of some modules to the file that loads a part: `require('src/payload/decoded.ts')`. */
const leave = (/** @type {string[]} */ modules) => ({
  name: 'leave',
  /** @param {import('esbuild').PluginBuild} b */
  setup(b) {
    b.onResolve({ filter: /^\.{1,2}\// }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData !== undefined) {
        return undefined; // asked below
      }
      const resolved = await b.resolve(path, { kind, resolveDir, pluginData: 'resolve' });
      const module = relative(ROOT, resolved.path);
      return modules.includes(module) ? { path: module, external: true } : resolved;
    });
  },
});

/**
 * Builds a part: a function that makes it from the modules that it is handed. The name of its file has a hash, so that an
 * open page never loads the part of another version.
 *
 * @param {Build} target
 * @param {string} name
 * @param {string} module
 * @param {{ kind: 'engine.js' | 'part', handed: string[], banner: string }} options how the file gives the function.
 * @returns {Promise<{ file: string, external: string[] }>} the name of the file, and what it needs of Grafana.
 */
async function buildPart(target, name, module, { kind, handed, banner }) {
  const base = shared(target);
  const { metafile } = await build({
    ...base,
    entryPoints: { [name]: module },
    outdir: target.outdir,
    entryNames: '[name]-[hash]',
    format: 'cjs',
    external: LEFT_TO_HOST,
    plugins: [...base.plugins, leave(handed)],
    banner: { js: `${banner}function(require){var define;const module={};` },
    footer: { js: 'return module.exports}' },
  });
  checkBundled(kind, Object.keys(metafile.inputs));
  report(metafile);
  const [path] = Object.keys(metafile.outputs).filter((output) => output.endsWith('.js'));
  checkAngular(await readFile(join(ROOT, path), 'utf8'));
  return { file: basename(path), external: externalOf(metafile).filter((each) => !handed.includes(each)) };
}

/** @param {Build} target */
async function buildEngine(target) {
  const { outdir } = target;
  const base = shared(target);
  const names = await Promise.all(
    ENGINE_PARTS.map(async ([constant, name, module]) => {
      const options = { kind: /** @type {const} */ ('engine.js'), handed: HANDED_BY_ENGINE, banner: 'export default ' };
      const { file } = await buildPart(target, name, module, options);
      return [constant, JSON.stringify(file)];
    })
  );
  const result = await build({
    ...base,
    entryPoints: ['src/engine/worker.ts'],
    outfile: join(outdir, 'engine.js'),
    format: 'esm',
    inject: ['src/engine/shims/globals.mjs'],
    define: { ...base.define, ...Object.fromEntries(names) },
  });
  checkBundled('engine.js', Object.keys(result.metafile.inputs));
  report(result.metafile);
  return readFile(join(outdir, 'engine.js'));
}

/**
 * @param {import('esbuild').Metafile} metafile
 * @returns {string[]} modules that are left to the host, sorted.
 */
function externalOf({ outputs }) {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  return [...new Set(imports.filter((each) => each.external).map((each) => each.path))].toSorted();
}

/**
 * @param {Build} target
 * @param {string} engineHash
 */
async function buildModule(target, engineHash) {
  const { outdir } = target;
  const base = shared(target);
  const { id, version } = await identity();
  const parts = await Promise.all(
    PLUGIN_PARTS.map(async ([constant, name, module]) => {
      // A script, which puts the function there: see src/connection/load-part.ts.
      const banner = `/* ${id}@${version} */(globalThis[${JSON.stringify(id)}]??={})[${JSON.stringify(name)}]=`;
      const options = { kind: /** @type {const} */ ('part'), handed: HANDED_TO_PARTS, banner };
      return { constant, ...(await buildPart(target, name, module, options)) };
    })
  );
  /** @type {import('esbuild').BuildOptions & { metafile: true }} */
  const options = {
    ...base,
    entryPoints: ['src/module.ts'],
    outfile: join(outdir, 'module.js'),
    format: 'cjs',
    external: LEFT_TO_HOST,
    define: {
      ...base.define,
      ENGINE_HASH: JSON.stringify(engineHash),
      PLUGIN_ID: JSON.stringify(id),
      PLUGIN_REQUIRE: 'pluginRequire',
      ...Object.fromEntries(parts.map(({ constant, file }) => [constant, JSON.stringify(file)])),
    },
  };
  const probe = await build({ ...options, write: false, sourcemap: false });
  // module.js hands its parts what they need of Grafana.
  const external = [...new Set([...externalOf(probe.metafile), ...parts.flatMap((part) => part.external)])].toSorted();
  checkShared(external);
  checkBundled('module.js', Object.keys(probe.metafile.inputs));
  const names = external.map((_, i) => `_${i}`);
  const requires = external.map((path, i) => `${JSON.stringify(path)}:_${i}`).join(',');
  const result = await build({
    ...options,
    // The anonymous AMD module that Grafana's SystemJS loads. Only used modules are listed, because Grafana loads each of them at once.
    banner: {
      js: `/* ${id}@${version} */define(${JSON.stringify(['exports', 'module', ...external])},function(${['exports', 'module', ...names].join(',')}){var define;const pluginRequire=(id)=>({${requires}})[id],require=pluginRequire;`,
    },
    footer: { js: 'return module.exports});' },
  });
  const code = await readFile(join(outdir, 'module.js'), 'utf8');
  checkAngular(code);
  report(result.metafile);
}

/**
 * The modules that a file must not have. mqtt.js is in the engine, which runs in a Worker; viewers of
 * dashboards do not load the editors; and the state of the page is there once.
 *
 * @type {Record<'module.js' | 'engine.js' | 'part', { modules: RegExp, reason: string }>}
 */
const UNWANTED = {
  'module.js': {
    modules: /(^|\/)node_modules\/(mqtt|mqtt-packet|readable-stream)\/|^src\/(editor|config|history)\//,
    reason: 'it belongs in engine.js, which runs in a Worker, or in a part',
  },
  'engine.js': {
    modules: /(^|\/)node_modules\/(@grafana\/|react\/|react-dom\/|rxjs\/)/,
    reason: 'it belongs in module.js, because the engine runs in a Worker without Grafana',
  },
  part: {
    modules:
      /(^|\/)node_modules\/(mqtt|mqtt-packet|readable-stream)\/|^src\/(datasource|viewer-data|frames(?!\/(?:lines|annotations|logs|line-cache|newest-lines|row-text)\.)|query\/run|engine\/(?!error-codes|broker-quirks\/usual-addresses)|connection\/(?!urls|viewer-credentials|listener-set|wait-until|explorer-client|credential-exchange|status-enricher|launch\.))/,
    reason: 'it belongs in module.js, which has the state of the page',
  },
};

/** The plugin's own files: src without test support and tests. */
const OWN = /^src\/(?!testing\/|tests\/|test-setup\.|(?:.*\.)test\.)/;

/**
 * @param {'module.js' | 'engine.js' | 'part'} file
 * @param {string[]} inputs files that are bundled into it, relative to the root of the repository
 * @throws {Error} if one of them does not belong in the plugin, or not in this file.
 */
export function checkBundled(file, inputs) {
  const { modules, reason } = UNWANTED[file];
  const unwanted = inputs.find((path) => modules.test(path));
  if (unwanted !== undefined) {
    throw new Error(`${unwanted} is bundled into ${file}; ${reason}.`);
  }
  const leaked = inputs.find((path) => !OWN.test(path) && !/(^|\/)node_modules\//.test(path));
  if (leaked !== undefined) {
    throw new Error(`${leaked} is bundled into ${file}; the plugin holds only files of src that are no test support.`);
  }
}

/**
 * @param {string[]} external
 * @throws {Error} if Grafana does not share one of the imports that are left to the host.
 */
export function checkShared(external) {
  const unshared = external.filter((path) => !SHARED.has(path));
  if (unshared.length > 0) {
    throw new Error(`Grafana does not share ${unshared.join(', ')} with plugins: bundle it, or do without it.`);
  }
}

/**
 * @param {string} code of module.js
 * @throws {Error} if Grafana would refuse it.
 */
export function checkAngular(code) {
  const angular = ANGULAR.find((pattern) => pattern.test(code));
  if (angular !== undefined) {
    throw new Error(`module.js contains ${String(angular)}, by which Grafana takes it for an Angular plugin.`);
  }
}

async function identity() {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const { id } = JSON.parse(await readFile(join(ROOT, 'plugin.json'), 'utf8'));
  return { id, version };
}

/** Now, or the time in SOURCE_DATE_EPOCH (seconds since 1970), with which a release can be built again. */
export function buildTime() {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
}

/** @param {Build} target */
async function copyAssets({ production, outdir }) {
  const { id, version } = await identity();
  const fill = (/** @type {string} */ text) =>
    text
      .replaceAll('%VERSION%', version)
      .replaceAll('%TODAY%', buildTime().toISOString().slice(0, 10))
      .replaceAll('%PLUGIN_ID%', id);
  const plugin = JSON.parse(fill(await readFile(join(ROOT, 'plugin.json'), 'utf8')));
  plugin.buildMode = production ? 'production' : 'development';
  await writeFile(join(outdir, 'plugin.json'), `${JSON.stringify(plugin, null, 2)}\n`);
  await writeFile(join(outdir, 'README.md'), fill(await readFile(join(ROOT, 'src/README.md'), 'utf8')));
  for (const file of ['CHANGELOG.md', 'LICENSE']) {
    await cp(join(ROOT, file), join(outdir, file));
  }
  await writePages(join(outdir, 'docs'));
  const { logos, screenshots } = plugin.info;
  for (const path of new Set([
    logos.small,
    logos.large,
    ...[...screenshots, ...plugin.includes].map((/** @type {{path: string}} */ each) => each.path),
  ])) {
    await mkdir(dirname(join(outdir, path)), { recursive: true });
    await cp(join(ROOT, 'src', path), join(outdir, path));
  }
}

let quiet = true;

/** @param {import('esbuild').Metafile} metafile */
function report(metafile) {
  if (!quiet) {
    for (const [path, { bytes }] of Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.js'))) {
      process.stdout.write(`${path} ${(bytes / 1000).toFixed(1)} kB\n`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  quiet = false;
  await buildPlugin({ watch: process.argv.includes('--watch'), production: !process.argv.includes('--development') });
}
