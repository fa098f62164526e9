import type { StorageLimits, LimitReports } from './limit-reports';

/** What a store that several brokers share does for all of them. */
export interface SharedStore {
  /** Bounds queues and retained messages, over all brokers. Called before anything is stored. */
  limit(limits: StorageLimits, notes: LimitReports): void;
  /** Counts again what is stored: other brokers store and remove, too. */
  refresh(): Promise<void>;
  readonly sessions: SharedSessionStore;
  readonly connections: SharedConnections;
}

/** The sessions of all brokers that outlive their connection. */
export interface SharedSessionStore {
  /** Their clients are there at this time, in milliseconds since 1970. */
  seen(clientIds: readonly string[], at: number): Promise<unknown>;
  count(): Promise<number>;
  /** How many there are without that of this client. */
  countExcept(clientId: string): Promise<number>;
  /** Some of those that were last seen before this time. */
  lastSeenBefore(time: number): Promise<string[]>;
  /** Ends one, if it was not seen since; another broker may have been faster. */
  end(clientId: string, unseenSince: number): Promise<void>;
}

/** Who is connected, at whatever broker. */
export interface SharedConnections {
  /** A client is connected to this broker, as this user. */
  add(clientId: string, user: string | undefined): Promise<void>;
  /** It has left. */
  remove(clientId: string): Promise<void>;
  /** Who is connected to another broker with this client id. */
  findOnOtherBrokers(clientId: string): Promise<{ user: string | undefined } | undefined>;
}
