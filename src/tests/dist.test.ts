import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPlugin } from '../../esbuild.config.mjs';

/**
 * The built files, as Grafana loads them: rule 1 of docs/development/grafana-core.md, and those rules of Grafana's plugin
 * validator that are cheap to check.
 */
let dist: string;
/** The file of a part, whose name has a hash. */
const fileOf = async (name: string): Promise<string> =>
  name.endsWith('.js')
    ? name
    : (await readdir(dist)).find((file) => file.startsWith(`${name}-`) && file.endsWith('.js'))!;
const read = (file: string): Promise<string> => readFile(join(dist, file), 'utf8');

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'mqttstream-dist-'));
  await buildPlugin({ outdir: dist, production: true });
}, 60_000);

afterAll(() => rm(dist, { recursive: true, force: true }));

/** The matches of a pattern in a file: small enough to be printed when it should have found nothing. */
function found(code: string, pattern: RegExp): string | undefined {
  return pattern.exec(code)?.[0];
}

interface Defined {
  readonly deps: string[];
  readonly factory: (...deps: unknown[]) => { plugin?: unknown };
}

/** Runs module.js as SystemJS' script tag does: all there is of a module system is the page's define(). */
async function define(): Promise<Defined> {
  const calls: unknown[][] = [];
  runInNewContext(await read('module.js'), {
    TextDecoder,
    TextEncoder,
    URL,
    setTimeout,
    clearTimeout,
    document: { baseURI: 'http://grafana/' },
    define: Object.assign((...args: unknown[]) => calls.push(args), { amd: {} }),
  });
  expect(calls).toHaveLength(1);
  const [deps, factory] = calls[0] as [string[], Defined['factory']];
  return { deps, factory };
}

describe('module.js', () => {
  test('is an anonymous array-form AMD module that asks only for what Grafana shares', async () => {
    const { deps } = await define();
    expect(deps.slice(0, 2)).toEqual(['exports', 'module']);
    expect(deps).not.toContain('require');
    expect(deps.slice(2)).toEqual([
      '@emotion/css',
      '@grafana/data',
      '@grafana/runtime',
      '@grafana/ui',
      'react',
      'react/jsx-runtime',
      'rxjs',
    ]);
  });

  test('exports the plugin', async () => {
    const { deps, factory } = await define();
    const module = {
      exports: {} as { plugin?: { components: Record<string, unknown> } },
      uri: 'http://grafana/module.js',
    };
    const real: Record<string, unknown> = {
      exports: module.exports,
      module,
      '@grafana/data': await import('@grafana/data'),
      rxjs: await import('rxjs'),
      react: await import('react'),
      'react/jsx-runtime': await import('react/jsx-runtime'),
    };
    // @grafana/ui and @grafana/runtime need a page; what the plugin takes from them while it loads is components only.
    const anything: unknown = new Proxy(() => undefined, { get: (_, key) => (key === '__esModule' ? true : anything) });
    const { plugin } = factory(...deps.map((dep) => real[dep] ?? anything)) as typeof module.exports;
    expect(plugin?.components).toMatchObject({ QueryEditor: expect.anything(), ConfigEditor: expect.anything() });
  });

  test('is small and holds no mqtt.js', async () => {
    const code = await read('module.js');
    expect(found(code, /CONNACK|connack|readable-stream/)).toBeUndefined();
    expect(gzipSync(code).length).toBeLessThan(44_500);
  });

  test('holds nothing by which Grafana would take it for an Angular plugin', async () => {
    expect(
      found(
        await read('module.js'),
        /PanelCtrl|ConfigCtrl|app\/plugins\/sdk|angular\.isNumber\(|ctrl\.annotation|["']QueryCtrl["']/
      )
    ).toBeUndefined();
  });

  test('hides the page’s define() from what is bundled', async () => {
    expect(await read('module.js')).toMatch(
      /^\/\* mqttstream-websocket-datasource@[\d.]+ \*\/define\(\[.*?\],function\(.*?\)\{var define;/
    );
  });

  test('holds no secrets of React, no console, no eval', async () => {
    const code = await read('module.js');
    expect(
      found(code, /__SECRET_INTERNALS|console\.(log|info|table)|\beval\(|new Function\(|grafanaBootData/)
    ).toBeUndefined();
  });

  test.each([
    'module.js',
    'engine.js',
    'query-editor',
    'config-editor',
    'backfill',
    'lines',
    'formats',
    'sparkplug',
    'discovery',
  ])('%s has a source map whose sources are the files of this tree', async (name) => {
    const map = JSON.parse(await read(`${await fileOf(name)}.map`)) as {
      sources: string[];
      sourcesContent: string[];
    };
    expect(map.sourcesContent).toHaveLength(map.sources.length);
    const ours = map.sources.filter((source) => /(^|\/)src\//.test(source) && !source.includes('node_modules'));
    expect(ours.length).toBeGreaterThan(4);
    for (const source of ours) {
      const content = map.sourcesContent[map.sources.indexOf(source)];
      expect(content).toBe(await readFile(resolve(dist, source), 'utf8'));
    }
  });
});

describe('a part of module.js', () => {
  /** As module.ts has them. */
  const HANDED = ['src/frames/index.ts', 'src/migrate.ts', 'src/viewer-data.ts'];

  /** Runs a part in a page that has nothing of Grafana's, and links it with modules that answer to everything. */
  async function link(name: string): Promise<{ asked: string[]; exports: object }> {
    const page = { TextDecoder, TextEncoder, URL, setTimeout, clearTimeout };
    runInNewContext(await read(await fileOf(name)), page);
    const parts: unknown = Reflect.get(page, 'mqttstream-websocket-datasource');
    const part = (parts as Record<string, (require: (module: string) => unknown) => object>)[name];
    const anything: unknown = new Proxy(() => undefined, { get: (_, key) => (key === '__esModule' ? true : anything) });
    const asked: string[] = [];
    const exports = part((module) => {
      asked.push(module);
      return anything;
    });
    return { asked, exports };
  }

  test.each([
    ['query-editor', ['QueryEditor'], 35_500],
    ['query-help', ['QueryEditorHelp'], 4_000],
    ['health-check', ['healthCheck'], 3_700],
    ['editing', ['editorDiagnostics', 'findNearestTopics'], 5_400],
    ['lines', ['annotationsFrame', 'logsFrame'], 6_000],
    ['backfill', ['Backfill', 'openBackfill'], 12_000],
    ['config-editor', ['ConfigEditor'], 14_500],
    ['sign-in', ['SignInDialog'], 2_400],
    ['variables', ['variableOptions'], 1_000],
  ])('%s asks only for what module.js has', async (name, components, bytes) => {
    const { asked, exports } = await link(name);
    expect(Object.keys(exports).toSorted()).toEqual(components);
    const { deps } = await define();
    expect(asked.filter((module) => !deps.includes(module) && !HANDED.includes(module))).toEqual([]);
    expect(gzipSync(await read(await fileOf(name))).length).toBeLessThan(bytes);
  });

  test('is not in module.js, and shares the state of the page with it', async () => {
    expect(found(await read('module.js'), /What viewers can see|First message/)).toBeUndefined();
    expect((await link('config-editor')).asked).toContain('src/viewer-data.ts');
    expect((await link('backfill')).asked).toContain('src/frames/index.ts');
  });
});

describe('engine.js', () => {
  test('holds mqtt.js from its modules and the decoders of most payloads, and is no larger than they are', async () => {
    const code = await read('engine.js');
    expect(found(code, /connack/i)).toBeDefined();
    // Discovery, Sparkplug and regular expressions are parts.
    expect(found(code, /stat_val_tpl|Node Control\/Rebirth|looks ahead or behind/)).toBeUndefined();
    // Neither are the package `readable-stream` and what mqtt.js and mqtt-packet log.
    expect(found(code, /ERR_METHOD_NOT_IMPLEMENTED|_handlePacket ::|_parseHeader:/)).toBeUndefined();
    expect(gzipSync(code).length).toBeLessThan(83_000);
  });

  test('is a module of its own that needs nothing of the page', async () => {
    const code = await read('engine.js');
    expect(found(code, /\beval\(|new Function\(|\bdocument\./)).toBeUndefined();
    // Node has no page either, and resolves no package from there.
    const engine = (await import(/* @vite-ignore */ pathToFileURL(join(dist, 'engine.js')).href)) as object;
    expect(Object.keys(engine)).toEqual(['startEngine']);
  });
});

describe('dist', () => {
  test('is complete', async () => {
    const names = (await readdir(dist)).map((name) => name.replace(/-[A-Z0-9]{8}\./, '-HASH.'));
    expect(names.toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'backfill-HASH.js',
      'backfill-HASH.js.map',
      'config-editor-HASH.js',
      'config-editor-HASH.js.map',
      'dashboards',
      'discovery-HASH.js',
      'discovery-HASH.js.map',
      'docs',
      'editing-HASH.js',
      'editing-HASH.js.map',
      'engine.js',
      'engine.js.map',
      'explorer-HASH.js',
      'explorer-HASH.js.map',
      'formats-HASH.js',
      'formats-HASH.js.map',
      'health-check-HASH.js',
      'health-check-HASH.js.map',
      'history-HASH.js',
      'history-HASH.js.map',
      'img',
      'lines-HASH.js',
      'lines-HASH.js.map',
      'module.js',
      'module.js.map',
      'plugin.json',
      'query-editor-HASH.js',
      'query-editor-HASH.js.map',
      'query-help-HASH.js',
      'query-help-HASH.js.map',
      'redelivery-HASH.js',
      'redelivery-HASH.js.map',
      'sign-in-HASH.js',
      'sign-in-HASH.js.map',
      'sparkplug-HASH.js',
      'sparkplug-HASH.js.map',
      'variables-HASH.js',
      'variables-HASH.js.map',
    ]);
  });

  test('has a plugin.json with everything filled in', async () => {
    const text = await read('plugin.json');
    const plugin = JSON.parse(text) as Record<string, unknown> & {
      info: { version: string; updated: string; logos: Record<string, string>; screenshots: Array<{ path: string }> };
      includes: Array<{ path: string }>;
    };
    const { version } = JSON.parse(
      await readFile(join(dirname(import.meta.filename), '../../package.json'), 'utf8')
    ) as {
      version: string;
    };
    expect(text).not.toContain('%');
    expect(plugin).toMatchObject({
      id: 'mqttstream-websocket-datasource',
      type: 'datasource',
      category: 'iot',
      streaming: true,
      metrics: true,
      logs: true,
      annotations: true,
      buildMode: 'production',
    });
    expect(plugin['backend']).toBeUndefined();
    expect(plugin.info.version).toBe(version);
    expect(plugin.info.updated).toMatch(/^\d{4}-\d\d-\d\d$/);
    const { logos, screenshots } = plugin.info;
    for (const path of [...Object.values(logos), ...[...screenshots, ...plugin.includes].map((each) => each.path)]) {
      expect((await stat(join(dist, path))).size).toBeGreaterThan(100);
    }
  });

  test('has a licence that a machine can recognise, and a README of its own', async () => {
    expect(await read('LICENSE')).toMatch(/Apache License\s+Version 2\.0/);
    expect(found(await read('LICENSE'), /\[yyyy\]|\{yyyy\}/)).toBeUndefined();
    const readme = await read('README.md');
    expect(readme.length).toBeGreaterThan(500);
    expect(found(readme, /<!--|npm ci|yarn|nodejs/)).toBeUndefined();
  });
});

describe('the build', () => {
  test('fails on an import that Grafana does not share', async () => {
    const { checkShared } = await import('../../esbuild.config.mjs');
    expect(() => checkShared(['react', '@grafana/schema'])).toThrow(/Grafana does not share @grafana\/schema/);
    expect(() => checkShared(['react', '@grafana/data'])).not.toThrow();
  });

  test.each([
    ['module.js', 'node_modules/mqtt/build/index.js'],
    ['module.js', 'src/editor/QueryEditor.tsx'],
    ['module.js', 'src/config/ConfigEditor.tsx'],
    ['part', 'src/viewer-data.ts'],
    ['part', 'src/connection/runtime.ts'],
    ['part', 'node_modules/mqtt/build/index.js'],
    ['engine.js', 'node_modules/@grafana/data/dist/esm/index.mjs'],
    ['engine.js', 'node_modules/react/index.js'],
    ['module.js', 'src/testing/live.ts'],
    ['module.js', 'src/tests/helper.ts'],
    ['module.js', 'src/frames/gaps.test.ts'],
    ['module.js', 'src/test-setup.ts'],
    ['engine.js', 'src/testing/engine.ts'],
    ['engine.js', 'testing/programs.ts'],
    ['engine.js', 'broker/topic.ts'],
    ['module.js', 'workbench/paths.ts'],
    ['module.js', 'bench/stats.ts'],
  ] as const)('fails if %s holds %s', async (file, leaked) => {
    const { checkBundled } = await import('../../esbuild.config.mjs');
    expect(() => checkBundled(file, ['src/types.ts', leaked])).toThrow(`${leaked} is bundled into ${file}; `);
  });

  test('allows the files of src and packages', async () => {
    const { checkBundled } = await import('../../esbuild.config.mjs');
    const inputs = ['src/module.ts', 'src/engine/shims/process.cjs', 'src/tester.ts', 'node_modules/pbf/index.js'];
    expect(() => checkBundled('module.js', inputs)).not.toThrow();
    expect(() => checkBundled('engine.js', [...inputs, 'node_modules/mqtt/build/index.js'])).not.toThrow();
  });

  test('fails on what makes Grafana refuse a plugin as Angular', async () => {
    const { checkAngular } = await import('../../esbuild.config.mjs');
    expect(() => checkAngular('class QueryCtrl {}; x["QueryCtrl"]')).toThrow(/Angular/);
    expect(() => checkAngular('const PanelCtrl = 1')).toThrow(/Angular/);
    expect(() => checkAngular('const query = 1')).not.toThrow();
  });
});
