/** Brokers in separate processes, for the tests that kill them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Program } from './program';

/** A broker that is killed repeatedly. The next process is loaded while this one runs, so that it starts at once. */
export class KilledBroker implements AsyncDisposable {
  readonly port: number;
  readonly #program: string;
  readonly #store: string;
  #running: ChildProcess | undefined;
  #spare: ChildProcess;

  private constructor(program: string, store: string, port: number) {
    this.port = port;
    this.#program = program;
    this.#store = store;
    this.#spare = this.#load();
  }

  /**
   * Starts a broker.
   *
   * @param store a directory, or a Redis URL
   */
  static async start({ file }: Program, store: string): Promise<KilledBroker> {
    const broker = new KilledBroker(file, store, await portOfItsOwn());
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts the broker again, on the same port and with the same store. */
  async start(): Promise<void> {
    const next = this.#spare;
    if (!loaded.has(next)) {
      await reported(next, 'loaded');
    }
    next.send('start');
    await reported(next, 'started');
    this.#running = next;
    this.#spare = this.#load();
  }

  /** Resolves when the process has ended. */
  async kill(): Promise<void> {
    await end(this.#running);
    this.#running = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.kill(), end(this.#spare)]);
  }

  #load(): ChildProcess {
    const child = fork(this.#program, [this.#store, String(this.port)]);
    child.once('message', () => loaded.add(child));
    return child;
  }
}

/** Processes that have reported it. */
const loaded = new WeakSet<ChildProcess>();

async function reported(child: ChildProcess, what: 'loaded' | 'started'): Promise<void> {
  const abort = new AbortController();
  const message = once(child, 'message', { signal: abort.signal });
  const exit = once(child, 'exit', { signal: abort.signal });
  const [first] = (await Promise.race([message, exit])) as unknown[];
  abort.abort();
  await Promise.allSettled([message, exit]);
  if (first !== what) {
    throw new Error(`Expected the broker to be ${what}, and it ended with ${String(first)}`);
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

/**
 * A free port outside the range of ephemeral ports. While the broker is down, an ephemeral port may be assigned to an
 * outgoing connection: a client that reconnects all the time can even connect to itself, and occupy the port.
 */
async function portOfItsOwn(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false
    );
    server.close();
    if (free) {
      return port;
    }
  }
}
