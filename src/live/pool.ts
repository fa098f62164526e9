import type { ConnectionOptions } from '../engine';
import { LiveConnection, type LiveConnectionDeps } from './connection';

/** Settings that can change without another connection. */
export interface Limits {
  /** See {@link LiveConnection.lingerMs}. */
  readonly lingerMs: number;
  /** See {@link LiveConnection.memoryBytes}. */
  readonly memoryBytes: number;
}

/**
 * Connections by data source and settings. It lives in the module, because Grafana drops all instances of all data
 * sources whenever any of them is saved, and has no hook to dispose of one: a new instance with the same settings
 * finds the old one's connection, and one with other settings gets its own while the old one runs dry.
 */
export class ConnectionPool {
  readonly #connections = new Map<string, LiveConnection>();
  readonly #deps: LiveConnectionDeps;

  constructor(deps: LiveConnectionDeps) {
    this.#deps = deps;
  }

  /** Connections that are open or lingering. */
  get size(): number {
    return this.#connections.size;
  }

  get(uid: string, options: ConnectionOptions, limits: Limits): LiveConnection {
    const key = JSON.stringify([uid, options]);
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      const opened = new LiveConnection(options, this.#deps, () => {
        if (this.#connections.get(key) === opened) {
          this.#connections.delete(key);
        }
      });
      connection = opened;
      this.#connections.set(key, connection);
    }
    connection.lingerMs = limits.lingerMs;
    connection.memoryBytes = limits.memoryBytes;
    return connection;
  }
}
