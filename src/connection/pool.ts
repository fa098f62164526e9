import type { ConnectionOptions, StorageStatus } from '../engine';
import { errorCode } from '../engine/error-codes';
import { ConnectionClient, type ConnectionClientDeps } from './client';
import type { PageServices } from './page-services';
import type { PoolLimits } from './pool-limits';
import { TaskScheduler } from './task-scheduler';

/**
 * The connections of a page, by data source and settings. The pool belongs to the module, because Grafana drops all
 * instances of all data sources whenever one of them is saved, and has no hook to dispose of an instance: a new
 * instance with the same settings finds the connection of the old one. An instance with other settings gets another
 * connection, and the old connection closes when its last stream has lingered.
 */
export class ConnectionPool {
  readonly #connections = new Map<string, { readonly uid: string; readonly connection: ConnectionClient }>();
  readonly #deps: ConnectionClientDeps;

  constructor(deps: ConnectionClientDeps) {
    this.#deps = { scheduler: new TaskScheduler(), ...deps };
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
    connection.record(limits.recording);
    return connection;
  }

  /**
   * Opens a connection that nothing shares, for a health check: through Grafana's proxy, the pool's connections may
   * still use an older target and older secrets than those that are saved. It closes when nobody holds it any longer.
   */
  createEphemeral(options: ConnectionOptions, limits: PoolLimits, services: PageServices = {}): ConnectionClient {
    // Nothing is recorded: it looks, and shows nothing.
    const { lingerMs, memoryBytes } = limits;
    const client = new ConnectionClient(options, this.#deps, () => undefined, services);
    return Object.assign(client, { lingerMs, memoryBytes });
  }

  /** See {@link ConnectionClient.reconnect}. @param uid of this data source alone. */
  reconnect(uid?: string, { force = false } = {}): void {
    for (const { uid: own, connection } of this.#connections.values()) {
      if (uid === undefined || own === uid) {
        connection.reconnect({ force });
      }
    }
  }

  /** The page is hidden or about to go: what is stored with a delay is stored now. */
  flush(): void {
    for (const { connection } of this.#connections.values()) {
      connection.flush();
    }
  }

  /** How storing messages over a reload goes, of each connection of a data source. */
  storageOf(uid: string): StorageStatus[] {
    return [...this.#connections.values()]
      .filter((each) => each.uid === uid)
      .map(({ connection }) => connection.storage);
  }

  /**
   * The page has woken up: attempts that wait for their time are made now. An attempt that would be refused again is
   * not made, because some brokers lock out a client that keeps trying.
   */
  wake(): void {
    for (const { connection } of this.#connections.values()) {
      const error = 'error' in connection.status ? connection.status.error : undefined;
      if (error === undefined || errorCode(error.code).onWake) {
        connection.reconnect();
      }
    }
  }
}
