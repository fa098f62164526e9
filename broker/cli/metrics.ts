import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Broker } from '../broker';
import type { Stats } from '../stats';

/** Name, source in the statistics, help text and type of each metric. `docs/broker.md` lists them for users. */
const METRICS: ReadonlyArray<readonly [string, keyof Stats, string, 'gauge' | 'counter']> = [
  ['mqtt_connections', 'connections', 'Open connections, including those that have not sent CONNECT', 'gauge'],
  ['mqtt_clients', 'clients', 'Connected clients', 'gauge'],
  ['mqtt_subscriptions', 'subscriptions', 'Subscriptions of the connected clients', 'gauge'],
  ['mqtt_sessions', 'sessions', 'Sessions that outlive their connection', 'gauge'],
  ['mqtt_retained_messages', 'retainedMessages', 'Retained messages', 'gauge'],
  ['mqtt_retained_bytes', 'retainedBytes', 'Bytes of topics and payloads of retained messages', 'gauge'],
  ['mqtt_queued_messages', 'queuedMessages', 'QoS 1 and 2 messages queued for sessions', 'gauge'],
  ['mqtt_queued_bytes', 'queuedBytes', 'Bytes of topics and payloads of queued messages', 'gauge'],
  ['mqtt_received_bytes_total', 'bytesIn', 'Bytes received from clients', 'counter'],
  ['mqtt_sent_bytes_total', 'bytesOut', 'Bytes sent to clients', 'counter'],
  ['mqtt_received_messages_total', 'publishesIn', 'PUBLISH packets received from clients', 'counter'],
  ['mqtt_retained_messages_refused_total', 'retainedRefused', 'Messages not retained because of a limit', 'counter'],
  ['mqtt_queued_messages_dropped_total', 'queueDropped', 'Messages not queued because of a limit', 'counter'],
  ['mqtt_subscriptions_refused_total', 'subscriptionsRefused', 'Filters refused because of a limit', 'counter'],
  ['mqtt_history_messages', 'historyMessages', 'Messages in the history', 'gauge'],
  ['mqtt_history_bytes', 'historyBytes', 'Bytes of the history', 'gauge'],
  ['mqtt_history_topics', 'historyTopics', 'Topics in the history', 'gauge'],
  ['mqtt_history_oversized_total', 'historyOversized', 'Messages too large for the history', 'counter'],
  ['mqtt_history_requests_total', 'historyRequests', 'History requests accepted', 'counter'],
  ['mqtt_authentication_failures_total', 'authenticationFailures', 'Refused logins', 'counter'],
  ['mqtt_client_errors_total', 'clientErrors', 'Clients disconnected or refused because of an error', 'counter'],
];

/** The metrics of a broker, and those of its process, as the Prometheus client renders them. */
export function createRegistry(broker: Pick<Broker, 'stats'>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Read once per scrape: the first metric is collected first
  let stats = broker.stats();
  for (const [index, [name, key, help, kind]] of METRICS.entries()) {
    const read = (): number => {
      if (index === 0) {
        stats = broker.stats();
      }
      return stats[key];
    };
    const metric =
      kind === 'gauge'
        ? new Gauge({
            name,
            help,
            registers: [],
            collect() {
              this.set(read());
            },
          })
        : new Counter({
            name,
            help,
            registers: [],
            collect() {
              this.reset();
              this.inc(read());
            },
          });
    registry.registerMetric(metric);
  }
  return registry;
}
