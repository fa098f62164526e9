/**
 * `npm run historian`: history for any broker. Exit codes: 0 after SIGINT, SIGTERM or `--help`; 1 when the historian
 * cannot start; 2 for an invalid command line or configuration.
 */
import { ConfigError } from '../config/check';
import { HISTORIAN_USAGE, loadHistorian } from '../config/historian';
import { UsageError } from '../config/load';
import { startStandaloneHistorian } from '../history/standalone';
import { createLogger } from './log';
import { BrokerError } from '../errors';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(args: string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HISTORIAN_USAGE);
    return;
  }
  const { historian, log: logging } = await loadHistorian(args, process.env);
  const log = createLogger(logging);
  const { filters } = historian.history;
  const running = await startStandaloneHistorian({
    ...historian,
    onConnected: () => log.info({ url: new URL(historian.url).host, filters }, 'Connected and subscribed'),
    onError: ({ message }) => log.error(message),
  });
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (!stopping) {
      stopping = true;
      log.info({ signal }, 'Stopping');
      running.close().then(
        () => log.info('Stopped'),
        (error: unknown) => {
          log.error(`Could not stop cleanly: ${String(error)}`);
          process.exitCode = EXIT_FAILED;
        }
      );
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof ConfigError || error instanceof BrokerError)) {
    throw error;
  }
  const isUsage = !(error instanceof BrokerError);
  process.stderr.write(`${error.message}\n${isUsage ? 'Try: npm run historian -- --help\n' : ''}`);
  process.exitCode = isUsage ? EXIT_USAGE : EXIT_FAILED;
}
