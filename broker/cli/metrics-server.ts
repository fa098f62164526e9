import { createServer } from 'node:http';
import type { Broker } from '../broker';
import { listen, urlOf } from '../transport/ports';
import { createRegistry } from './metrics';

export interface MetricsServer {
  url: string;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  /** Default: `127.0.0.1`. */
  host?: string;
  /** 0 for any free port. */
  port: number;
}

/**
 * Serves `/healthz` and `/metrics` over HTTP, without authentication: they contain no client id, topic or user.
 *
 * @throws BrokerError when the server cannot listen
 */
export async function startMetricsServer(
  broker: Pick<Broker, 'stats'>,
  options: MetricsServerOptions
): Promise<MetricsServer> {
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
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('Not found. This server has /healthz and /metrics.\n');
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
