import { EventEmitter, once } from 'node:events';
import { watch } from 'node:fs';
import path from 'node:path';

import { type Broker, startBroker } from '../broker/broker';
import { createLogLimit } from '../broker/cli/log-limit';
import { CONNACK } from '../broker/errors';
import type { HistoryOptions } from '../broker/history/options';
import type { BrokerOptions } from '../broker/options';
import { startRecorder } from '../broker/examples/influxdb-recorder';
import { type Sensors, startSensors } from '../broker/sensors';
import { buildPlugin } from '../esbuild.config.mjs';
import { messageOf, toError } from '../src/utils/errors';
import type { Folders } from './files';
import { buildHost, HOST_FOLDERS } from './host-build';
import { DEMO_SETS, HELP, type Options, parseOptions } from './options';
import { DIST, PLUGIN_ID, ROOT } from './paths';
import { createProgress } from './progress';
import { startServer, type WorkbenchServer } from './server';
import { type Cleanup, stopOnSignal } from './stop';
import { summary } from './summary';

/** All topics, for six hours, in memory. The fastest sensor publishes 36,000 messages per hour. */
const HISTORY: HistoryOptions = { filters: ['#'], age: 6 * 3_600, messages: 50_000 };
/** Length of the history that the sensors have at the start. */
const PAST_SECONDS = 3_600;
/** Seconds between the broker's statistics, for the dashboard of its health. */
const SYS_INTERVAL = 2;
/** The uid of InfluxDB as a data source, and its database. */
const INFLUXDB = 'influxdb';
const DATABASE = 'demo';

function print(text: string): void {
  process.stdout.write(text);
}

async function start(options: Options, cleanup: Cleanup): Promise<void> {
  print('Building the plugin and the page, and starting the broker …\n');
  const progress = createProgress(print);
  const folders: Folders = { host: '', plugin: DIST };
  let server: WorkbenchServer | undefined;
  const onRebuild = (error?: Error) => {
    if (error) {
      print(`${error.message}\n`);
    } else if (server) {
      print('Rebuilt.\n');
      server.reload();
    }
  };

  const [plugin, host, { broker, topics }] = await Promise.all([
    progress('the plugin is built', buildOrWatch(options.watch, onRebuild)),
    progress(({ cached }) => `the page is ${cached ? 'unchanged' : 'built'}`, buildHost()),
    // Meanwhile: esbuild works in a process of its own
    progress(options.sensors ? 'the broker and the sensors run' : 'the broker runs', startDemo(options, cleanup)),
  ]);
  cleanup.push(() => plugin.dispose());
  folders.host = host.folder;

  const { tcp, ws } = broker;
  if (!tcp || !ws) {
    throw new Error('The broker listens neither on TCP nor on WebSockets');
  }
  const { influxdb } = options;
  const info = {
    pluginId: PLUGIN_ID,
    broker: { tcp: tcp.url, ws: ws.url },
    topics,
    ...(influxdb === undefined ? undefined : { influxdb: { uid: INFLUXDB, database: DATABASE } }),
  };
  const dataSources =
    influxdb === undefined ? [] : [{ uid: INFLUXDB, url: influxdb, jsonData: {}, secureJsonData: {} }];
  server = await startServer({ port: options.port, folders, info, dataSources });
  cleanup.push(server.close);
  if (options.watch) {
    watchHost(folders, onRebuild, cleanup);
  }
  const colours = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  print(summary({ page: server, tcp, ws, sensors: options.sensors }, colours));
}

/** Starts the broker with a history, and the sensors with an hour of it, unless the options have no sensors. */
async function startDemo(options: Options, cleanup: Cleanup): Promise<{ broker: Broker; topics: string[] }> {
  let sensors: Sensors | undefined;
  const broker = await startBroker({
    tcp: { port: options.tcpPort },
    ws: { port: options.wsPort },
    portTaken: 'next',
    history: HISTORY,
    sysTopics: true,
    sysInterval: SYS_INTERVAL,
    // The Sparkplug node answers rebirth requests
    onPublish: (message) => sensors?.onCommand(message),
    onClientError: printClientErrors(),
  });
  cleanup.push(() => broker.close());
  if (!options.sensors) {
    return { broker, topics: [] };
  }
  const recorder = await startInfluxRecorder(options, broker, cleanup);
  const started = startSensors(broker.publish, {
    sets: DEMO_SETS,
    past: {
      seconds: PAST_SECONDS,
      record: (messages, until) => {
        messages.forEach(({ topic, payload, time }) => recorder?.record(topic, String(payload), time));
        return broker.importHistory(messages, until);
      },
    },
    onError: (error) => print(`Demo sensors: ${String(error)}\n`),
  });
  sensors = started;
  cleanup.push(() => started.stop());
  return { broker, topics: started.topics };
}

/** With `--influxdb`, records the sensors' messages there. */
async function startInfluxRecorder(
  { influxdb }: Options,
  broker: Broker,
  cleanup: Cleanup
): Promise<Awaited<ReturnType<typeof startRecorder>> | undefined> {
  if (influxdb === undefined || broker.tcp === undefined) {
    return undefined;
  }
  const recorder = await startRecorder({ broker: broker.tcp.url, influxdb, database: DATABASE, filters: ['#'] });
  cleanup.push(() => recorder.stop());
  return recorder;
}

/**
 * Prints why a client was disconnected or refused, a few lines a minute. Not that the plugin's first attempt was refused,
 * which is made with MQTT 5: the plugin falls back to MQTT 3.1.1 by itself.
 */
function printClientErrors(): NonNullable<BrokerOptions['onClientError']> {
  const mayPrint = createLogLimit((count) => print(`Broker: ${count} more clients were disconnected or refused\n`));
  return (error, { clientId, listener }) => {
    const { errorCode } = (error.cause ?? {}) as { errorCode?: number };
    const isFirstAttempt = listener === 'ws' && errorCode === CONNACK.unacceptableProtocolVersion;
    if (!isFirstAttempt && mayPrint()) {
      const client = clientId === undefined ? '' : ` (client ${JSON.stringify(clientId)})`;
      print(`Broker: ${error.message}${client}\n`);
    }
  };
}

/** With `--watch`, waits for the first build. If a later build fails, its error is printed and the last build stays. */
async function buildOrWatch(
  watching: boolean,
  onRebuild: (error?: Error) => void
): Promise<{ dispose(): Promise<void> }> {
  if (!watching) {
    return buildPlugin();
  }
  const builds = new EventEmitter();
  const first = once(builds, 'end');
  const plugin = await buildPlugin({
    watch: true,
    onRebuild: (error) => {
      builds.emit('end');
      onRebuild(error);
    },
  });
  await first;
  return plugin;
}

function watchHost(folders: Folders, onRebuild: (error?: Error) => void, cleanup: Cleanup): void {
  async function rebuild(): Promise<void> {
    try {
      const { folder, cached } = await buildHost();
      if (!cached || folder !== folders.host) {
        folders.host = folder;
        onRebuild();
      }
    } catch (error) {
      onRebuild(toError(error));
    }
  }
  let pending: NodeJS.Timeout | undefined;
  for (const name of HOST_FOLDERS) {
    const watcher = watch(path.join(ROOT, 'workbench', name), { recursive: true }, () => {
      // Editors write a file in several steps.
      clearTimeout(pending);
      pending = setTimeout(() => void rebuild(), 100);
    });
    cleanup.push(() => watcher.close());
  }
  cleanup.push(() => clearTimeout(pending));
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    print(HELP);
    return;
  }
  const cleanup: Cleanup = [];
  const stop = stopOnSignal(cleanup);
  try {
    await start(options, cleanup);
  } catch (error) {
    await stop();
    throw error;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
