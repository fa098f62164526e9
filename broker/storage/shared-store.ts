import type { StorageLimits, LimitReports } from './limit-reports';

/** A store that several brokers share. */
export interface SharedStore {
  /** Limits queues and retained messages over all brokers. Called before anything is stored. */
  limit(limits: StorageLimits, notes: LimitReports): void;
  /** Updates the counts, which other brokers change too. */
  refresh(): Promise<void>;
  readonly sessions: SharedSessionStore;
  readonly connections: SharedConnections;
}

/** The sessions of all brokers that outlive their connection. */
export interface SharedSessionStore {
  /** Notes that these clients were connected at a time, in milliseconds since 1970. */
  seen(clientIds: readonly string[], at: number): Promise<unknown>;
  count(): Promise<number>;
  /** Number of sessions, without the session of this client. */
  countExcept(clientId: string): Promise<number>;
  /** Client ids of some sessions that were last seen before a time, in milliseconds since 1970. */
  lastSeenBefore(time: number): Promise<string[]>;
  /** Ends a session unless its client was seen since; another broker may have ended it first. */
  end(clientId: string, unseenSince: number): Promise<void>;
}

/** The connected clients of all brokers. */
export interface SharedConnections {
  /** Adds a client of this broker. */
  add(clientId: string, user: string | undefined): Promise<void>;
  /** Removes a client of this broker. */
  remove(clientId: string): Promise<void>;
  /** The user of the client with this id at another broker; undefined when no other broker has it. */
  findOnOtherBrokers(clientId: string): Promise<{ user: string | undefined } | undefined>;
}
