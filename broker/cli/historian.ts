/**
 * `npm run historian`: history for any broker. Exit codes: 0 after SIGINT, SIGTERM or `--help`; 1 when the historian
 * cannot start; 2 for an invalid command line or configuration; 130 when a second signal forces the exit.
 */
import { HISTORIAN_COMMAND } from '../commands';
import { HISTORIAN_USAGE, loadHistorian } from '../config/historian';
import { startStandaloneHistorian } from '../history/standalone';
import { runCommand, stopOnSignal } from './command';
import { createLogger } from './log';

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
  stopOnSignal(log, () => running.close());
}

await runCommand(HISTORIAN_COMMAND, main);
