import type { Aedes } from 'aedes';
import { internals } from './aedes/internals';
import type { Admission } from './transport/connection-limiter';
import type { ClientFilters } from './auth/subscription-limits';
import type { HistoryStats } from './history/service';
import type { Traffic } from './transport/rate-limiter';
import type { Logins } from './auth/authenticated-clients';
import type { SessionKeeper } from './aedes/session-expiry';
import type { StoredCounts } from './storage/limits';

/** What a broker has and has done; the counters count since it started. */
export interface Stats extends Traffic, StoredCounts {
  /** Connections, those that have not said CONNECT included. */
  connections: number;
  /** Clients that are connected. */
  clients: number;
  subscriptions: number;
  sessions: number;
  /** Filters that were refused because of a limit. */
  subscribeRefused: number;
  loginFailures: number;
  /** Clients that were dropped or refused for a reason. */
  clientErrors: number;
  /** What is kept of the past: messages, their bytes, and topics. */
  historyMessages: number;
  historyBytes: number;
  historyTopics: number;
  /** Messages that were not kept for being too large. */
  historyLeftOut: number;
  /** Asks for history that were taken up. */
  historyAsks: number;
}

export interface StatsSources {
  aedes: Aedes;
  admission: Admission;
  traffic: Traffic;
  sessions: Pick<SessionKeeper, 'size'>;
  filters: Pick<ClientFilters, 'refused'>;
  stored: StoredCounts;
  logins: Logins;
  errors: { count: number };
  /** Undefined for a broker that keeps none. */
  history: HistoryStats | undefined;
}

export function readStats({
  aedes,
  admission,
  traffic,
  sessions,
  filters,
  stored,
  logins,
  errors,
  history,
}: StatsSources): Stats {
  const clients = Object.values(internals(aedes).clients);
  return {
    ...traffic,
    ...stored,
    connections: admission.open,
    clients: clients.length,
    subscriptions: clients.reduce((sum, { subscriptions }) => sum + Object.keys(subscriptions).length, 0),
    sessions: sessions.size,
    subscribeRefused: filters.refused,
    loginFailures: logins.failures,
    clientErrors: errors.count,
    historyMessages: history?.messages ?? 0,
    historyBytes: history?.bytes ?? 0,
    historyTopics: history?.topics ?? 0,
    historyLeftOut: history?.leftOut ?? 0,
    historyAsks: history?.asks ?? 0,
  };
}
