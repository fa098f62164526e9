import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker, type TestBroker } from '../../broker/fixture';
import type { ConnectionOptions } from '../engine';
import { startEngine } from '../engine/engine';
import type { ExplorerSpec, TopicQuery } from '../engine/explorer-protocol';
import { eventually } from '../testing/test-engine';
import type { PageServices } from './page-services';
import { ExplorerClient } from './explorer-client';
import { engineInPage } from './launch';
import { OPTIONS } from '../testing/connection-options';

const ALL: TopicQuery = { search: '', first: 0, count: 50 };

let broker: TestBroker;
const closing: Array<() => void> = [];

beforeEach(async () => {
  broker = await startBroker();
});
afterEach(async () => {
  closing.splice(0).forEach((close) => close());
  await broker.close();
});

function explore(
  spec: Partial<ExplorerSpec> = {},
  options: Partial<ConnectionOptions> = {},
  services: PageServices = {}
): { explorer: ExplorerClient; close: () => void } {
  const explorer = new ExplorerClient(
    { ...OPTIONS, url: broker.ws?.url ?? '', ...options },
    { filters: ['#'], qos: 0, ...spec },
    {
      now: () => Date.now(),
      launch: () =>
        Promise.resolve(
          engineInPage(
            (port) =>
              startEngine(port, {
                openSocket: (url, protocols) => new WebSocket(url, protocols),
                now: () => Date.now(),
                random: () => Math.random(),
              }),
            'test'
          )
        ),
    },
    services
  );
  explorer.show(ALL);
  const close = explorer.open();
  closing.push(close);
  return { explorer, close };
}

const paths = ({ view }: ExplorerClient): string[] => view?.rows.map(({ path }) => path) ?? [];
const filters = (): string[] => [...broker.subscriptions().values()].flat();

describe('an explorer', () => {
  test('has retained topics at once and others as they come, in a session of its own', async () => {
    await broker.publish({ topic: 'home/lamp', payload: 'ON', retain: true });
    const { explorer } = explore();
    await expect.poll(() => paths(explorer), eventually).toEqual(['home', 'home/lamp']);
    expect(explorer.view?.rows[1].last).toMatchObject({ excerpt: 'ON', retained: true });
    expect(explorer.status.state).toBe('connected');
    await broker.publish({ topic: 'home/door', payload: 'open' });
    await expect.poll(() => paths(explorer), eventually).toEqual(['home', 'home/door', 'home/lamp']);
    expect(filters()).toEqual(['#']);
  });

  test('leaves the broker when it is closed, and can be opened again', async () => {
    const { explorer, close } = explore();
    await expect.poll(filters, eventually).toEqual(['#']);
    close();
    await expect.poll(() => broker.clients(), eventually).toBe(0);
    explorer.show(ALL);
    closing.push(explorer.open());
    await expect.poll(filters, eventually).toEqual(['#']);
    expect(broker.clients()).toBe(1);
  });

  test('is subscribed to nothing while it is paused', async () => {
    const { explorer } = explore();
    await expect.poll(filters, eventually).toEqual(['#']);
    explorer.pause(true);
    await expect.poll(filters, eventually).toEqual([]);
    expect(explorer.view?.paused).toBe('user');
    explorer.pause(false);
    await expect.poll(filters, eventually).toEqual(['#']);
    expect(explorer.view?.paused).toBeUndefined();
  });

  test('pauses by itself at too many bytes, and goes on when it is told to', async () => {
    const { explorer } = explore({ limits: { bytes: 100 } });
    await expect.poll(filters, eventually).toEqual(['#']);
    await broker.publish({ topic: 'a', payload: 'x'.repeat(101) });
    await expect.poll(() => explorer.view?.paused, eventually).toBe('bytes');
    await expect.poll(filters, eventually).toEqual([]);
    explorer.pause(false);
    await expect.poll(filters, eventually).toEqual(['#']);
    await broker.publish({ topic: 'a', payload: 'x'.repeat(50) });
    await expect.poll(() => explorer.view?.messages, eventually).toBe(2);
    expect(explorer.view?.paused).toBeUndefined();
  });

  test('pauses by itself at too many messages a second', async () => {
    const { explorer } = explore({ limits: { messageRate: 50 } });
    await expect.poll(filters, eventually).toEqual(['#']);
    for (let i = 0; i < 200; i++) {
      await broker.publish({ topic: 'a', payload: '1' });
    }
    await expect.poll(() => explorer.view?.paused, eventually).toBe('rate');
  });

  test('includes a further filter on request, and reports one that the broker refuses', async () => {
    const { explorer } = explore({ filters: ['home/#'] });
    explorer.include('plant/#', true);
    await expect.poll(filters, eventually).toEqual(['home/#', 'plant/#']);
    explorer.include('plant/#', false);
    await expect.poll(filters, eventually).toEqual(['home/#']);
    expect(explorer.view?.refused).toEqual([]);
    explorer.include('$SYS/#', true);
    await expect.poll(() => explorer.view?.refused.map(({ filter }) => filter), eventually).toEqual(['$SYS/#']);
    explorer.include('$SYS/#', false);
    await expect.poll(() => explorer.view?.refused, eventually).toEqual([]);
  });

  test('opens branches, counts the topics of a filter and completes', async () => {
    await broker.publish({ topic: 'home/kitchen/t', payload: '1', retain: true });
    await broker.publish({ topic: 'home/bath/t', payload: '1', retain: true });
    const { explorer } = explore();
    await expect.poll(() => explorer.view?.topics, eventually).toBe(2);
    explorer.show({ ...ALL, filter: 'home/+/t' });
    await expect.poll(() => explorer.view?.matches?.count, eventually).toBe(2);
    explorer.toggle('home', false);
    await expect.poll(() => paths(explorer), eventually).toEqual(['home']);
    expect((await explorer.complete('home/')).map(({ line }) => line)).toEqual(['home/bath', 'home/kitchen']);
  });

  test('asks the page for credentials, and has its diagnosis of an error', async () => {
    await broker.stop();
    let asked = 0;
    const { explorer } = explore(
      {},
      { credentials: 'request' },
      {
        credentials: {
          get: () => {
            asked++;
            return Promise.resolve({ username: 'me', password: 'secret' });
          },
          refused: (error) => error,
        },
        diagnose: async (found) => ({ ...found, message: `Seen from the page: ${found.message}` }),
      }
    );
    await expect
      .poll(() => ('error' in explorer.status ? explorer.status.error?.message : undefined), eventually)
      .toMatch(/^Seen from the page: /);
    expect(asked).toBeGreaterThan(0);
    await broker.restart();
  });
});

test('an engine that cannot be loaded is an error in words', async () => {
  const explorer = new ExplorerClient(
    { ...OPTIONS, url: 'ws://127.0.0.1:1' },
    { filters: ['#'], qos: 0 },
    { now: () => 0, launch: () => Promise.reject(new Error('404')) }
  );
  explorer.open();
  await expect
    .poll(() => explorer.status, eventually)
    .toMatchObject({
      state: 'stopped',
      error: { message: 'The MQTT engine of this plugin (engine.js) could not be loaded. Reload the page: 404' },
    });
});
