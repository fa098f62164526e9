import type { Aedes, Client } from 'aedes';
import { internals } from './internals';
import type { SessionKeeper, SessionsOptions } from './session-expiry';
import { sweepEvery } from './session-expiry';
import type { SharedStore } from '../storage/shared-store';

/**
 * Counts and ends the sessions that several brokers share. Each broker says of its own clients that they are there, and
 * any of them ends those that were seen at none for `sessionExpiry` seconds: the broker that they left may be gone.
 */
export class SharedSessions implements SessionKeeper {
  readonly #aedes: Aedes;
  readonly #store: SharedStore;
  readonly #options: SessionsOptions;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #size = 0;

  constructor(aedes: Aedes, store: SharedStore, options: SessionsOptions) {
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
    this.#timer = sweepEvery(options.limits, () => this.sweep());
  }

  /** As of when this broker last asked. */
  get size(): number {
    return this.#size;
  }

  beside(clientId: string): Promise<number> {
    return this.#store.sessions.beside(clientId);
  }

  async sweep(): Promise<void> {
    const { sessions } = this.#store;
    const now = this.#now();
    const oldest = now - this.#options.limits.sessionExpiry * 1_000;
    try {
      const here = Object.values(internals(this.#aedes).clients).filter(({ clean }) => !clean);
      await sessions.seen(
        here.map(({ id }) => id),
        now
      );
      let old = await sessions.unseenSince(oldest);
      while (old.length > 0) {
        for (const clientId of old) {
          // oxlint-disable-next-line no-await-in-loop -- a store is not to be flooded
          await sessions.end(clientId, oldest);
        }
        // oxlint-disable-next-line no-await-in-loop
        old = await sessions.unseenSince(oldest);
      }
      await this.#count();
    } catch (error) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #count(): Promise<void> {
    [this.#size] = await Promise.all([this.#store.sessions.count(), this.#store.refresh()]);
  }

  /** Nobody waits for this; and what it would say is out of date once the broker is closed. */
  #try(action: Promise<void>): void {
    action.catch((error: Error) => {
      if (!this.#aedes.closed) {
        this.#options.onError(error);
      }
    });
  }
}
