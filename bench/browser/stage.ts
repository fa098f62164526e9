import { connectAsync } from 'mqtt';
import type { Browser } from 'playwright-core';
import type { ChildPorts } from '../broker/child';
import { bundleForNode } from '../bundle';
import { type Forked, forkFile } from '../processes';
import type { Endpoints, HistoryEndpoints, SendOrder, Sent } from './endpoints';

const START_MS = 20_000;

/** The browser, the page and the brokers that all rows of the browser suite use. */
export interface Stage {
  readonly browser: Browser;
  /** URL of the page of the suite. */
  readonly pageUrl: string;
  /** Folder with the build of the plugin. */
  readonly plugin: string;
  /** Folder for the bundles of this run. */
  readonly folder: string;
  readonly short: boolean;
  /** Another checkout with its build, to compare with. */
  readonly other: string | undefined;
  /** Folder for CPU profiles. */
  readonly profile: string | undefined;
}

/** Sends messages on demand, and reports how many it has sent. */
export interface Source extends AsyncDisposable {
  readonly url: string;
  start(order: SendOrder): void;
  /** Ends an order without a number of messages. */
  stop(): void;
  done(withinMs: number): Promise<number>;
}

/** A sender that is a broker for one client, and decides how many messages are in a frame. */
export async function frameSource(stage: Stage): Promise<Source> {
  const sender = forkFile(await bundleForNode('browser/processes/sender.ts', stage.folder, 'esm'), []);
  const { url } = await sender.message<Endpoints>(START_MS);
  return sourceOf(sender, url, () => Promise.resolve());
}

/** A publisher in front of a real broker. */
export async function brokerSource(stage: Stage, broker: Endpoints & AsyncDisposable): Promise<Source> {
  const file = await bundleForNode('browser/processes/publisher.ts', stage.folder, 'esm');
  const publisher = forkFile(file, [String(broker.tcpPort)]);
  await publisher.message<Sent>(START_MS);
  return sourceOf(publisher, broker.url, () => broker[Symbol.asyncDispose]());
}

/** The broker of this repository, in a process of its own. */
export async function startEmbedded(stage: Stage): Promise<Endpoints & AsyncDisposable> {
  const broker = forkFile(await bundleForNode('browser/processes/embedded-broker.ts', stage.folder, 'esm'), []);
  const endpoints = await broker.message<Endpoints>(START_MS);
  return { ...endpoints, [Symbol.asyncDispose]: () => Promise.resolve(broker[Symbol.dispose]()) };
}

/** Publishes a retained message: what a panel shows as soon as its subscription is granted. */
export async function publishRetained({ tcpPort }: Endpoints, topic: string, payload: string): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${tcpPort}`);
  await client.publishAsync(topic, payload, { retain: true, qos: 1 });
  await client.endAsync();
}

/** A broker with a history in a process of its own. */
export interface HistorySource extends HistoryEndpoints, AsyncDisposable {
  /** History requests so far. */
  requests(): Promise<number>;
}

/** @param ms how far the messages reach back, in milliseconds. */
export async function startHistory(
  stage: Stage,
  { topics, messages, ms }: { topics: number; messages: number; ms: number }
): Promise<HistorySource> {
  const file = await bundleForNode('browser/processes/historian.ts', stage.folder, 'esm');
  const broker = forkFile(file, [topics, messages, ms].map(String));
  const endpoints = await broker.message<HistoryEndpoints>(START_MS);
  return {
    ...endpoints,
    requests: async () => {
      broker.send('requests');
      return (await broker.message<Sent>(START_MS)).sent;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(broker[Symbol.dispose]()),
  };
}

/** Aedes in a process of its own, with WebSockets as in its documentation. */
export async function startBareAedes(stage: Stage): Promise<Endpoints & AsyncDisposable> {
  const broker = forkFile(await bundleForNode('broker/child.ts', stage.folder, 'esm'), ['bare']);
  const ports = await broker.message<ChildPorts>(START_MS);
  return {
    url: `ws://127.0.0.1:${ports.ws}/mqtt`,
    tcpPort: ports.tcp,
    [Symbol.asyncDispose]: () => Promise.resolve(broker[Symbol.dispose]()),
  };
}

function sourceOf(process: Forked, url: string, end: () => PromiseLike<void>): Source {
  return {
    url,
    start: (order) => process.send(order),
    stop: () => process.send('stop'),
    done: async (withinMs) => (await process.message<Sent>(withinMs)).sent,
    [Symbol.asyncDispose]: async () => {
      process[Symbol.dispose]();
      await end();
    },
  };
}
