import type { Aedes, Client } from 'aedes';
import { toError } from '../../src/utils/errors';
import { internals } from './internals';
import type { Limits } from '../limits';

/** The additional methods of our own persistence. */
interface SessionStore {
  sessions?(): Iterable<{ clientId: string; seen: number }>;
  endSession?(clientId: string): Promise<void>;
}

export interface SessionExpiryOptions {
  limits: Pick<Limits, 'sessionExpiry'>;
  onError(error: Error): void;
  /** Milliseconds since the epoch. Default: the clock. */
  now?: () => number;
}

/** Counts the sessions that outlive their connection, and ends the expired ones. */
export interface SessionExpiry {
  readonly size: number;
  /** Number of sessions, without the session of this client. */
  countExcept(clientId: string): number | Promise<number>;
  /** Ends the expired sessions. */
  expire(): Promise<void>;
  stop(): void;
}

/** Maximum milliseconds between two checks. */
const MAX_INTERVAL = 60_000;

/** Calls `expire` at an interval that suits the age limit of sessions. */
export function startExpiryTimer(
  { sessionExpiry }: SessionExpiryOptions['limits'],
  expire: () => Promise<void>
): NodeJS.Timeout {
  return setInterval(() => void expire(), Math.min(MAX_INTERVAL, Math.max(10, sessionExpiry * 100))).unref();
}

/**
 * The sessions of one broker. Ends those whose client has been disconnected for `sessionExpiry` seconds; Aedes keeps them
 * for ever.
 */
export class LocalSessionExpiry implements SessionExpiry {
  readonly #aedes: Aedes;
  readonly #options: SessionExpiryOptions;
  readonly #now: () => number;
  /** When each session's client left; undefined while it is connected. */
  readonly #leftAt = new Map<string, number | undefined>();
  readonly #timer: NodeJS.Timeout;

  constructor(aedes: Aedes, options: SessionExpiryOptions) {
    this.#aedes = aedes;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    for (const { clientId, seen } of this.#store().sessions?.() ?? []) {
      this.#leftAt.set(clientId, seen);
    }
    aedes.on('client', (client) => this.#came(client));
    aedes.on('clientDisconnect', (client) => {
      if (this.#leftAt.has(client.id)) {
        this.#leftAt.set(client.id, this.#now());
      }
    });
    this.#timer = startExpiryTimer(options.limits, () => this.expire());
  }

  get size(): number {
    return this.#leftAt.size;
  }

  countExcept(clientId: string): number {
    return this.#leftAt.size - (this.#leftAt.has(clientId) ? 1 : 0);
  }

  async expire(): Promise<void> {
    const oldest = this.#now() - this.#options.limits.sessionExpiry * 1_000;
    for (const [clientId, leftAt] of this.#leftAt) {
      if (leftAt !== undefined && leftAt < oldest && !internals(this.#aedes).clients[clientId]) {
        this.#leftAt.delete(clientId);
        try {
          // One at a time, so that the store is not flooded.
          await this.#end(clientId);
        } catch (error) {
          this.#options.onError(toError(error));
        }
      }
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #came(client: Client): void {
    if (!client.clean) {
      this.#leftAt.set(client.id, undefined);
    } else {
      this.#leftAt.delete(client.id);
    }
  }

  async #end(clientId: string): Promise<void> {
    const store = this.#store();
    if (store.endSession) {
      await store.endSession(clientId);
      return;
    }
    const client = { id: clientId, clean: false } as Client;
    const { persistence } = internals(this.#aedes);
    await persistence.cleanSubscriptions(client);
    await persistence.cleanIncoming?.(client);
    for await (const packet of persistence.outgoingStream(client)) {
      await persistence.outgoingClearMessageId(client, packet as { messageId?: number });
    }
  }

  #store(): SessionStore {
    return internals(this.#aedes).persistence as SessionStore;
  }
}
