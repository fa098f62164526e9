import type { ConnectionOptions, ConnectionStatus } from '../engine';
import { hashText } from '../payload';
import type { WebStorage } from './viewer-credentials';

/** The number of brokers that are remembered, the newest. */
const MAX_BROKERS = 50;
/** How long a broker is remembered, in milliseconds: one that has been updated is asked for MQTT 5 a day later. */
export const MAX_AGE_MS = 24 * 3_600_000;

/** What an engine is told of its broker's version, and tells. */
export interface EngineVersion {
  /** Whether the first attempt should use 3.1.1. */
  readonly older: boolean;
  /** Learns from a status which version the broker speaks. */
  learn(status: ConnectionStatus): void;
}

/**
 * Remembers, by URL, the brokers that do not speak MQTT 5 and want 3.1.1, for a day. The page remembers them in memory,
 * because an engine ends with its connection, and in the browser's `localStorage`, so that other tabs know them too: a
 * refused attempt takes several round trips, and one that a broker does not answer takes the whole connect timeout.
 */
export class BrokerVersions {
  readonly #key: string;
  readonly #storage: () => WebStorage | undefined;
  readonly #now: () => number;
  /** When each broker refused MQTT 5, in milliseconds since 1970, the newest last. */
  #older: ReadonlyMap<string, number> = new Map();
  /** Whether the storage takes nothing, so that what it has is not the newest. */
  #isReadOnly = false;

  /**
   * @param storage called at each use; a browser may deny access, and then they are in memory only.
   * @param now milliseconds since 1970
   */
  constructor(key: string, storage: () => WebStorage | undefined, now: () => number) {
    this.#key = key;
    this.#storage = storage;
    this.#now = now;
  }

  /**
   * What is known for a new engine, which tells what it learns.
   *
   * @returns undefined where the settings name the version.
   */
  begin({ url, protocolVersion }: Pick<ConnectionOptions, 'url' | 'protocolVersion'>): EngineVersion | undefined {
    if (protocolVersion !== 'auto') {
      return undefined;
    }
    const older = this.wantsOlder(url);
    let isTried = older;
    return {
      older,
      learn: (status) => {
        const version = status.state === 'connected' ? status.protocolVersion : status.negotiatedVersion;
        // An engine that began with 3.1.1, or has fallen back to it once, has not asked the broker again
        if (version === 5 || (version === 4 && !isTried)) {
          this.#learn(nameOf(url), version === 4);
        }
        isTried ||= version !== undefined;
      },
    };
  }

  /** Whether the first attempt should use 3.1.1. */
  wantsOlder(url: string): boolean {
    return this.#known().has(nameOf(url));
  }

  #learn(name: string, isOlder: boolean): void {
    const older = this.#known();
    if (older.has(name) === isOlder) {
      return;
    }
    if (isOlder) {
      older.set(name, this.#now());
    } else {
      older.delete(name);
    }
    this.#older = new Map([...older].slice(-MAX_BROKERS));
    try {
      this.#storage()?.setItem(this.#key, JSON.stringify([...this.#older]));
    } catch {
      // The storage is full or denied: after a reload, MQTT 5 is tried again.
      this.#isReadOnly = true;
    }
  }

  /** Those that this tab or another one knows. */
  #known(): Map<string, number> {
    const now = this.#now();
    const all = (this.#isReadOnly ? undefined : this.#stored()) ?? [...this.#older];
    return new Map(all.filter(([, at]) => at <= now && now - at < MAX_AGE_MS));
  }

  /** @returns undefined if there is no storage, or another content than that of {@link #learn}. */
  #stored(): Array<[name: string, at: number]> | undefined {
    try {
      const entries: unknown = JSON.parse(this.#storage()?.getItem(this.#key) ?? 'null');
      return Array.isArray(entries) ? entries.filter(isEntry) : undefined;
    } catch {
      return undefined;
    }
  }
}

function isEntry(entry: unknown): entry is [string, number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number';
}

/**
 * A URL with a hash of 32 bits in place of its query, which may have a token: `localStorage` outlives the tab. User and
 * password are refused in URLs.
 */
function nameOf(url: string): string {
  const at = url.search(/[?#]/);
  return at < 0 ? url : `${url.slice(0, at)}?${(hashText(url.slice(at)) >>> 0).toString(36)}`;
}
