import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** All child processes that run; they end with this process. */
const running = new Set<ChildProcess>();

process.on('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endAll();
    process.exit(1);
  });
}

export interface Forked extends Disposable {
  readonly process: ChildProcess;
  /** The next message from the process. @throws {Error} if the process ends, or sends nothing in time. */
  message<T>(withinMs: number): Promise<T>;
  send(message: object | string): void;
  /** Resolves when the process has ended. @throws {Error} if it takes longer. */
  exit(withinMs: number): Promise<void>;
}

/** Starts a bundled file as a process with an IPC channel, which ends with this process. */
export function forkFile(file: string, args: readonly string[], execArgv: readonly string[] = []): Forked {
  const child = fork(file, args, { execArgv: [...execArgv], stdio: 'inherit' });
  track(child);
  const received: unknown[] = [];
  let wake: (() => void) | undefined;
  let ended = false;
  child.on('message', (message) => {
    received.push(message);
    wake?.();
  });
  child.on('exit', () => {
    ended = true;
    wake?.();
  });
  return {
    process: child,
    send: (message) => child.send(message),
    async exit(withinMs) {
      if (!ended) {
        await once(child, 'exit', { signal: AbortSignal.timeout(withinMs) });
      }
    },
    async message<T>(withinMs: number): Promise<T> {
      const deadline = Date.now() + withinMs;
      while (received.length === 0) {
        if (ended || Date.now() >= deadline) {
          child.kill('SIGKILL');
          throw new Error(
            ended ? `${file} ended with code ${child.exitCode}` : `${file} sent nothing for ${withinMs} ms`
          );
        }
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(1, deadline - Date.now()));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      return received.shift() as T;
    },
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  };
}

/** Ends a process together with this one. */
export function track(child: ChildProcess): void {
  running.add(child);
  child.on('exit', () => running.delete(child));
}

function endAll(): void {
  for (const child of running) {
    child.kill('SIGKILL');
  }
}
