import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The treatment of bytes from either side. `pass`; `stall`: reads nothing, so that both sides are held up; `swallow`:
 * takes everything and passes nothing on, not even an end, as a half-open connection does; `refuse`: closes every
 * connection the moment it comes.
 */
export type RelayMode = 'pass' | 'stall' | 'swallow' | 'refuse';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** The bytes that it took are missing from the stream, which cannot go on. */
  swallowed: boolean;
}

/** A TCP relay between a client and a broker that a test can make fail. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #mode: RelayMode = 'pass';
  /** Passes on each byte from the broker by itself. */
  byteByByte = false;
  /** Holds up everything from the broker, in milliseconds. */
  delayMs = 0;
  /** Connections that ever came. */
  accepted = 0;
  port = 0;

  private constructor(readonly targetPort: number) {
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(targetPort: number): Promise<Relay> {
    const relay = new Relay(targetPort);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    relay.port = (relay.#server.address() as { port: number }).port;
    return relay;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#pairs.size;
  }

  get mode(): RelayMode {
    return this.#mode;
  }

  set mode(mode: RelayMode) {
    this.#mode = mode;
    for (const { client, server, swallowed } of this.#pairs) {
      if (mode !== 'swallow' && swallowed) {
        client.destroy();
        server.destroy();
      }
      for (const socket of [client, server]) {
        if (mode === 'stall') {
          socket.pause();
        } else {
          socket.resume();
        }
      }
    }
  }

  /** Ends all connections, as a pulled cable that both ends notice. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.accepted++;
    if (this.#mode === 'refuse') {
      client.destroy();
      return;
    }
    const server = connect(this.targetPort, '127.0.0.1');
    const pair: Pair = { client, server, swallowed: false };
    this.#pairs.add(pair);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on('data', (bytes) => {
      if (this.#mode === 'swallow') {
        pair.swallowed = true;
      } else {
        server.write(bytes);
      }
    });
    server.on('data', (bytes) => this.#fromBroker(pair, bytes));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      one.on('error', () => undefined);
      one.on('close', () => {
        if (this.#mode === 'swallow') {
          pair.swallowed = true;
        } else {
          other.destroy();
        }
        if (client.destroyed) {
          this.#pairs.delete(pair);
        }
      });
    }
    if (this.#mode === 'stall') {
      client.pause();
      server.pause();
    }
  }

  #fromBroker(pair: Pair, bytes: Buffer): void {
    const { client } = pair;
    if (this.#mode === 'swallow') {
      pair.swallowed = true;
      return;
    }
    const write = (): void => {
      if (!this.byteByByte) {
        client.write(bytes);
        return;
      }
      for (let i = 0; i < bytes.length; i++) {
        client.write(bytes.subarray(i, i + 1));
      }
    };
    if (this.delayMs > 0) {
      setTimeout(write, this.delayMs);
    } else {
      write();
    }
  }
}
