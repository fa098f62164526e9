import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LAST_BYTES = 2_000;
const STOP_MS = 15_000;

export interface ProgramOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The ports of 127.0.0.1 that accept connections once it has started. */
  readonly ports: readonly number[];
  /** Maximum time for the start, in milliseconds. Default: 60,000. */
  readonly startMs?: number;
}

/** A process with all processes that it starts. It ends with this process. */
export class Program implements AsyncDisposable {
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;
  #output = '';
  readonly #kill = (): void => this.#signal('SIGKILL');

  constructor(options: ProgramOptions) {
    this.#options = options;
    process.once('exit', this.#kill);
  }

  /** @throws {Error} with the end of its output, if it exits or does not open its ports in time */
  async start(): Promise<void> {
    const { command, args = [], env, cwd, ports, startMs = 60_000 } = this.#options;
    // A process group of its own: scripts start a broker as their child, and drivers a browser.
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let failed: Error | undefined;
    child.once('error', (error) => (failed = error));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => (this.#output = (this.#output + bytes.toString()).slice(-LAST_BYTES)));
    }
    const deadline = performance.now() + startMs;
    while (!(await Promise.all(ports.map(accepts))).every(Boolean)) {
      if (failed !== undefined || !isUp(child) || performance.now() > deadline) {
        await this.stop('SIGKILL');
        throw new Error(`${command} did not start: ${failed?.message ?? this.#output}`);
      }
      await sleep(50);
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.pid === undefined) {
      return;
    }
    if (isUp(child)) {
      const ended = once(child, 'exit');
      this.#signal(signal);
      await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
    }
    this.#signal('SIGKILL');
    this.#child = undefined;
    while ((await Promise.all(this.#options.ports.map(accepts))).some(Boolean)) {
      await sleep(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#kill);
    await this.stop('SIGKILL');
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    try {
      process.kill(-(this.#child?.pid ?? NaN), signal);
    } catch {
      // It has ended.
    }
  }
}

function isUp({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
