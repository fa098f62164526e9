import { createServer } from 'node:http';

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { type FixtureOptions, startBroker, type TestBroker } from '../broker/fixture';
import { listen } from '../broker/transport/ports';
import { publish, refuse, ScriptedBroker } from '../src/testing/scripted-broker';
import { hasBrowser, launchChromium, openWorkbench, servePolicy, SOON, type OpenWorkbench } from './testing';

/** Panels, and nothing else that scenes would log an error about. */
const PLOTS = ['home/{room}/temperature', 'home/kitchen/temperature'];

type Authenticate = NonNullable<FixtureOptions['authenticate']>;

/** A broker that accepts these user names and passwords, and records every attempt. */
function logins(valid: (username: string, password: string) => boolean) {
  const attempts: string[] = [];
  const authenticate: Authenticate = (_client, username = '', password, done) => {
    const text = password?.toString() ?? '';
    attempts.push(`${username}:${text}`);
    const good = valid(username, text);
    done(good ? null : Object.assign(new Error('no'), { returnCode: 4 as const }), good);
  };
  return { attempts, authenticate };
}

async function saveAndTest(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Save & test' }).click();
  const result = page.getByTestId('health-check');
  await result.waitFor();
  return (await result.textContent()) ?? '';
}

describe.skipIf(!hasBrowser())('a connection', () => {
  let browser: Browser;
  let broker: TestBroker;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  describe('to a broker without users', () => {
    beforeEach(async () => {
      broker = await startBroker();
      await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5', retain: true });
    });
    afterEach(() => broker.close());

    /** The settings on a page with this Content-Security-Policy, which may log its violations. */
    async function openWithPolicy(policy: string): Promise<OpenWorkbench> {
      const server = await servePolicy(policy);
      onTestFinished(server.close);
      return openWorkbench(browser, {
        server: server.url,
        broker: broker.ws!.url,
        view: 'config',
        expected: /Content.Security.Policy/i,
      });
    }

    it('goes directly, and the health check reports what it found', async () => {
      await using workbench = await openWorkbench(browser, { broker: broker.ws!.url, view: 'config' });
      const result = await saveAndTest(workbench.page);
      expect(result).toMatch(
        /^Connected to ws:\/\/\S+ with MQTT 3\.1\.1 in \d+ ms\. The broker allows the subscription to "#"\. /
      );
      expect(result).toMatch(/first message arrived on "home\/kitchen\/temperature" \(4 bytes\)\./);
      expect(result).toMatch(
        /does not speak MQTT 5, so the connection uses MQTT 3\.1\.1\. The broker answers in \d+ ms\./
      );
      await expect.poll(() => broker.clients(), SOON).toBe(0);
      await expect.poll(() => workbench.page.workers().length, SOON).toBe(0);
    });

    it('goes through Grafana, with the secrets that only Grafana has', async () => {
      const http = broker.ws!.url.replace(/^ws/, 'http');
      await using workbench = await openWorkbench(browser, {
        broker: http,
        access: 'proxy',
        plots: PLOTS,
        expected: /WebSocket connection|502/,
      });
      const { page } = workbench;
      await expect.poll(() => page.getByRole('status', { name: 'Connection' }).textContent(), SOON).toBe('Live');
      expect(await saveAndTest(page)).toMatch(/^Connected to the broker through Grafana with MQTT/);
      await broker.stop();
      expect(await saveAndTest(page)).toMatch(/^Grafana's server cannot reach the broker\./);
    }, 90_000);

    it('names the Content-Security-Policy that blocks it, from the browser’s own report', async () => {
      await using workbench = await openWithPolicy("connect-src 'self'");
      const { host } = new URL(broker.ws!.url);
      expect(await saveAndTest(workbench.page)).toMatch(
        new RegExp(
          `^The Content-Security-Policy of this page blocks ws://${host}/mqtt\\. Add ws://${host} to connect-src`
        )
      );
    });

    it('runs in the page if the policy blocks the Worker, and reports it', async () => {
      await using workbench = await openWithPolicy("worker-src 'none'");
      expect(await saveAndTest(workbench.page)).toMatch(/^Connected to .*not in a Worker.*worker-src/s);
    });
  });

  it('remembers that a broker needs MQTT 3.1.1, although every health check has its own engine, and in other tabs', async () => {
    await using old = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect' && packet.protocolVersion === 5) {
        refuse(client, 1);
        return true;
      }
      // A message ends the test at once
      if (packet.cmd === 'subscribe') {
        client.send({ cmd: 'suback', messageId: packet.messageId, granted: [0] });
        publish(client, 'home/a', '1');
        return true;
      }
    });
    await using workbench = await openWorkbench(browser, { broker: `${old.url}/`, view: 'config' });
    const { page } = workbench;
    for (let i = 0; i < 3; i++) {
      expect(await saveAndTest(page)).toMatch(/^Connected to ws:\S+ with MQTT 3\.1\.1/);
      await expect.poll(() => page.workers().length, SOON).toBe(0);
    }
    expect(old.clients.map(({ version }) => version)).toEqual([5, 4, 4, 4]);
    await page.reload();
    expect(await saveAndTest(page)).toMatch(/^Connected to/);
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    expect(await saveAndTest(tab)).toMatch(/^Connected to/);
    expect(old.clients.map(({ version }) => version)).toEqual([5, 4, 4, 4, 4, 4]);
  });

  it('asks each viewer for credentials, again if they were wrong, and stores them for the tab', async () => {
    const { attempts, authenticate } = logins((username, password) => username === 'ann' && password === 'right');
    await using own = await startBroker({ authenticate });
    await using workbench = await openWorkbench(browser, {
      broker: own.ws!.url,
      view: 'explore',
      topic: 'home/#',
      jsonData: { auth: 'viewer' },
    });
    const { page } = workbench;
    const form = page.getByRole('group', { name: 'Your user name and password' });
    await form.waitFor();
    expect(attempts).toEqual([]);
    const row = page.getByRole('group', { name: 'Query A' });
    // In the plugin's editor: Grafana's query row does not show it.
    await expect
      .poll(() => row.getByRole('group', { name: 'Connection to the broker' }).getByRole('alert').textContent(), SOON)
      .toMatch(/asks each viewer for their own user name and password/);

    await form.getByLabel('Your user name').fill('ann');
    await form.getByLabel('Your password').fill('wrong');
    await form.getByLabel('Your password').press('Enter');
    await form.getByRole('alert').waitFor();
    expect(await form.getByRole('alert').textContent()).toMatch(/refused/);
    expect(await form.getByLabel('Your user name').inputValue()).toBe('ann');
    expect(attempts).toEqual(['ann:wrong']);

    await form.getByLabel('Your password').fill('right');
    await form.getByLabel('Remember in this tab').check({ force: true });
    await form.getByRole('button', { name: 'Connect' }).click();
    await expect.poll(() => [...own.subscriptions().values()].flat(), SOON).toContain('home/#');
    await row.getByText('MQTT 3.1.1').waitFor();
    expect(await row.getByRole('alert').count()).toBe(0);
    expect(await form.textContent()).toMatch(/^Connecting as ann, remembered in this tab/);
    const stored = await page.evaluate(() => ({
      tab: Object.keys(sessionStorage),
      local: JSON.stringify(localStorage),
    }));
    expect(stored.local).not.toContain('right');
    expect(stored.tab).toContainEqual(expect.stringMatching(/^mqttstream-websocket-datasource:credentials:/));

    await page.reload();
    await expect.poll(() => attempts.length, SOON).toBeGreaterThan(2);
    expect(new Set(attempts)).toEqual(new Set(['ann:wrong', 'ann:right']));
  });

  it('asks the viewer of a dashboard once for all panels, again with the reason, and shows data then', async () => {
    const { attempts, authenticate } = logins((username, password) => username === 'ann' && password === 'right');
    await using own = await startBroker({ authenticate });
    await using workbench = await openWorkbench(browser, {
      broker: own.ws!.url,
      view: 'dashboard',
      plots: PLOTS,
      jsonData: { auth: 'viewer' },
    });
    const { page } = workbench;
    const dialog = page.getByRole('dialog', { name: /^Sign in: / });
    await dialog.waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    await dialog.getByLabel('Your user name', { exact: true }).fill('ann');
    await dialog.getByLabel('Your password').fill('wrong');
    await dialog.getByLabel('Your password').press('Enter');
    await dialog.getByRole('alert').filter({ hasText: 'refused' }).waitFor();
    expect(await dialog.getByLabel('Your user name', { exact: true }).inputValue()).toBe('ann');
    await dialog.getByLabel('Your password').fill('right');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await expect.poll(() => own.subscriptions().size, SOON).toBe(1);
    await expect.poll(() => page.getByRole('dialog').count(), SOON).toBe(0);
    expect(attempts).toEqual(['ann:wrong', 'ann:right']);
  });

  it('does not ask again who does not want to, and not in kiosk mode', async () => {
    await using own = await startBroker({ authenticate: logins(() => true).authenticate });
    const options = { broker: own.ws!.url, view: 'dashboard', plots: PLOTS, jsonData: { auth: 'viewer' } } as const;
    await using workbench = await openWorkbench(browser, options);
    const { page } = workbench;
    await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
    await expect.poll(() => page.getByRole('dialog').count(), SOON).toBe(0);
    await page.getByRole('button', { name: 'Refresh' }).first().click();
    await page.getByText('No data').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);

    await page.goto(`${page.url()}&kiosk`);
    await page.getByText('No data').first().waitFor();
    await page.locator('[aria-label*="Panel status"], [data-testid*="Panel status"]').first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('tests with the values in the form, without a further click', async () => {
    const { attempts, authenticate } = logins((username, password) => username === 'ann' && password === 'right');
    await using own = await startBroker({ authenticate });
    await using workbench = await openWorkbench(browser, {
      broker: own.ws!.url,
      view: 'config',
      jsonData: { auth: 'viewer' },
    });
    const { page } = workbench;
    const form = page.getByRole('group', { name: /^Credentials for/ });
    await form.getByLabel('Your user name').fill('ann');
    await form.getByLabel('Your password').fill('wrong');
    expect(await saveAndTest(page)).toMatch(/^ws:\S+ refused the connection: the user name or password is wrong\./);
    await form.getByLabel('Your password').fill('right');
    expect(await form.textContent()).toContain('Will connect as ann');
    expect(await saveAndTest(page)).toMatch(/^Connected to ws:/);
    expect(attempts).toEqual(['ann:wrong', 'ann:right']);
  });

  it('fetches a token before every attempt, and a new one after a refusal', async () => {
    let issued = 0;
    const asked: string[] = [];
    const tokens = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.end(JSON.stringify({ token: `token-${++issued}` }));
    });
    const port = await listen(tokens, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
    const { attempts, authenticate } = logins((_username, password) => password !== 'token-1');
    await using own = await startBroker({ authenticate });
    try {
      await using workbench = await openWorkbench(browser, {
        broker: own.ws!.url,
        view: 'all',
        plots: PLOTS,
        jsonData: {
          auth: 'token',
          tokenUrl: `http://127.0.0.1:${port}/t?aud=mqtt`,
          username: 'dashboards',
          httpHeaderName1: 'Authorization',
        },
      });
      const { page } = workbench;
      const settings = page.getByRole('form', { name: 'Data source settings' });
      await settings.getByLabel('Value 1').fill('Bearer stored');
      await saveAndTest(page);
      await expect.poll(() => own.clients(), { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
      const before = issued;
      own.disconnectAll();
      await expect.poll(() => issued, { timeout: 60_000, interval: 100 }).toBeGreaterThan(before);
      await expect.poll(() => own.clients(), { timeout: 60_000, interval: 100 }).toBeGreaterThan(0);
      expect(asked.at(-1)).toBe('/t?aud=mqtt Bearer stored');
      expect(attempts[0]).toBe('dashboards:token-1');
      expect(new Set(attempts).size).toBe(attempts.length);
    } finally {
      tokens.close();
    }
  }, 180_000);
});
