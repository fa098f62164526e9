import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { hasBrowser, launchChromium, openWorkbench, servePolicy, serveWithout, SOON } from './testing';

/** Scripts of the plugin that a page and its Worker have requested, without hashes and versions. */
function watchScripts(page: Page): string[] {
  const names: string[] = [];
  page.context().on('request', (request) => {
    const { pathname } = new URL(request.url());
    const name = /\/public\/plugins\/[^/]+\/([^/]+)\.js$/.exec(pathname)?.[1];
    if (name !== undefined) {
      names.push(name.replace(/-[A-Z0-9]{8}$/, ''));
    }
  });
  return names;
}

/** The treatment of a script that a plugin adds to the page in Grafana's sandbox (sandbox/distortions.ts). */
function likeSandbox(): void {
  // oxlint-disable-next-line unbound-method -- called with its own `this` below
  const { appendChild } = Node.prototype;
  Node.prototype.appendChild = function <T extends Node>(this: Node, node: T): T {
    if (node instanceof HTMLScriptElement && node.src.includes('-editor-')) {
      void fetch(node.src)
        .then((response) => response.text())
        // oxlint-disable-next-line no-eval -- the sandbox does so, in a realm of its own
        .then((code) => (0, eval)(code))
        .then(
          () => node.onload?.call(node, new Event('load')),
          (error: unknown) => node.onerror?.call(node, new ErrorEvent('error', { error }))
        );
      return undefined as never;
    }
    return appendChild.call(this, node) as T;
  };
}

describe.skipIf(!hasBrowser())('files that are loaded when they are first used', () => {
  let browser: Browser;
  let broker: TestBroker;
  let ws: string;

  beforeAll(async () => {
    browser = await launchChromium();
    broker = await startBroker();
    ws = broker.ws!.url;
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5', retain: true });
    await broker.publish({ topic: 'spBv1.0/Plant/NBIRTH/Edge', payload: Buffer.from([8, 1]), retain: true });
  });
  afterAll(async () => {
    await broker.close();
    await browser.close();
  });

  /** Opens a page whose server lacks some files of the plugin. */
  const openWithout = async (
    files: RegExp,
    options: { view: 'explore' | 'config'; topic?: string; expected: RegExp }
  ) => {
    const server = await serveWithout(files);
    onTestFinished(server.close);
    return openWorkbench(browser, { ...options, server: server.url, broker: ws });
  };

  const topicOf = (page: Page) => page.getByRole('textbox', { name: /topic/i });

  it('are not loaded for a dashboard of numbers', async () => {
    let scripts: string[] = [];
    await using workbench = await openWorkbench(browser, {
      broker: ws,
      view: 'dashboard',
      plots: ['home/{room}/temperature', 'home/kitchen/temperature'],
      prepare: async (page) => (scripts = watchScripts(page)),
    });
    const { page } = workbench;
    await expect.poll(() => page.getByRole('status', { name: 'Connection' }).textContent(), SOON).toBe('Live');
    // The Worker that started with module.js is the one that the panels have
    expect(scripts.filter((name) => name === 'engine')).toHaveLength(1);
    expect(scripts.filter((name) => !['module', 'engine', 'discovery', 'history'].includes(name))).toEqual([]);
  });

  it('are not the engine, which starts before somebody needs it', async () => {
    let scripts: string[] = [];
    await using workbench = await openWorkbench(browser, {
      broker: ws,
      view: 'config',
      prepare: async (page) => (scripts = watchScripts(page)),
    });
    await expect.poll(() => workbench.page.workers().length, SOON).toBe(1);
    expect(scripts.filter((name) => name === 'engine')).toHaveLength(1);
  });

  it('are the query editor in Explore, and the settings', async () => {
    let scripts: string[] = [];
    await using workbench = await openWorkbench(browser, {
      broker: ws,
      view: 'explore',
      topic: 'home/kitchen/temperature',
      prepare: async (page) => (scripts = watchScripts(page)),
    });
    await topicOf(workbench.page).first().waitFor();
    expect(scripts).toContain('query-editor');
    expect(scripts).not.toContain('config-editor');
  });

  it('load under a policy that allows scripts of this host only', async () => {
    const server = await servePolicy("script-src 'self'; worker-src 'self'");
    onTestFinished(server.close);
    await using workbench = await openWorkbench(browser, {
      server: server.url,
      broker: ws,
      view: 'explore',
      topic: 'home/kitchen/temperature',
      expected: /Content.Security.Policy/i,
    });
    await expect.poll(() => topicOf(workbench.page).count(), SOON).toBeGreaterThan(0);
  });

  it('load where scripts are evaluated as in Grafana’s sandbox for plugins', async () => {
    await using workbench = await openWorkbench(browser, {
      broker: ws,
      view: 'config',
      prepare: (page) => page.addInitScript(likeSandbox),
    });
    await expect.poll(() => workbench.page.getByLabel('URL').count(), SOON).toBeGreaterThan(0);
  });

  it('report a file that is no longer there, with what to do, and come with another try', async () => {
    const pattern = /query-editor-[A-Z0-9]{8}\.js/;
    await using workbench = await openWorkbench(browser, {
      broker: ws,
      view: 'explore',
      topic: 'home/kitchen/temperature',
      expected: /404/,
      prepare: (page) => page.route(pattern, (route) => route.fulfill({ status: 404, body: 'Not found' })),
    });
    const { page } = workbench;
    const alert = page.getByRole('alert').filter({ hasText: 'Query editor: not loaded' }).first();
    await expect.poll(() => alert.textContent(), SOON).toMatch(/did not load .*query-editor-.* Reload the page/);
    await page.unroute(pattern);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await topicOf(page).first().waitFor();
  });

  it('report in the panel a decoder that is no longer there, with what to do', async () => {
    await using workbench = await openWithout(/sparkplug-/, { view: 'explore', topic: 'spBv1.0/#', expected: /404/ });
    await workbench.page
      .getByRole('button', { name: /did not decode/ })
      .first()
      .click();
    const words = workbench.page.getByText(/did not load the part of this plugin .* Reload the page/);
    await expect.poll(() => words.count(), SOON).toBeGreaterThan(0);
  });

  it('report log lines that cannot be made, with what to do', async () => {
    await using workbench = await openWithout(/lines-/, {
      view: 'explore',
      topic: 'home/kitchen/temperature',
      expected: /404|MIME type/,
    });
    const { page } = workbench;
    await page.getByRole('radiogroup', { name: 'Show as' }).getByRole('radio', { name: 'Logs' }).check({ force: true });
    // The panel's button for its messages, which opens the inspector.
    await page.locator('[aria-label*="Panel status"], [data-testid*="Panel status"]').first().click();
    const words = page.getByText(/Logs and annotations cannot be shown\. .*lines-.* Reload the page/);
    await expect.poll(() => words.count(), SOON).toBeGreaterThan(0);
  });

  it('report a health check that is no longer there, with what to do', async () => {
    await using workbench = await openWithout(/health-check-/, { view: 'config', expected: /404|MIME type/ });
    const { page } = workbench;
    await page.getByRole('button', { name: 'Save & test' }).click();
    const words = page.getByText(/did not load the health check: .*health-check-.* Reload the page/);
    await expect.poll(() => words.count(), SOON).toBeGreaterThan(0);
  });
});
