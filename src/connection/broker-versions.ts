import type { ConnectionStatus } from '../engine';
import type { TabStorage } from './viewer-credentials';

/** The number of brokers that are remembered, the newest. */
const MAX_BROKERS = 50;

/**
 * Remembers, by URL, the brokers that do not speak MQTT 5 and want 3.1.1. The page remembers them in memory, because an
 * engine ends with its connection, and in the tab's `sessionStorage`, so that a reload knows them too.
 */
export class BrokerVersions {
  readonly #key: string;
  readonly #storage: () => TabStorage | undefined;
  #older: Set<string> | undefined;

  /** @param storage called at each use; a browser may deny access, and then they are in memory only. */
  constructor(key: string, storage: () => TabStorage | undefined) {
    this.#key = key;
    this.#storage = storage;
  }

  /** Whether the first attempt should use 3.1.1. */
  wantsOlder(url: string): boolean {
    return this.#known().has(url);
  }

  /** Learns from a status which version the broker speaks; for connections whose settings leave the version open. */
  learn(url: string, status: ConnectionStatus): void {
    const version = status.state === 'connected' ? status.protocolVersion : status.negotiatedVersion;
    const older = this.#known();
    if (version === undefined || older.has(url) === (version === 4)) {
      return;
    }
    if (version === 4) {
      older.add(url);
    } else {
      older.delete(url);
    }
    this.#older = new Set([...older].slice(-MAX_BROKERS));
    try {
      this.#storage()?.setItem(this.#key, JSON.stringify([...this.#older]));
    } catch {
      // The storage is full or denied: after a reload, MQTT 5 is tried again.
    }
  }

  #known(): Set<string> {
    this.#older ??= new Set(this.#stored());
    return this.#older;
  }

  #stored(): string[] {
    try {
      const urls: unknown = JSON.parse(this.#storage()?.getItem(this.#key) ?? '[]');
      return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [];
    } catch {
      return [];
    }
  }
}
