import { messageOf } from '../src/utils/errors';

/** What to close, in the order in which it was opened. */
export type Cleanup = Array<() => Promise<void> | void>;

/** How long stopping may take before the process exits anyway, in milliseconds. */
const STOP_WITHIN_MS = 2000;
/** How often the process looks whether npm still runs, in milliseconds. */
const PARENT_CHECK_MS = 500;

/**
 * Ends the process at SIGINT, SIGTERM and SIGHUP, and when npm has ended: npm passes neither SIGHUP nor SIGKILL on. The
 * exit code is 0, or 1 if something could not be closed, or not in time.
 *
 * @returns closes everything once, the newest first. It does not reject.
 */
export function stopOnSignal(cleanup: Cleanup): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= closeAll(cleanup));
  // What is still being opened, such as a build, would hold the process.
  const onSignal = (): void => void stop().then(() => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, onSignal);
  }
  if (process.env['npm_lifecycle_event'] !== undefined) {
    const npm = process.ppid;
    setInterval(() => {
      if (process.ppid !== npm) {
        onSignal();
      }
    }, PARENT_CHECK_MS).unref();
  }
  return stop;
}

async function closeAll(cleanup: Cleanup): Promise<void> {
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  for (const step of cleanup.toReversed()) {
    try {
      // One after the other: the sensors before the broker they publish to.
      await step();
    } catch (error) {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exitCode = 1;
    }
  }
}
