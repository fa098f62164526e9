import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePage } from '../../workbench/host-build';
import { PLUGIN_ID } from '../../workbench/paths';
import { startServer, type WorkbenchServer } from '../../workbench/server';
import type { Stage } from './stage';

/** A page with a script of `page/`, and the plugin as Grafana serves it. */
export interface PluginSite {
  /** Folder with the page. */
  readonly host: string;
  /** Folder with the build of this checkout. */
  readonly plugin: string;
}

/** The folders of pages that are built. */
const pages = new Map<string, Promise<void>>();

/** Builds the page, once for all rows of a run. @param script of `page/`, which is loaded as `/NAME.js`. */
export async function buildPluginSite(stage: Stage, name: string, script = `${name}.ts`): Promise<PluginSite> {
  const host = join(stage.folder, name);
  const built = pages.get(host) ?? buildPage(host, name, script);
  pages.set(host, built);
  await built;
  return { host, plugin: stage.plugin };
}

async function buildPage(host: string, name: string, script: string): Promise<void> {
  await mkdir(host, { recursive: true });
  await writeFile(join(host, 'index.html'), html(name));
  await bundlePage(host, { globals: 'workbench/host/globals.ts', [name]: `bench/browser/page/${script}` });
}

export async function servePluginSite({ host, plugin }: PluginSite): Promise<WorkbenchServer & AsyncDisposable> {
  const server = await startServer({ port: 0, folders: { host, plugin }, info: { pluginId: PLUGIN_ID, topics: [] } });
  return { ...server, [Symbol.asyncDispose]: () => Promise.resolve(server.close()) };
}

function html(script: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${PLUGIN_ID}</title><link rel="icon" href="data:," />
<link rel="stylesheet" href="/${script}.css" /><main></main>
<script src="/globals.js"></script><script src="/${script}.js"></script>`;
}
