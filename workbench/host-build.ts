import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, type Plugin } from 'esbuild';

import { BUILD, ROOT } from './paths';

export interface HostBuild {
  /** The folder that holds index.html, host.js and host.css. */
  folder: string;
  /** True if an earlier build was up to date. */
  cached: boolean;
}

const WORKBENCH = path.join(ROOT, 'workbench');
/** The folders with the sources of the page. */
export const HOST_FOLDERS = ['grafana', 'host', 'influxdb'];
const OUTPUT = path.join(BUILD, 'workbench');
const RETAINED_BUILDS = 3;

/**
 * Bundles the page: React, rxjs and all of `@grafana/data|ui|runtime`, because the plugin may import any part of them.
 * That takes seconds and changes rarely, so each build is stored in a folder named after a hash of its inputs.
 */
export async function buildHost({ production = true }: { production?: boolean } = {}): Promise<HostBuild> {
  const folder = path.join(OUTPUT, `${production ? 'production' : 'development'}-${await fingerprint()}`);
  if (await exists(folder)) {
    return { folder, cached: true };
  }
  // Written to another folder and then renamed, so that an interrupted or a concurrent build is never served.
  const unfinished = `${folder}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  await bundlePage(unfinished, { globals: 'workbench/host/globals.ts', host: 'workbench/host/main.tsx' }, production);
  await cp(path.join(WORKBENCH, 'host/index.html'), path.join(unfinished, 'index.html'));
  await moveInPlace(unfinished, folder);
  await dropOld();
  return { folder, cached: false };
}

async function moveInPlace(unfinished: string, folder: string): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true });
    // Another process has built the same.
    if (!(await exists(folder))) {
      throw error;
    }
  }
}

/** Bundles scripts of a page that loads plugins as Grafana does. */
export async function bundlePage(
  outdir: string,
  entryPoints: Readonly<Record<string, string>>,
  production = true
): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints,
    outdir,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    minify: production,
    sourcemap: production ? false : 'linked',
    legalComments: 'none',
    logLevel: 'error',
    define: {
      'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development'),
      global: 'globalThis',
      // SystemJS' AMD extra installs a global define() before the UMD packages of this very bundle are evaluated;
      // lodash would register itself there and export nothing (docs/development/grafana-core.md).
      'define.amd': 'false',
    },
    loader: { '.svg': 'dataurl', '.png': 'dataurl', '.ttf': 'file', '.woff': 'file', '.woff2': 'file' },
    plugins: [scenesImports],
    // A code editor of 3 MB that nothing on the page opens.
    alias: { 'monaco-editor': path.join(WORKBENCH, 'host/monaco-stub.ts') },
  });
}

/**
 * What `@grafana/scenes` imports, and cannot have from the other packages as they are: version 6 of react-router-dom
 * (`@grafana/ui` has 5; as in Grafana, react-router-dom-v5-compat works on top of it), and data sources through
 * plugin-compat.
 */
const scenesImports: Plugin = {
  name: 'scenes-imports',
  setup(b) {
    const ofScenes = (importer: string) => importer.includes('/@grafana/scenes/');
    b.onResolve({ filter: /^react-router-dom$/ }, ({ importer, resolveDir, kind }) =>
      ofScenes(importer) ? b.resolve('react-router-dom-v5-compat', { kind, resolveDir }) : undefined
    );
    b.onResolve({ filter: /^@grafana\/plugin-compat\/datasources$/ }, () => ({
      path: path.join(WORKBENCH, 'host/scenes/data-source-compat.ts'),
    }));
  },
};

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const others = [path.join(ROOT, 'package-lock.json'), fileURLToPath(import.meta.url)];
  for (const file of [...others, ...(await hostSources())]) {
    hash.update(path.relative(ROOT, file));
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** All files of this repository that the page is built from. */
export async function hostSources(): Promise<string[]> {
  const folders = await Promise.all(HOST_FOLDERS.map((name) => filesIn(path.join(WORKBENCH, name))));
  const files = ['workbench/info.ts', 'workbench/publish-command.ts', 'src/utils/errors.ts'];
  return [...files.map((name) => path.join(ROOT, name)), ...folders.flat()];
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

/** Removes all but the newest builds; several stay, so that switching between branches is fast. */
async function dropOld(): Promise<void> {
  const folders = (await readdir(OUTPUT)).map((name) => path.join(OUTPUT, name));
  const aged = await Promise.all(folders.map(async (folder) => ({ folder, age: (await stat(folder)).mtimeMs })));
  const old = aged.toSorted((a, b) => b.age - a.age).slice(RETAINED_BUILDS);
  await Promise.all(old.map(({ folder }) => rm(folder, { recursive: true, force: true })));
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false
  );
}
