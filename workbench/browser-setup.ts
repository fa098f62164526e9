import path from 'node:path';

import type { TestProject } from 'vitest/node';

import { findProgram } from '../testing/programs';
import { buildPlugin } from '../esbuild.config.mjs';
import type { Folders } from './files';
import { buildHost } from './host-build';
import { BUILD } from './paths';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The workbench's files, and the path of Chromium; undefined if no Chromium was found. */
    workbench: { chromium: string; folders: Folders } | undefined;
  }
}

/** Builds the workbench, once for all browser tests. */
export async function setup(project: TestProject): Promise<void> {
  const chromium = findProgram('CHROMIUM_PATH');
  if (chromium === undefined) {
    if (process.env['REQUIRE_BROWSER'] === '1') {
      throw new Error('No Chromium found, and REQUIRE_BROWSER=1. Install it, or set CHROMIUM_PATH.');
    }
    project.provide('workbench', undefined);
    return;
  }
  // Not in dist/, which may be in use.
  const plugin = path.join(BUILD, 'plugin-under-test');
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin })]);
  project.provide('workbench', { chromium, folders: { host: host.folder, plugin } });
}
