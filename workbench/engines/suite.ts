import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { startBroker, type TestBroker } from '../../broker/fixture';
import { listen } from '../../broker/transport/ports';
import { BUILD } from '../paths';
import type { WorkbenchServer } from '../server';
import { addressOf, servePolicy, serveWorkbench, SOON } from '../testing';
import { isStored, numbers, settled, textOf } from './page';
import type { Engine } from './engine';

const TOPIC = 'home/kitchen/temperature';
const FILTER = 'home/+/temperature';
const TABLE = { id: 2, title: 'Rows', type: 'table', height: 480, queries: [{ refId: 'A', topic: TOPIC }] };
const STATUS = '[aria-label="Panel status"]';
const CHIP = '[role="status"][aria-label="Connection"]';

/** The data source waits up to half a minute between two attempts, if the broker stays away for long. */
const LONGEST_WAIT_MS = 40_000;

const SLOWLY = { ...SOON, interval: 500 };

/**
 * How long the next page takes to come. Browsers let the page before it work meanwhile. Less than the second after which
 * messages are stored in any case.
 */
const NETWORK_MS = 600;

/**
 * The main job in one engine: a dashboard streams, and keeps its rows whatever happens to the page and the broker. The
 * tests use one page, one after the other: a browser is started once.
 *
 * @param launch undefined: the engine is not on this machine, and the tests are skipped.
 */
export function describeEngine(name: string, launch: (() => Promise<Engine>) | undefined): void {
  describe.skipIf(launch === undefined)(`in ${name}`, () => {
    let engine: Engine;
    let broker: TestBroker;
    let server: WorkbenchServer;
    let dashboard: string;

    beforeAll(async () => {
      [engine, broker, server] = await Promise.all([launch!(), startBroker(), serveWorkbench()]);
      dashboard = addressOf(server.url, {
        broker: broker.ws!.url,
        view: 'dashboard',
        theme: 'light',
        plots: ['home/{room}/temperature'],
        panels: [JSON.stringify(TABLE)],
      });
    });
    afterAll(async () => {
      await engine?.[Symbol.asyncDispose]();
      await broker?.close();
      await server?.close();
    });

    const publish = async (...values: number[]): Promise<void> => {
      for (const value of values) {
        await broker.publish({ topic: TOPIC, payload: String(value) });
      }
    };
    /** The clients of the dashboard, without those that look for a historian or for retained messages. */
    const subscribers = () =>
      [...broker.subscriptions()].filter(([, filters]) => filters.includes(FILTER)).map(([clientId]) => clientId);
    /** Loads the dashboard, and waits for its subscription. WebKit may hold the connection of a page that was left. */
    const load = async (how: () => Promise<void>) => {
      const before = subscribers();
      await how();
      await expect.poll(() => subscribers().filter((client) => !before.includes(client)), SOON).toHaveLength(1);
    };
    const shows = async (...values: number[]) => {
      await expect.poll(() => numbers(engine), SOON).toEqual(values);
    };

    it('loads the plugin and streams', async () => {
      await load(() => engine.open(dashboard));
      await publish(101, 102);
      await shows(101, 102);
      await expect.poll(() => textOf(engine, CHIP), SOON).toBe('Live');
      const picture = await engine.screenshot();
      await mkdir(path.join(BUILD, 'screenshots'), { recursive: true });
      await writeFile(path.join(BUILD, 'screenshots', `engine-${name.toLowerCase()}.png`), picture);
    });

    it('keeps stored rows over a reload', async () => {
      await expect.poll(() => isStored(engine, 102), SOON).toBe(true);
      await load(() => engine.reload());
      await shows(101, 102);
      await publish(103);
      await shows(101, 102, 103);
    });

    it('keeps the rows of the last moment if the next page takes a moment', async () => {
      const next = await serveSlowPage();
      onTestFinished(next.close);
      await expect.poll(() => isStored(engine, 103), SOON).toBe(true);
      await publish(104);
      await shows(101, 102, 103, 104);
      await engine.open(next.url);
      await load(() => engine.open(dashboard));
      await shows(101, 102, 103, 104);
    });

    it('stays connected in a hidden page, and is up to date as soon as it is visible', async () => {
      const [before, { length: errors }] = [subscribers(), broker.clientErrors];
      await engine.hide();
      await expect.poll(() => engine.evaluate('document.visibilityState'), SOON).toBe('hidden');
      await publish(105, 106);
      await engine.show();
      await shows(101, 102, 103, 104, 105, 106);
      expect(subscribers()).toEqual(before);
      expect(broker.clientErrors.slice(errors)).toEqual([]);
    });

    it('says that the broker is down, and goes on when it is back', async () => {
      await broker.stop();
      await expect.poll(() => textOf(engine, CHIP), SOON).toBe('Error');
      await engine.click(STATUS);
      await expect
        .poll(() => textOf(engine, '[role="tooltip"]'), SOON)
        .toMatch(/Cannot reach ws:\/\/\S+ any more\. Check that the broker is running/);
      await broker.restart();
      await expect.poll(subscribers, { ...SOON, timeout: LONGEST_WAIT_MS }).toHaveLength(1);
      await publish(107);
      await shows(101, 102, 103, 104, 105, 106, 107);
      await expect.poll(() => textOf(engine, CHIP), SOON).toBe('Live');
    });

    describe('the health check', () => {
      const saveAndTest = async (url: string, { url: page } = server): Promise<string> => {
        await engine.open(addressOf(page, { broker: url, view: 'config' }));
        const submit = await settled(engine, 'form[aria-label="Data source settings"] button[type="submit"]');
        const result = () => textOf(engine, '[data-testid="health-check"]');
        await expect
          .poll(async () => {
            // Again, if the button has moved under the mouse.
            if ((await result()) === '' && (await textOf(engine, submit)) === 'Save & test') {
              await engine.click(submit);
            }
            return result();
          }, SLOWLY)
          .not.toBe('');
        return result();
      };

      it('connects from a Worker', async () => {
        await broker.publish({ topic: TOPIC, payload: '108', retain: true });
        const result = await saveAndTest(broker.ws!.url);
        expect(result).toMatch(/^Connected to ws:\/\/\S+ with MQTT 3\.1\.1/);
        expect(result).not.toContain('Worker');
      });

      it('says that the password is wrong', async () => {
        const refuse = Object.assign(new Error('no'), { returnCode: 4 as const });
        await using own = await startBroker({ authenticate: (_client, _name, _password, done) => done(refuse, false) });
        expect(await saveAndTest(own.ws!.url)).toMatch(/^ws:\S+ refused the connection: the user name or password/);
      });

      it('says that an unknown host cannot be reached', async () => {
        expect(await saveAndTest('ws://broker.invalid:9001/mqtt')).toMatch(/^Cannot reach ws:\/\/broker\.invalid:9001/);
      });

      it('names the Content-Security-Policy that blocks the broker', async () => {
        const strict = await servePolicy("connect-src 'self'");
        onTestFinished(strict.close);
        const { host } = new URL(broker.ws!.url);
        expect(await saveAndTest(broker.ws!.url, strict)).toMatch(
          new RegExp(
            `^The Content-Security-Policy of this page blocks ws://${host}/mqtt\\. Add ws://${host} to connect-src`
          )
        );
      });
    });
  });
}

async function serveSlowPage(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((_request, response) => {
    void sleep(NETWORK_MS).then(() =>
      response.setHeader('content-type', 'text/html').end('<title>Another page</title>')
    );
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}/`, close };
}
