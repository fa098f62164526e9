import type { Credentials } from '../engine';
import { isRecord } from '../utils/is-object';
import { getOrSet } from '../utils/get-or-set';
import { ListenerSet } from './listener-set';

/** A viewer's own credentials for one broker. */
export interface CredentialsState {
  /** Defined from when they are entered until the broker refuses them or the viewer removes them. */
  readonly credentials?: Credentials;
  /** The last user name that was entered, so that only the password must be typed again. */
  readonly username?: string;
  /** Why the broker refused the last ones. */
  readonly refusal?: string;
  /** They survive a reload of this tab. */
  readonly remembered: boolean;
}

/** The part of `sessionStorage` and `localStorage` that is used. */
export type WebStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const NOTHING: CredentialsState = { remembered: false };

/**
 * Credentials that each viewer enters. They are stored in this page's memory and, only if the viewer wants it, in the
 * tab's `sessionStorage`, which ends with the tab. No dashboard, setting or server stores them.
 */
export class ViewerCredentials {
  readonly #storage: () => WebStorage | undefined;
  readonly #states = new Map<string, CredentialsState>();
  readonly #changes = new ListenerSet();

  /** @param storage called at each use; a browser may deny access, and then they are in memory only. */
  constructor(storage: () => WebStorage | undefined) {
    this.#storage = storage;
  }

  /**
   * The state of one broker's credentials: the same object until something changes.
   *
   * @param key see {@link viewerKey}; also the name in the storage, which other plugins share.
   */
  state(key: string): CredentialsState {
    return getOrSet(this.#states, key, () => this.#stored(key) ?? NOTHING);
  }

  /** @param remember keep them over reloads of this tab. */
  enter(key: string, credentials: Credentials, remember: boolean): void {
    this.#store(key, remember ? credentials : undefined);
    this.#set(key, { credentials, username: credentials.username, remembered: remember });
  }

  /** The broker refused them: removes them, so that they must be entered again. */
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
      // The storage is full or denied: they are in memory only, and must be entered again after a reload.
    }
  }
}

/** The credentials of one broker, for a form that asks for them. */
export class CredentialsPrompt {
  readonly #viewers: ViewerCredentials;
  /** See {@link viewerKey}. */
  readonly key: string;
  readonly #suggested: string | undefined;
  readonly #changed: () => void;

  /**
   * @param suggested the user name that the form suggests.
   * @param changed called when other credentials apply from now on.
   */
  constructor(viewers: ViewerCredentials, key: string, suggested: string | undefined, changed: () => void) {
    this.#viewers = viewers;
    this.key = key;
    this.#suggested = suggested;
    this.#changed = changed;
  }

  /** The user name that the form suggests until one is entered. */
  get suggested(): string {
    return this.#suggested ?? '';
  }

  readonly state = (): CredentialsState => this.#viewers.state(this.key);

  get subscribe(): ViewerCredentials['subscribe'] {
    return this.#viewers.subscribe;
  }

  enter(credentials: Credentials, remember: boolean): void {
    this.take(credentials, remember);
    this.#changed();
  }

  /** Stores credentials for the next connection; open connections stay as they are. */
  take(credentials: Credentials, remember: boolean): void {
    this.#viewers.enter(this.key, credentials, remember);
  }

  forget(): void {
    this.#viewers.forget(this.key);
    this.#changed();
  }
}

function readCredentials(value: unknown): Credentials | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const { username, password } = value;
  return {
    ...(typeof username === 'string' ? { username } : undefined),
    ...(typeof password === 'string' ? { password } : undefined),
  };
}

/**
 * The key of stored credentials: another viewer of this browser, or another broker of the data source, has another key.
 */
export function viewerKey(plugin: string, uid: string, viewer: string, url: string): string {
  return `${plugin}:credentials:${[uid, viewer, url].map(encodeURIComponent).join(':')}`;
}
