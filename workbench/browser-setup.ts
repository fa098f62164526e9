import path from 'node:path';

import type { TestProject } from 'vitest/node';

import { findProgram } from '../testing/programs';
import { buildPlugin } from '../esbuild.config.mjs';
import type { Folders } from './files';
import { buildHost } from './host-build';
import { BUILD, PLUGIN_ID } from './paths';
import { startServer } from './server';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the workbench is served, and with what it is looked at; undefined where no Chromium was found. */
    workbench: { url: string; chromium: string; folders: Folders } | undefined;
  }
}

/** Builds what the browser tests look at and serves it, once for all of them. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const chromium = findProgram('CHROMIUM_PATH');
  if (chromium === undefined) {
    if (process.env['REQUIRE_BROWSER'] === '1') {
      throw new Error('No Chromium found, and REQUIRE_BROWSER=1. Install one, or say where it is with CHROMIUM_PATH.');
    }
    project.provide('workbench', undefined);
    return undefined;
  }
  // Beside dist/, which somebody may be looking at.
  const plugin = path.join(BUILD, 'plugin-under-test');
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin })]);
  const folders: Folders = { host: host.folder, plugin };
  const server = await startServer({
    port: 0,
    folders,
    // Each test starts a broker of its own and tells the page by its address.
    info: { pluginId: PLUGIN_ID, topics: [] },
  });
  project.provide('workbench', { url: server.url, chromium, folders });
  return server.close;
}
