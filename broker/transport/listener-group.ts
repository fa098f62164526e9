import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../limits';
import type { ClientStream } from './client-stream';
import { ConnectionLimiter } from './connection-limiter';
import type { Endpoint, Listener, ListenerContext, ListenerOptions } from './listener-options';
import { openListener } from './listeners';
import type { Traffic } from './rate-limiter';

export interface ListenerGroupOptions extends Pick<ListenerContext, 'origins' | 'portTaken' | 'onError'> {
  limits: Limits;
  /** Receives each new connection; `request` is the upgrade request of a WebSocket. */
  onConnection: (stream: ClientStream, request: IncomingMessage | undefined) => void;
}

/** All listeners of a broker, with the connections, limits and counters that they share. */
export class ListenerGroup {
  readonly connectionLimiter: ConnectionLimiter;
  readonly traffic: Traffic = { bytesIn: 0, bytesOut: 0, publishesIn: 0 };
  readonly #context: ListenerContext;
  readonly #listeners: Listener[] = [];
  readonly #streams = new Set<ClientStream>();
  /** The connections that were open at {@link stop}. */
  #stopped: ClientStream[] = [];

  constructor({ onConnection, ...options }: ListenerGroupOptions) {
    this.connectionLimiter = new ConnectionLimiter(options.limits);
    this.#context = {
      ...options,
      connectionLimiter: this.connectionLimiter,
      traffic: this.traffic,
      accept: (stream, request) => {
        this.#streams.add(stream);
        stream.once('close', () => this.#streams.delete(stream));
        onConnection(stream, request);
      },
    };
  }

  /** @throws BrokerError when a port or certificate cannot be used; the listeners opened before stay open */
  async open(wanted: readonly ListenerOptions[]): Promise<void> {
    for (const listener of wanted) {
      // In sequence, so that `portTaken: 'next'` is predictable
      this.#listeners.push(await openListener(listener, this.#context));
    }
  }

  get endpoints(): Endpoint[] {
    return this.#listeners.map(({ endpoint }) => endpoint);
  }

  /** Reads the certificate files again. */
  async reload(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.reload()));
  }

  /** Accepts no more connections; open ones stay. */
  stop(): void {
    this.#stopped = [...this.#streams];
    for (const listener of this.#listeners) {
      listener.stop();
    }
  }

  /**
   * Resolves when the kernel has taken everything that was sent over the connections that were open at {@link stop}, after
   * `timeout` milliseconds at the latest. Aedes has closed their streams by then, and bytes may still wait below them.
   */
  async drain(timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    while (this.#stopped.some((stream) => !stream.drained) && performance.now() < deadline) {
      await sleep(5);
    }
  }

  /** Ends every connection at once. */
  disconnectAll(): void {
    for (const listener of this.#listeners) {
      listener.cut();
    }
  }

  /** Stops listening and ends every connection; resolves when no handle is left. */
  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }
}
