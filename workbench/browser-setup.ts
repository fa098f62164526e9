import path from 'node:path';

import type { TestProject } from 'vitest/node';

import { findProgram } from '../testing/programs';
import { buildPlugin } from '../esbuild.config.mjs';
import type { Folders } from './files';
import { buildHost } from './host-build';
import type { WebKitPrograms } from './engines/webkit';
import { BUILD } from './paths';

/** The paths of the browsers on this machine. */
export interface Browsers {
  chromium?: string;
  firefox?: string;
  webkit?: WebKitPrograms;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The workbench's files, and the browsers; undefined if no browser was found. */
    workbench: { browsers: Browsers; folders: Folders } | undefined;
  }
}

/** Builds the workbench, once for all browser tests. */
export async function setup(project: TestProject): Promise<void> {
  const browsers = findBrowsers();
  if (Object.values(browsers).every((browser) => browser === undefined)) {
    project.provide('workbench', undefined);
    return;
  }
  // Not in dist/, which may be in use.
  const plugin = path.join(BUILD, 'plugin-under-test');
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin })]);
  project.provide('workbench', { browsers, folders: { host: host.folder, plugin } });
}

/** @throws {Error} if one is missing that the environment requires. */
function findBrowsers(): Browsers {
  const driver = findProgram('WEBKIT_DRIVER_PATH');
  const xvfb = findProgram('XVFB_PATH');
  const webkit = driver !== undefined && xvfb !== undefined ? { driver, xvfb } : undefined;
  return {
    chromium: required('Chromium', findProgram('CHROMIUM_PATH'), 'REQUIRE_BROWSER', 'CHROMIUM_PATH'),
    firefox: required('Firefox', findProgram('FIREFOX_PATH'), 'REQUIRE_FIREFOX', 'FIREFOX_PATH'),
    webkit: required('WebKitWebDriver or Xvfb', webkit, 'REQUIRE_WEBKIT', 'WEBKIT_DRIVER_PATH and XVFB_PATH'),
  };
}

function required<T>(name: string, found: T | undefined, variable: string, paths: string): T | undefined {
  if (found === undefined && process.env[variable] === '1') {
    throw new Error(`No ${name} found, and ${variable}=1. Install it, or set ${paths}.`);
  }
  return found;
}
