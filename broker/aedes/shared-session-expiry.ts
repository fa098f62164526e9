import type { Aedes, Client } from 'aedes';
import { toError } from '../../src/utils/errors';
import { internals } from './internals';
import type { SessionExpiry, SessionExpiryOptions } from './session-expiry';
import { startExpiryTimer } from './session-expiry';
import type { SharedStore } from '../storage/shared-store';

/**
 * The sessions that several brokers share. Each broker notes when its own clients were connected, and any broker ends the
 * sessions that no broker has seen for `sessionExpiry` seconds: the last broker of a client may be gone.
 */
export class SharedSessionExpiry implements SessionExpiry {
  readonly #aedes: Aedes;
  readonly #store: SharedStore;
  readonly #options: SessionExpiryOptions;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #size = 0;

  constructor(aedes: Aedes, store: SharedStore, options: SessionExpiryOptions) {
    this.#aedes = aedes;
    this.#store = store;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    const seen = (client: Client): void => {
      if (!client.clean) {
        this.#try(this.#store.sessions.seen([client.id], this.#now()).then(() => this.#count()));
      }
    };
    aedes.on('client', seen);
    aedes.on('clientDisconnect', seen);
    this.#try(this.#count());
    this.#timer = startExpiryTimer(options.limits, () => this.expire());
  }

  /** Number of sessions when this broker last asked the store. */
  get size(): number {
    return this.#size;
  }

  countExcept(clientId: string): Promise<number> {
    return this.#store.sessions.countExcept(clientId);
  }

  async expire(): Promise<void> {
    const { sessions } = this.#store;
    const now = this.#now();
    const oldest = now - this.#options.limits.sessionExpiry * 1_000;
    try {
      const here = Object.values(internals(this.#aedes).clients).filter(({ clean }) => !clean);
      await sessions.seen(
        here.map(({ id }) => id),
        now
      );
      let old = await sessions.lastSeenBefore(oldest);
      while (old.length > 0) {
        for (const clientId of old) {
          // One at a time, so that the store is not flooded.
          await sessions.end(clientId, oldest);
        }
        old = await sessions.lastSeenBefore(oldest);
      }
      await this.#count();
    } catch (error) {
      this.#options.onError(toError(error));
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #count(): Promise<void> {
    [this.#size] = await Promise.all([this.#store.sessions.count(), this.#store.refresh()]);
  }

  /** Reports an error of an action that has no caller, unless the broker is closed. */
  #try(action: Promise<void>): void {
    action.catch((error: Error) => {
      if (!this.#aedes.closed) {
        this.#options.onError(error);
      }
    });
  }
}
