import { findOverlapping, shareless, TopicTree } from '../topics';
import type { IncomingMessage } from './incoming-message';
import type { ConnectionDeps } from './connection-events';
import { Connection } from './mqtt-connection';
import type { ConnectionOptions, ConnectionStatus } from './protocol';

/**
 * The maximum number of MQTT sessions of an engine. No session holds two filters that a topic can match, because brokers
 * differ in what they send then: one copy, a copy for each subscription, copies that each name all identifiers.
 */
export const MAX_SESSIONS = 6;

/** A further session that has had no filter for so many milliseconds ends. */
const IDLE_MS = 10_000;

/** The first session was lost so soon after a further one had connected, in milliseconds, that the broker may allow only one. */
const FIGHT_MS = 2_000;
const MAX_FIGHTS = 2;

/** What comes so long after a further session was opened, in milliseconds, may be behind the response of a historian. */
const LATE_MS = 2_000;

/** Attempts of one session; the number of an attempt tells which session asks for credentials. */
const ATTEMPTS = 1_000_000;

/** One MQTT session of the engine, and the filters that it holds. */
export class Session {
  readonly #filters = new TopicTree<true>();
  connection!: Connection;
  isUp = false;
  /** When {@link isUp} changed last, by `performance.now()`. */
  changedAt = 0;
  /**
   * When its connection was lost, in milliseconds since 1970, until it is back; before a further session has connected,
   * from when on it misses messages.
   */
  lostAt: number | undefined;
  /** Since when it has had no filter, by `performance.now()`. */
  idleSince = performance.now();

  /**
   * @param index 0 is the first session, which says how the connection is.
   * @param isKept the broker stores messages while the session is away.
   */
  constructor(
    readonly index: number,
    readonly isKept: boolean
  ) {}

  /** Tells what came over this connection from what came before, in all sessions. */
  get epoch(): number {
    return this.connection.epoch * MAX_SESSIONS + this.index;
  }

  get isIdle(): boolean {
    return this.#filters.size === 0;
  }

  /** Whether it holds no filter that has a topic in common with this one. */
  isFree(filter: string): boolean {
    return findOverlapping(this.#filters, shareless(filter)).length === 0;
  }

  hold(filter: string): void {
    this.#filters.set(shareless(filter), true);
  }

  release(filter: string): void {
    this.#filters.delete(shareless(filter));
    this.idleSince = performance.now();
  }
}

export interface SessionEvents {
  /** Of the first session. */
  onStatus(status: ConnectionStatus): void;
  /** See `ConnectionEvents`. */
  onMessage(session: Session, message: IncomingMessage, receivedAt: number): number;
  onSubscribed(session: Session, filter: string, refusal: string | undefined): void;
  onCredentials(attempt: number): void;
  /** A session has connected (`resumed`: with what it had), was lost, or is given up. */
  onChange(session: Session, change: 'connected' | 'resumed' | 'lost' | 'given-up'): void;
  /** A further session was away for this time, in milliseconds since 1970. */
  onGap(session: Session, from: number, to: number): void;
}

/** The MQTT sessions of one engine: the first, and a few more while filters overlap. */
export class SessionSet {
  readonly #options: ConnectionOptions;
  readonly #events: SessionEvents;
  readonly #deps: ConnectionDeps;
  readonly #all: Session[] = [];
  #protocolVersion: 4 | 5 | undefined;
  #connections = 0;
  /** The broker has refused a further session since the first connected. */
  #isRefused = false;
  #fights = 0;
  #wantsUserProperties = false;

  constructor(options: ConnectionOptions, older: boolean, events: SessionEvents, deps: ConnectionDeps) {
    this.#options = options;
    this.#events = events;
    this.#deps = deps;
    this.#open(options, older);
  }

  get first(): Session {
    return this.#all[0];
  }

  get all(): readonly Session[] {
    return this.#all;
  }

  /** Whether the first session has ever connected. */
  get hasConnected(): boolean {
    return this.#connections > 0;
  }

  /** Whether the first session was lost, and is back. */
  get hasReconnected(): boolean {
    return this.#connections > 1;
  }

  /** Whether the broker lets this client have further sessions, as far as is known. */
  get mayOpen(): boolean {
    return !this.#isRefused && this.#fights < MAX_FIGHTS;
  }

  set wantsUserProperties(wants: boolean) {
    this.#wantsUserProperties = wants;
    for (const { connection } of this.#all) {
      connection.wantsUserProperties = wants;
    }
  }

  /** A session that can hold a filter; it is opened if need be. `undefined`: there is none, or none as yet. */
  place(filter: string): Session | undefined {
    const free = this.#all.find((session) => session.isFree(filter));
    if (free !== undefined || !this.first.isUp || !this.mayOpen || this.#all.length >= MAX_SESSIONS) {
      return free;
    }
    const protocolVersion = this.#protocolVersion ?? this.#options.protocolVersion;
    return this.#open({ ...this.#options, protocolVersion }, false);
  }

  /** Ends further sessions that are not needed any longer. */
  closeIdle(): void {
    const before = performance.now() - IDLE_MS;
    for (const session of this.#all.slice(1)) {
      if (session.isIdle && session.idleSince < before) {
        this.#remove(session);
      }
    }
  }

  reconnect(options: { force?: boolean }): void {
    for (const { connection } of this.#all) {
      connection.reconnect(options);
    }
  }

  /** The page has responded to the request for the credentials of an attempt. */
  takeCredentials(attempt: number, take: (connection: Connection, attempt: number) => void): void {
    const index = Math.floor(attempt / ATTEMPTS);
    const session = this.#all.find((each) => each.index === index);
    if (session !== undefined) {
      take(session.connection, attempt % ATTEMPTS);
    }
  }

  stop(done: () => void): void {
    let open = this.#all.length;
    for (const { connection } of this.#all) {
      connection.stop(() => {
        open--;
        if (open === 0) {
          done();
        }
      });
    }
  }

  #open(options: ConnectionOptions, older: boolean): Session {
    const session = new Session(this.#freeIndex(), !options.cleanStart);
    this.#all.push(session);
    const { index } = session;
    session.lostAt = this.#deps.now() + LATE_MS;
    session.connection = new Connection(
      options,
      older,
      {
        onStatus: (status) => this.#onStatus(session, status),
        onMessage: (message, receivedAt) => this.#events.onMessage(session, message, receivedAt),
        onSubscribed: (filter, refusal) => this.#events.onSubscribed(session, filter, refusal),
        onCredentials: (attempt) => this.#events.onCredentials(index * ATTEMPTS + attempt),
      },
      this.#deps,
      index === 0 ? undefined : `${this.first.connection.clientId}-${index + 1}`
    );
    session.connection.wantsUserProperties = this.#wantsUserProperties;
    return session;
  }

  #freeIndex(): number {
    let index = 0;
    while (this.#all.some((session) => session.index === index)) {
      index++;
    }
    return index;
  }

  #onStatus(session: Session, status: ConnectionStatus): void {
    const isFirst = session.index === 0;
    const wasUp = session.isUp;
    session.isUp = status.state === 'connected';
    if (wasUp || session.isUp) {
      session.changedAt = performance.now();
    }
    if (status.state === 'connected') {
      if (isFirst) {
        this.#protocolVersion = status.protocolVersion;
        this.#connections++;
        this.#isRefused = false;
      } else if (session.lostAt !== undefined) {
        this.#events.onGap(session, session.lostAt, status.since);
      }
      session.lostAt = undefined;
      if (isFirst) {
        this.#events.onStatus(status);
      }
      this.#events.onChange(session, status.sessionPresent ? 'resumed' : 'connected');
      return;
    }
    if (isFirst) {
      this.#fights += wasUp && this.#hasJustOpened() ? 1 : 0;
      this.#events.onStatus(status);
    } else if (status.state === 'stopped' || (status.state === 'connecting' && status.error !== undefined)) {
      this.#isRefused = true;
      // Not within its own call: it sets a timer for its next attempt when this returns.
      queueMicrotask(() => this.#giveUp(session));
      return;
    }
    if (wasUp) {
      session.lostAt = status.since;
      this.#events.onChange(session, 'lost');
    }
  }

  /** Whether a further session connected so shortly ago that the first may have been lost because of it. */
  #hasJustOpened(): boolean {
    const before = performance.now() - FIGHT_MS;
    return this.#all.some(({ index, isUp, changedAt }) => index > 0 && isUp && changedAt > before);
  }

  #giveUp(session: Session): void {
    if (this.#remove(session)) {
      this.#events.onChange(session, 'given-up');
    }
  }

  #remove(session: Session): boolean {
    const at = this.#all.indexOf(session);
    if (at > 0) {
      this.#all.splice(at, 1);
      session.isUp = false;
      session.connection.stop(() => undefined);
    }
    return at > 0;
  }
}
