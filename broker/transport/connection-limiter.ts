import type { Socket } from 'node:net';
import type { Limits } from '../limits';

/** A connection that was refused before any byte of it was read. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

type ConnectionLimits = Pick<Limits, 'connections' | 'connectionsPerAddress' | 'connectsPerSecond' | 'connectTimeout'>;

/** The connections of one address. */
interface Address {
  open: number;
  /** When the next connection may begin, in milliseconds of the monotonic clock. */
  nextAt: number;
}

/** Addresses without a connection are forgotten when there are more than this. */
const MAX_IDLE_ADDRESSES = 10_000;

/**
 * Counts connections, in all and per address, before anything is read from them, over all listeners of a broker. More
 * new connections a second than `connectsPerSecond` are not refused at once: they wait, so that a fleet that comes back
 * after a restart gets in within seconds, one after the other.
 */
export class ConnectionLimiter {
  readonly #limits: ConnectionLimits;
  readonly #addresses = new Map<string, Address>();
  #open = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#open;
  }

  /**
   * Lets a new connection in, now or in its turn, or refuses and destroys it.
   *
   * @param enter called at once or later, never when the connection is gone by then
   */
  admit(socket: Socket, enter: () => void, refused: (error: RefusedError) => void): void {
    const { connections, connectionsPerAddress, connectTimeout, connectsPerSecond } = this.#limits;
    const name = socket.remoteAddress ?? '';
    const address = this.#address(name);
    const now = performance.now();
    // Room for one second's worth at once, then one at a time
    const wait = Math.max(0, address.nextAt - now);
    const fault =
      this.#open >= connections
        ? `Connection limit reached (${connections} connections)`
        : address.open >= connectionsPerAddress
          ? `Connection limit of one address reached (${connectionsPerAddress} connections from ${name})`
          : wait > connectTimeout
            ? `More than ${connectsPerSecond} new connections a second from ${name}`
            : undefined;
    if (fault) {
      socket.on('error', () => {});
      socket.destroy();
      refused(new RefusedError(fault));
      return;
    }
    address.nextAt = Math.max(address.nextAt, now - 1_000) + 1_000 / connectsPerSecond;
    this.#open += 1;
    address.open += 1;
    let timer: NodeJS.Timeout | undefined;
    socket.once('close', () => {
      clearTimeout(timer);
      this.#open -= 1;
      address.open -= 1;
    });
    if (wait === 0) {
      enter();
      return;
    }
    // Nobody listens for its errors yet; 'close' follows
    const ignore = (): void => {};
    socket.on('error', ignore);
    timer = setTimeout(() => {
      socket.off('error', ignore);
      enter();
    }, wait);
  }

  #address(name: string): Address {
    let address = this.#addresses.get(name);
    if (!address) {
      if (this.#addresses.size >= MAX_IDLE_ADDRESSES) {
        this.#forgetIdle();
      }
      address = { open: 0, nextAt: 0 };
      this.#addresses.set(name, address);
    }
    return address;
  }

  #forgetIdle(): void {
    for (const [name, { open }] of this.#addresses) {
      if (open === 0) {
        this.#addresses.delete(name);
      }
    }
  }
}
