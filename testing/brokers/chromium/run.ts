import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CHROMIUM_ARGS } from '../../chromium-args';
import { buildPlugin } from '../../../esbuild.config.mjs';
import { buildHost } from '../../../workbench/host-build';
import { BUILD, PLUGIN_ID } from '../../../workbench/paths';
import { startServer } from '../../../workbench/server';
import { findProgram } from '../../programs';
import type { BrokerKind } from '../broker-kind';
import { overlapInChromium } from './overlap';

/** Less than the minute that panels show, with the time that the last rows take. */
const DURATION_MS = 40_000;

interface RunOptions {
  readonly cache: string;
  /** A folder for a picture of each tab. */
  readonly pictures: string | undefined;
  readonly print: (text: string) => void;
}

/** Shows the built plugin in Chromium, with each broker, and counts the rows. @returns whether all are right. */
export async function runInChromium(
  kinds: readonly BrokerKind[],
  { cache, pictures, print }: RunOptions
): Promise<boolean> {
  const executablePath = findProgram('CHROMIUM_PATH');
  if (executablePath === undefined) {
    throw new Error('Chromium was not found. Install it, or set CHROMIUM_PATH.');
  }
  if (pictures !== undefined) {
    await mkdir(pictures, { recursive: true });
  }
  // Not in dist/, which may be in use.
  const plugin = join(BUILD, 'plugin-for-brokers');
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin })]);
  const folders = { host: host.folder, plugin };
  const server = await startServer({ port: 0, folders, info: { pluginId: PLUGIN_ID, topics: [] } });
  const browser = await chromium.launch({
    executablePath,
    args: CHROMIUM_ARGS,
  });
  let right = true;
  try {
    for (const kind of kinds) {
      const folder = await mkdtemp(join(tmpdir(), `mqttstream-${kind.name}-`));
      try {
        const version = await kind.fetch(cache);
        await using broker = await kind.start(cache, folder);
        const { published, expected, doubled, missing } = await overlapInChromium(browser, {
          workbench: server.url,
          broker,
          durationMs: DURATION_MS,
          ...(pictures !== undefined && {
            onShown: (page, tab) => page.screenshot({ path: join(pictures, `${kind.name}-${tab + 1}.png`) }),
          }),
        });
        const wrong = [...doubled, ...missing].slice(0, 10).map((line) => `    ${line}\n`);
        right &&= wrong.length === 0 && expected > 0;
        print(
          `${kind.name} ${version}: ${published} numbers, ${expected} rows in 8 panels of 2 tabs; ` +
            `${doubled.length} doubled, ${missing.length} missing\n${wrong.join('')}`
        );
      } catch (error) {
        right = false;
        print(`${kind.name}: ${(error as Error).message}\n`);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
  return right;
}
