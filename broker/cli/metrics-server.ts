import { createServer } from 'node:http';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Broker } from '../broker';
import { listen, urlOf } from '../transport/ports';
import type { Stats } from '../stats';

export interface HttpServer {
  url: string;
  close(): Promise<void>;
}

export interface HttpOptions {
  /** Default: `127.0.0.1`. */
  host?: string;
  /** 0 takes any free one. */
  port: number;
}

/** Name, what is counted, and whether it only rises. */
const METRICS: ReadonlyArray<readonly [string, keyof Stats, string, 'gauge' | 'counter']> = [
  ['mqtt_connections', 'connections', 'Open connections, those that have not said CONNECT included', 'gauge'],
  ['mqtt_clients', 'clients', 'Connected clients', 'gauge'],
  ['mqtt_subscriptions', 'subscriptions', 'Filters of the connected clients', 'gauge'],
  ['mqtt_sessions', 'sessions', 'Sessions that outlive their connection', 'gauge'],
  ['mqtt_retained_messages', 'retainedMessages', 'Retained messages', 'gauge'],
  ['mqtt_retained_bytes', 'retainedBytes', 'Bytes of topics and payloads of retained messages', 'gauge'],
  ['mqtt_queued_messages', 'queuedMessages', 'QoS 1 and 2 messages that wait for sessions', 'gauge'],
  ['mqtt_queued_bytes', 'queuedBytes', 'Bytes of topics and payloads of the messages that wait for sessions', 'gauge'],
  ['mqtt_received_bytes_total', 'bytesIn', 'Bytes received from clients', 'counter'],
  ['mqtt_sent_bytes_total', 'bytesOut', 'Bytes sent to clients', 'counter'],
  ['mqtt_publish_received_total', 'publishesIn', 'PUBLISH packets received from clients', 'counter'],
  ['mqtt_retained_refused_total', 'retainedRefused', 'Messages that were not retained because of a limit', 'counter'],
  ['mqtt_queue_dropped_total', 'queueDropped', 'Messages that were not queued because of a limit', 'counter'],
  ['mqtt_subscribe_refused_total', 'subscribeRefused', 'Filters that were refused because of a limit', 'counter'],
  ['mqtt_history_messages', 'historyMessages', 'Messages of the history', 'gauge'],
  ['mqtt_history_bytes', 'historyBytes', 'Bytes of the history', 'gauge'],
  ['mqtt_history_topics', 'historyTopics', 'Topics of the history', 'gauge'],
  ['mqtt_history_left_out_total', 'historyLeftOut', 'Messages that were too large for the history', 'counter'],
  ['mqtt_history_asks_total', 'historyAsks', 'Asks for history that were taken up', 'counter'],
  ['mqtt_login_failures_total', 'loginFailures', 'Logins that were refused', 'counter'],
  ['mqtt_client_errors_total', 'clientErrors', 'Clients that were dropped or refused for a reason', 'counter'],
];

/**
 * Serves `/healthz` and `/metrics`. Whoever reaches it may read it: no client id, topic or user is in it.
 *
 * @throws BrokerError when it cannot listen
 */
export async function serveHttp(broker: Pick<Broker, 'stats'>, options: HttpOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port } = options;
  const registry = createRegistry(broker);
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    } else if (path === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500).end(String(error))
      );
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There are /healthz and /metrics here.\n');
    }
  });
  const got = await listen(server, { host, port, portTaken: 'fail' });
  return {
    url: urlOf('http', host, got),
    close: () =>
      new Promise((resolve) => {
        registry.clear();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createRegistry(broker: Pick<Broker, 'stats'>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // Read once for each scrape: the first metric is collected first
  let stats = broker.stats();
  for (const [index, [name, key, help, kind]] of METRICS.entries()) {
    const refresh = (): number => {
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
              this.set(refresh());
            },
          })
        : new Counter({
            name,
            help,
            registers: [],
            collect() {
              this.reset();
              this.inc(refresh());
            },
          });
    registry.registerMetric(metric);
  }
  return registry;
}
