import { messageOf } from '../../src/utils/errors';
import { ConfigError } from '../config/check';
import { UsageError } from '../config/load';
import { BrokerError } from '../errors';
import type { Logger } from './log';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_FORCED = 130;
/** Ctrl-C reaches a script of npm twice within some milliseconds: from the terminal, and from npm, which passes it on. */
const ONE_SIGNAL_MS = 500;

/**
 * Runs a command. An expected error is printed in one line, with exit code 2 for an invalid command line or
 * configuration, and 1 when the program cannot start. Other errors are thrown.
 *
 * @param command that starts this program, for the reference to its help
 */
export async function runCommand(command: string, main: (args: string[]) => Promise<void>): Promise<void> {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    if (error instanceof UsageError || error instanceof ConfigError) {
      process.stderr.write(`${error.message}\nTry: ${command} --help\n`);
      process.exitCode = EXIT_USAGE;
    } else if (error instanceof BrokerError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = EXIT_FAILED;
    } else {
      throw error;
    }
  }
}

/**
 * Stops on SIGINT and SIGTERM, with exit code 0, or 1 when `close` fails. A second signal, more than 500 ms later,
 * forces the exit, with exit code 130.
 */
export function stopOnSignal(log: Logger, close: () => Promise<unknown>): void {
  let since: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (since !== undefined) {
      if (performance.now() - since > ONE_SIGNAL_MS) {
        process.exit(EXIT_FORCED);
      }
      return;
    }
    since = performance.now();
    log.info({ signal }, 'Stopping');
    // The process ends once everything is closed
    close().then(
      () => log.info('Stopped'),
      (error: unknown) => {
        log.error(`Could not stop cleanly: ${messageOf(error)}`);
        process.exitCode = EXIT_FAILED;
      }
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
