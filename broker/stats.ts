import type { Aedes } from 'aedes';
import { internals } from './aedes/internals';
import type { ConnectionLimiter } from './transport/connection-limiter';
import type { SubscriptionLimits } from './auth/subscription-limits';
import type { HistoryStats } from './history/service';
import type { Traffic } from './transport/rate-limiter';
import type { AuthenticatedClients } from './auth/authenticated-clients';
import type { SessionExpiry } from './aedes/session-expiry';
import type { StorageCounts } from './storage/limit-reports';

/** The broker's current state, and counters since it started. */
export interface Stats extends Traffic, StorageCounts {
  /** Open connections, including those that have not sent CONNECT. */
  connections: number;
  /** Connected clients. */
  clients: number;
  /** Subscriptions of the connected clients. */
  subscriptions: number;
  sessions: number;
  /** Filters refused because of a limit. */
  subscriptionsRefused: number;
  /** Refused logins. */
  authenticationFailures: number;
  /** Clients disconnected or refused because of an error. */
  clientErrors: number;
  /** Messages in the history. */
  historyMessages: number;
  /** Size of the history, in bytes. */
  historyBytes: number;
  /** Topics in the history. */
  historyTopics: number;
  /** Messages that were too large for the history. */
  historyOversized: number;
  /** History requests accepted. */
  historyRequests: number;
}

/** The parts of a broker that count. */
export interface StatsSources {
  aedes: Aedes;
  connectionLimiter: ConnectionLimiter;
  traffic: Traffic;
  sessions: Pick<SessionExpiry, 'size'>;
  subscriptionLimits: Pick<SubscriptionLimits, 'refused'>;
  storage: StorageCounts;
  authenticatedClients: AuthenticatedClients;
  errors: { count: number };
  /** Undefined for a broker without history. */
  history: HistoryStats | undefined;
}

/** Collects the statistics of a broker. The cost grows with the number of connected clients. */
export function readStats({
  aedes,
  connectionLimiter,
  traffic,
  sessions,
  subscriptionLimits,
  storage,
  authenticatedClients,
  errors,
  history,
}: StatsSources): Stats {
  const clients = Object.values(internals(aedes).clients);
  return {
    ...traffic,
    ...storage,
    connections: connectionLimiter.open,
    clients: clients.length,
    subscriptions: clients.reduce((sum, { subscriptions }) => sum + Object.keys(subscriptions).length, 0),
    sessions: sessions.size,
    subscriptionsRefused: subscriptionLimits.refused,
    authenticationFailures: authenticatedClients.failures,
    clientErrors: errors.count,
    historyMessages: history?.messages ?? 0,
    historyBytes: history?.bytes ?? 0,
    historyTopics: history?.topics ?? 0,
    historyOversized: history?.oversized ?? 0,
    historyRequests: history?.requests ?? 0,
  };
}
