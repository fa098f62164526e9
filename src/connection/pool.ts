import type { ConnectionOptions, ConnectionErrorCode } from '../engine';
import { ConnectionClient, type ConnectionClientDeps, type PageServices } from './client';
import { Scheduler } from './scheduler';

/** Faults that end only when somebody does something. */
const REFUSED: ReadonlySet<ConnectionErrorCode> = new Set([
  'refused',
  'hung-up',
  'setting',
  'credentials',
  'banned',
  'client-id-invalid',
  'version',
]);

/** Settings that can change without another connection. */
export interface PoolLimits {
  /** See {@link ConnectionClient.lingerMs}. */
  readonly lingerMs: number;
  /** See {@link ConnectionClient.memoryBytes}. */
  readonly memoryBytes: number;
}

/**
 * Connections by data source and settings. It lives in the module, because Grafana drops all instances of all data
 * sources whenever any of them is saved, and has no hook to dispose of one: a new instance with the same settings
 * finds the old one's connection, and one with other settings gets its own while the old one runs dry.
 */
export class ConnectionPool {
  readonly #connections = new Map<string, { readonly uid: string; readonly connection: ConnectionClient }>();
  readonly #deps: ConnectionClientDeps;

  constructor(deps: ConnectionClientDeps) {
    this.#deps = { scheduler: new Scheduler(), ...deps };
  }

  /** Connections that are open or lingering. */
  get size(): number {
    return this.#connections.size;
  }

  /** @param services replace those that the connection had. */
  get(uid: string, options: ConnectionOptions, limits: PoolLimits, services: PageServices = {}): ConnectionClient {
    const key = JSON.stringify([uid, options]);
    let { connection } = this.#connections.get(key) ?? {};
    if (connection === undefined) {
      const onIdle = (): void => {
        if (this.#connections.get(key)?.connection === opened) {
          this.#connections.delete(key);
        }
      };
      const opened = new ConnectionClient(options, this.#deps, onIdle, services);
      connection = opened;
      this.#connections.set(key, { uid, connection });
    }
    connection.services = services;
    connection.lingerMs = limits.lingerMs;
    connection.memoryBytes = limits.memoryBytes;
    return connection;
  }

  /**
   * A connection that is nobody else's, for finding out whether settings work: through Grafana's proxy, others may stand
   * on a target and on secrets that are no longer those that are saved. It ends when nobody holds it any longer.
   */
  createEphemeral(options: ConnectionOptions, limits: PoolLimits, services: PageServices = {}): ConnectionClient {
    return Object.assign(new ConnectionClient(options, this.#deps, () => undefined, services), limits);
  }

  /** See {@link ConnectionClient.retry}. @param uid of this data source alone. */
  retry(uid?: string, anew = false): void {
    for (const { uid: own, connection } of this.#connections.values()) {
      if (uid === undefined || own === uid) {
        connection.retry(anew);
      }
    }
  }

  /**
   * The page that may have slept is awake: attempts that wait are made now. But not one that would be refused again,
   * because nobody has done anything about it, and some brokers lock out who keeps trying.
   */
  wake(): void {
    for (const { connection } of this.#connections.values()) {
      const error = 'error' in connection.status ? connection.status.error : undefined;
      if (error === undefined || !REFUSED.has(error.code)) {
        connection.retry();
      }
    }
  }
}
