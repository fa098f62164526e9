import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { startBroker } from '../../broker/fixture';
import { type StandaloneHistorian, startStandaloneHistorian } from '../../broker/history/standalone';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';

export interface RecordedBrokerOptions {
  /** How far the historian's clock is ahead of the page's, in milliseconds. */
  readonly aheadMs: number;
  /** Whether the history survives a restart of the historian. */
  readonly isOnDisk: boolean;
}

/** A broker with a historian, both of which a test can restart, and a client that publishes. */
export interface RecordedBroker extends AsyncDisposable {
  readonly wsUrl: string;
  readonly publisher: MqttClient;
  /** Messages that the historian has; undefined while it is away. */
  readonly recorded: number | undefined;
  /** Whether the historian can be away while the broker is there. */
  readonly isSeparate: boolean;
  /** Stops both, and starts both again. Retained messages survive. */
  restart(): Promise<void>;
  stopHistorian(): Promise<void>;
  /** Resolves when it records. */
  startHistorian(): Promise<void>;
}

const HISTORY = { filters: ['#'] };

async function connected(url: string): Promise<MqttClient> {
  return mqtt.connectAsync(url, { reconnectPeriod: 20, queueQoSZero: false });
}

function isConnected(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    if (client.connected) {
      resolve();
    } else {
      client.once('connect', () => resolve());
    }
  });
}

function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    if (client.connected) {
      client.once('close', () => resolve());
    } else {
      resolve();
    }
  });
}

async function folderOf(isOnDisk: boolean): Promise<string | undefined> {
  return isOnDisk ? mkdtemp(join(tmpdir(), 'mqttstream-history-')) : undefined;
}

async function removeFolder(folder: string | undefined): Promise<void> {
  if (folder !== undefined) {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The embedded broker, which has the historian in it. */
export async function startEmbedded({ aheadMs, isOnDisk }: RecordedBrokerOptions): Promise<RecordedBroker> {
  const directory = await folderOf(isOnDisk);
  const history = { ...HISTORY, ...(directory === undefined ? undefined : { directory }) };
  const broker = await startBroker({ history, keepState: true });
  await broker.clock.advance(aheadMs);
  const publisher = await connected(broker.tcp!.url);
  return {
    wsUrl: broker.ws!.url,
    publisher,
    isSeparate: false,
    get recorded() {
      return broker.stats().historyMessages;
    },
    restart: async () => {
      const isClosed = closed(publisher);
      await broker.restart();
      await isClosed;
      await isConnected(publisher);
    },
    stopHistorian: () => Promise.resolve(),
    startHistorian: () => Promise.resolve(),
    [Symbol.asyncDispose]: async () => {
      await publisher.endAsync(true);
      await broker.close();
      await removeFolder(directory);
    },
  };
}

/** Mosquitto, with the standalone historian. */
export async function startWithStandalone(
  path: string,
  { aheadMs, isOnDisk }: RecordedBrokerOptions
): Promise<RecordedBroker> {
  const directory = await folderOf(isOnDisk);
  const history = { ...HISTORY, ...(directory === undefined ? undefined : { directory }) };
  const broker = await startMosquitto(path, { persistence: true });
  const url = `mqtt://127.0.0.1:${broker.tcpPort}`;
  let historian: StandaloneHistorian | undefined;
  let onConnected = (): void => undefined;
  const startHistorian = async (): Promise<void> => {
    const isThere = new Promise<void>((resolve) => {
      onConnected = resolve;
    });
    historian = await startStandaloneHistorian({
      url,
      history,
      now: () => Date.now() + aheadMs,
      onConnected: () => onConnected(),
    });
    await isThere;
  };
  const stopHistorian = async (): Promise<void> => {
    await historian?.close();
    historian = undefined;
  };
  await startHistorian();
  const publisher = await connected(url);
  return {
    wsUrl: broker.wsUrl,
    publisher,
    isSeparate: true,
    get recorded() {
      return historian?.stats.messages;
    },
    restart: async () => {
      const isClosed = closed(publisher);
      const isBack = new Promise<void>((resolve) => {
        onConnected = resolve;
      });
      await broker.stop();
      await isClosed;
      await broker.start();
      await isConnected(publisher);
      await isBack;
    },
    stopHistorian,
    startHistorian,
    [Symbol.asyncDispose]: async () => {
      await stopHistorian();
      await publisher.endAsync(true);
      await broker[Symbol.asyncDispose]();
      await removeFolder(directory);
    },
  };
}

/** The brokers with a historian that this machine has, for `test.each`. */
export function recordedBrokers(
  options: RecordedBrokerOptions
): Array<[name: string, start: () => Promise<RecordedBroker>]> {
  const mosquitto = mosquittoPath();
  return [
    ['the embedded broker', () => startEmbedded(options)],
    ...(mosquitto === undefined
      ? []
      : [['mosquitto', () => startWithStandalone(mosquitto, options)] as [string, () => Promise<RecordedBroker>]]),
  ];
}
