import type { Credentials } from '../engine';
import { ListenerSet } from './listener-set';

/** What is known of a viewer's own credentials for one broker. */
export interface CredentialsState {
  /** There once they were entered, and until they are refused or forgotten. */
  readonly credentials?: Credentials;
  /** The last user name that was entered, so that only the password must be typed again. */
  readonly username?: string;
  /** Why the broker did not take the last ones. */
  readonly refusal?: string;
  /** They outlive a reload of this tab. */
  readonly remembered: boolean;
}

/** As much of `sessionStorage` as is used. */
export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const NOTHING: CredentialsState = { remembered: false };

/**
 * Credentials that each viewer enters for themselves. They are in this page's memory and, only where the viewer wants
 * it, in the tab's `sessionStorage`, which ends with the tab. They are in no dashboard, no setting and no server.
 */
export class ViewerCredentials {
  readonly #storage: () => TabStorage | undefined;
  readonly #states = new Map<string, CredentialsState>();
  readonly #changes = new ListenerSet();

  /** @param storage asked at each use; a browser may refuse it, and they are then in memory only. */
  constructor(storage: () => TabStorage | undefined) {
    this.#storage = storage;
  }

  /**
   * The same object for as long as nothing changes.
   *
   * @param key also the name in the storage, which other plugins share.
   */
  state(key: string): CredentialsState {
    let state = this.#states.get(key);
    if (state === undefined) {
      state = this.#stored(key) ?? NOTHING;
      this.#states.set(key, state);
    }
    return state;
  }

  /** @param remember for this tab, over reloads. */
  enter(key: string, credentials: Credentials, remember: boolean): void {
    this.#store(key, remember ? credentials : undefined);
    this.#set(key, { credentials, username: credentials.username, remembered: remember });
  }

  /** The broker did not take them: they are gone, and have to be entered again. */
  refuse(key: string, refusal: string): void {
    const { username, remembered } = this.state(key);
    this.#store(key, undefined);
    this.#set(key, { username, refusal, remembered });
  }

  forget(key: string): void {
    this.#store(key, undefined);
    this.#set(key, NOTHING);
  }

  /** Calls back when the credentials of any broker have changed. @returns unsubscribes. */
  readonly subscribe = this.#changes.subscribe;

  #set(key: string, state: CredentialsState): void {
    this.#states.set(key, state);
    this.#changes.notify();
  }

  #stored(key: string): CredentialsState | undefined {
    try {
      const text = this.#storage()?.getItem(key);
      const credentials = typeof text === 'string' ? readCredentials(JSON.parse(text)) : undefined;
      return credentials && { credentials, username: credentials.username, remembered: true };
    } catch {
      return undefined;
    }
  }

  #store(key: string, credentials: Credentials | undefined): void {
    try {
      const storage = this.#storage();
      if (credentials === undefined) {
        storage?.removeItem(key);
      } else {
        storage?.setItem(key, JSON.stringify(credentials));
      }
    } catch {
      // Full, or not allowed: they are in memory, and asked for again after a reload.
    }
  }
}

/** The credentials of one broker, as an editor asks for them. */
export class CredentialsPrompt {
  readonly #viewers: ViewerCredentials;
  readonly #key: string;
  readonly #suggested: string | undefined;
  readonly #changed: () => void;

  /**
   * @param suggested the user name to begin with.
   * @param changed others are to be used from now on.
   */
  constructor(viewers: ViewerCredentials, key: string, suggested: string | undefined, changed: () => void) {
    this.#viewers = viewers;
    this.#key = key;
    this.#suggested = suggested;
    this.#changed = changed;
  }

  /** The user name to begin with, where none has been entered yet. */
  get suggested(): string {
    return this.#suggested ?? '';
  }

  readonly state = (): CredentialsState => this.#viewers.state(this.#key);

  get subscribe(): ViewerCredentials['subscribe'] {
    return this.#viewers.subscribe;
  }

  enter(credentials: Credentials, remember: boolean): void {
    this.take(credentials, remember);
    this.#changed();
  }

  /** For the next connection; those that there are stay as they are. */
  take(credentials: Credentials, remember: boolean): void {
    this.#viewers.enter(this.#key, credentials, remember);
  }

  forget(): void {
    this.#viewers.forget(this.#key);
    this.#changed();
  }
}

function readCredentials(value: unknown): Credentials | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { username, password } = value as Record<string, unknown>;
  return {
    ...(typeof username === 'string' ? { username } : undefined),
    ...(typeof password === 'string' ? { password } : undefined),
  };
}

/** Names what is kept: another viewer of this browser, and another broker behind the same data source, get their own. */
export function viewerKey(plugin: string, uid: string, viewer: string, url: string): string {
  return `${plugin}:credentials:${[uid, viewer, url].map(encodeURIComponent).join(':')}`;
}
