/**
 * `npm run broker`: the broker as a command. Exit codes: 0 after SIGINT, SIGTERM or `--help`; 1 when the broker cannot
 * start; 2 for an invalid command line or configuration; 130 when a second signal forces the exit.
 */
import { messageOf } from '../../src/utils/errors';
import { startBroker, type BrokerOptions } from '../broker';
import { runCommand, stopOnSignal } from './command';
import { passwd } from './passwd';
import { loginRequirements, banner } from './banner';
import { BROKER_COMMAND } from '../commands';
import { USAGE } from '../config/help';
import { loadStartConfig } from '../config/load';
import { filesOf, openStorage, toBrokerOptions } from '../config/to-broker-options';
import type { Config } from '../config/settings';
import { startMetricsServer, type MetricsServer } from './metrics-server';
import { createLogger, type Logger } from './log';
import { createLogLimit } from './log-limit';
import { type Sensors, startSensors } from '../sensors';
import { watchFiles } from './watch-files';

async function main(args: string[]): Promise<void> {
  if (args[0] === 'passwd') {
    await passwd(args.slice(1));
  } else if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE);
  } else {
    await run(await loadStartConfig(args, process.env));
  }
}

async function run(config: Config): Promise<void> {
  const log = createLogger(config.log);
  const storage = await openStorage(config);
  let demo: Sensors | undefined;
  const options = toBrokerOptions(config);
  const broker = await startBroker({
    ...options,
    storage,
    // Only the Sparkplug sensors accept commands, and the callback costs time for every message
    ...(config.sensors.includes('sparkplug') && { onPublish: (message) => demo?.onCommand(message) }),
    onClientError: logClientErrors(log),
  }).catch(async (error: unknown) => {
    await storage?.close();
    throw error;
  });
  // Before clients can publish: the past of the sensors is only for an empty history
  const seedsHistory = config.sensorPast > 0 && broker.stats().historyMessages === 0;
  let http: MetricsServer | undefined;
  try {
    http =
      config.http.port === undefined
        ? undefined
        : await startMetricsServer(broker, { ...config.http, port: config.http.port });
  } catch (error) {
    await broker.close();
    throw error;
  }
  demo =
    config.sensors.length > 0
      ? startSensors(broker.publish, {
          sets: config.sensors,
          seed: config.seed,
          rate: config.sensorRate,
          faultRate: config.sensorFaultRate,
          ...(seedsHistory && { past: { seconds: config.sensorPast, record: broker.importHistory } }),
          onError: (error) => log.error(`Demo sensors: ${messageOf(error)}`),
        })
      : undefined;

  const reload = (reason: string): void => {
    broker.reload().then(
      () => log.info({ reason }, 'Reloaded users, rules, keys and certificates'),
      (error: unknown) => log.error({ reason }, `Reload failed, nothing changed: ${messageOf(error)}`)
    );
  };
  const unwatch = watchFiles(filesOf(config), () => reload('a file changed'));
  process.on('SIGHUP', () => reload('SIGHUP'));

  stopOnSignal(log, () => {
    unwatch();
    demo?.stop();
    return Promise.all([broker.close(), http?.close()]);
  });
  process.stdout.write(
    banner({
      broker,
      history: options.history,
      http: http?.url,
      topics: demo?.topics ?? [],
      login: loginRequirements(config),
    })
  );
  log.info({ endpoints: broker.endpoints.map(({ url }) => url), http: http?.url }, 'Started');
}

/** Logs client errors as warnings, and errors without an origin, which are the broker's own, as errors. */
function logClientErrors(log: Logger): NonNullable<BrokerOptions['onClientError']> {
  const mayLog = createLogLimit((count) => log.warn({ count }, 'More clients were disconnected or refused'));
  return (error, { clientId, listener, remoteAddress }) => {
    if (clientId === undefined && listener === undefined) {
      log.error(error.message);
    } else if (mayLog()) {
      log.warn({ client: clientId, listener, address: remoteAddress }, error.message);
    }
  };
}

await runCommand(BROKER_COMMAND, main);
