import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { inject } from 'vitest';

import { CHROMIUM_ARGS } from '../testing/chromium-args';
import { connectPacket, DISCONNECT, publishPacket } from '../testing/mqtt-bytes';
import { concat } from '../src/utils/concat';
import type { Browsers } from './browser-setup';
import type { Folders } from './files';
import type { View } from './host/params';
import { PLUGIN_ID } from './paths';
import { startServer, type WorkbenchServer } from './server';

/** Shared by browser tests: a Chromium, the workbench in it, and independent clients. */

const SETTLE_MS = 15_000;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: served().browsers.chromium,
    args: CHROMIUM_ARGS,
  });
}

export interface PageOptions {
  /** `ws://…` of the test's own broker. */
  broker: string;
  view?: View;
  /** `proxy`: through the workbench's copy of Grafana's data source proxy; `broker` is then `http://…`. */
  access?: 'direct' | 'proxy';
  /** URL of another workbench than one that the page has to itself. */
  server?: string;
  theme?: 'light' | 'dark';
  topic?: string;
  /** Topic filters, each with a panel on a dashboard that has no variable and no annotations. */
  plots?: string[];
  /** Changes of the dashboard's panels, each as JSON. */
  panels?: string[];
  /** Settings of the data source (`jsonData`), for example a short linger. */
  jsonData?: Record<string, unknown>;
  width?: number;
  height?: number;
  /** Console errors that the test expects. */
  expected?: RegExp;
  /** Called before the page is loaded, for example to watch or to answer its requests. */
  prepare?: (page: Page) => Promise<unknown>;
}

export interface OpenWorkbench extends AsyncDisposable {
  page: Page;
  /** A panel by its title. */
  panel: (title: string) => Locator;
  /** @throws {Error} with every error that the page threw or logged. */
  expectNoProblems: () => void;
}

/**
 * Opens the workbench in its own browser context and, without `server`, on its own server: a server has one data
 * source, which every page saves its settings to. Disposal fails if the page had an error.
 */
export async function openWorkbench(browser: Browser, options: PageOptions): Promise<OpenWorkbench> {
  const { width = 1280, height = 900, expected } = options;
  const own = options.server === undefined ? await serveWorkbench() : undefined;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(SETTLE_MS);
  const problems: string[] = [];
  const note = (text: string) => {
    if (!expected?.test(text)) {
      problems.push(text);
    }
  };
  page.on('pageerror', (error) => note(`thrown: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      note(`logged: ${message.text()} (${message.location().url})`);
    }
  });
  const expectNoProblems = () => {
    if (problems.length > 0) {
      throw new Error(`The page had ${problems.length} error(s):\n${problems.join('\n')}`);
    }
  };
  await options.prepare?.(page);
  await page.goto(addressOf(options.server ?? own!.url, options));
  await page.getByRole('main').waitFor();
  return {
    page,
    panel: (title) => page.getByRole('region', { name: title, exact: true }),
    expectNoProblems,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await own?.close();
      expectNoProblems();
    },
  };
}

/** The URL of the workbench with these presets. */
export function addressOf(
  server: string,
  { broker, view, access, theme, topic, plots = [], panels = [], jsonData }: PageOptions
): string {
  const url = new URL(server);
  const params = { broker, view, access, theme, topic, jsonData: jsonData && JSON.stringify(jsonData) };
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) {
      url.searchParams.set(name, value);
    }
  }
  plots.forEach((plot) => url.searchParams.append('plot', plot));
  panels.forEach((panel) => url.searchParams.append('panel', panel));
  return url.href;
}

/** Serves the files that all browser tests share. */
export function serveWorkbench(): Promise<WorkbenchServer> {
  return startServer({ port: 0, folders: served().folders, info: { pluginId: PLUGIN_ID, topics: [] } });
}

/** Serves the same files with Grafana's Content-Security-Policy. */
export function servePolicy(policy: string): Promise<WorkbenchServer> {
  return startServer({ port: 0, folders: served().folders, info: { pluginId: PLUGIN_ID, topics: [] }, policy });
}

/** Serves the workbench with a plugin that lacks some files, as after an update under an open page. */
export async function serveWithout(missing: RegExp): Promise<WorkbenchServer> {
  const { folders } = served();
  const plugin = await mkdtemp(join(tmpdir(), 'mqttstream-plugin-'));
  await cp(folders.plugin, plugin, { recursive: true, filter: (source) => !missing.test(source) });
  const server = await startServer({
    port: 0,
    folders: { ...folders, plugin },
    info: { pluginId: PLUGIN_ID, topics: [] },
  });
  const close = async (): Promise<void> => {
    await server.close();
    await rm(plugin, { recursive: true });
  };
  return { ...server, close };
}

/** Serves the same files with a data source for a database of InfluxDB next to the plugin's. */
export function serveInfluxdb({ url, database }: { url: string; database: string }): Promise<WorkbenchServer> {
  const uid = 'influxdb';
  return startServer({
    port: 0,
    folders: served().folders,
    info: { pluginId: PLUGIN_ID, topics: [], influxdb: { uid, database } },
    dataSources: [{ uid, url, jsonData: {}, secureJsonData: {} }],
  });
}

function served(): { browsers: Browsers; folders: Folders } {
  const workbench = inject('workbench');
  if (!workbench) {
    throw new Error('There is no browser; browser tests are to be skipped');
  }
  return workbench;
}

/** The browsers of this machine. */
export function browsers(): Browsers {
  return inject('workbench')?.browsers ?? {};
}

/** Whether tests in Chromium can run at all. */
export function hasBrowser(): boolean {
  return browsers().chromium !== undefined;
}

/** For `expect.poll`: time limit for a page, a broker and a network on a busy machine. */
export const SOON = { timeout: SETTLE_MS, interval: 50 };

/** Publishes over TCP with mosquitto_pub; or with hand-written bytes, if mosquitto_pub is not installed. */
export async function publishAsStranger(
  port: number,
  topic: string,
  payload: string
): Promise<'mosquitto_pub' | 'bytes'> {
  try {
    await promisify(execFile)('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-m', payload]);
    return 'mosquitto_pub';
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
    await publishBytes(port, topic, payload);
    return 'bytes';
  }
}

/** A whole MQTT 3.1.1 session: CONNECT, PUBLISH with QoS 0, DISCONNECT. */
export function publishBytes(port: number, topic: string, payload: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(connectPacket('')));
    socket.once('data', (connack) => {
      if (connack.toString('hex') === '20020000') {
        socket.end(concat([publishPacket(topic, payload), DISCONNECT]));
      } else {
        socket.destroy(new Error(`CONNACK expected, ${connack.toString('hex')} came`));
      }
    });
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
}
