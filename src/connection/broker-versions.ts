import type { ConnectionStatus } from '../engine';
import type { TabStorage } from './viewer-credentials';

/** Brokers that are remembered, the newest of them. */
const MAX_BROKERS = 50;

/**
 * Brokers, by URL, that want MQTT 3.1.1 where 5 is tried first. Remembered by the page, because an engine lives no
 * longer than its connection, and in the tab's `sessionStorage`, so that a reload does not ask them again.
 */
export class BrokerVersions {
  readonly #key: string;
  readonly #storage: () => TabStorage | undefined;
  #older: Set<string> | undefined;

  /** @param storage asked at each use; where a browser refuses it, they are in memory only. */
  constructor(key: string, storage: () => TabStorage | undefined) {
    this.#key = key;
    this.#storage = storage;
  }

  /** Whether 3.1.1 is to be tried first. */
  wantsOlder(url: string): boolean {
    return this.#known().has(url);
  }

  /** Takes from the status of a connection whose version was not asked for what the broker has shown to know. */
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
      // Full, or not allowed: it is asked again after a reload.
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
