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
    /** The workbench's URL and folders, and the path of Chromium; undefined if no Chromium was found. */
    workbench: { url: string; chromium: string; folders: Folders } | undefined;
  }
}

/** Builds and serves the workbench, once for all browser tests. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const chromium = findProgram('CHROMIUM_PATH');
  if (chromium === undefined) {
    if (process.env['REQUIRE_BROWSER'] === '1') {
      throw new Error('No Chromium found, and REQUIRE_BROWSER=1. Install it, or set CHROMIUM_PATH.');
    }
    project.provide('workbench', undefined);
    return undefined;
  }
  // Not in dist/, which may be in use.
  const plugin = path.join(BUILD, 'plugin-under-test');
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin })]);
  const folders: Folders = { host: host.folder, plugin };
  const server = await startServer({
    port: 0,
    folders,
    // Each test starts its own broker, and passes its URL to the page in the address.
    info: { pluginId: PLUGIN_ID, topics: [] },
  });
  project.provide('workbench', { url: server.url, chromium, folders });
  return server.close;
}
