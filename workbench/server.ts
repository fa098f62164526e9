import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

import { listen } from '../broker/transport/ports';
import { messageOf } from '../src/utils/errors';
import { contentType, fileFor, type Folders } from './files';
import { type DataProxyDeps, isProxied, proxyRequest, proxyUpgrade, type StoredDataSource } from './grafana/data-proxy';
import { drawnIcon } from './icons';
import type { WorkbenchInfo } from './info';
import { ROUTES } from './paths';
import { DataSourceStore } from './store';

export interface ServerOptions {
  /** 0: any free port. */
  port: number;
  /** Read at each request, because a watcher may change `host`. */
  folders: Folders;
  info: WorkbenchInfo;
  /** Data sources that the server has from the start. */
  dataSources?: ReadonlyArray<StoredDataSource & { uid: string }>;
  /** A Content-Security-Policy, sent with every response as Grafana does if it is enabled. */
  policy?: string;
}

export interface WorkbenchServer {
  readonly url: string;
  readonly port: number;
  /** The requested port; `port` differs if it was taken. */
  readonly requestedPort: number;
  /** Reloads every open page. */
  reload: () => void;
  close: () => Promise<void>;
}

const HOST = '127.0.0.1';

/** Serves the page, the built plugin and Grafana's static files at the same paths as Grafana; on loopback only. */
export async function startServer({
  port,
  folders,
  info,
  policy,
  dataSources = [],
}: ServerOptions): Promise<WorkbenchServer> {
  const pages = new Set<ServerResponse>();
  const store = new DataSourceStore();
  dataSources.forEach((source) => store.put(source));
  const proxy: DataProxyDeps = { dataSource: (uid) => store.get(uid), routes: ROUTES, signedIn: () => true };
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (isProxied(request.url)) {
      proxyUpgrade(request, socket, head, proxy);
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    }
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [pathname] = (request.url ?? '/').split('?');
    if (policy !== undefined) {
      response.setHeader('content-security-policy', policy);
    }
    if (isProxied(request.url)) {
      proxyRequest(request, response, proxy);
    } else if (request.method === 'PUT' && pathname.startsWith('/api/datasources/uid/')) {
      await save(request, response, store);
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(response, 405, 'text/plain', 'Only GET');
    } else if (pathname === '/workbench.json') {
      send(response, 200, 'application/json', JSON.stringify(info));
    } else if (pathname === '/api/login/ping') {
      // Core's own live service requests it after a lost connection (docs/development/grafana-core.md, The proxy).
      send(response, 200, 'application/json', '{"message":"Logged in"}');
    } else if (pathname === '/events') {
      openEvents(response, pages);
    } else {
      await sendFile(response, pathname, info.pluginId, folders);
    }
  }

  const taken = await listen(server, { host: HOST, port, portTaken: 'next' });
  return {
    port: taken,
    requestedPort: port,
    url: `http://${HOST}:${taken}/`,
    reload: () => pages.forEach((page) => page.write('event: reload\ndata:\n\n')),
    close: () => close(server),
  };
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer, cache = 'no-store'): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': cache,
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** Saves the settings. Secrets stay on this server. */
async function save(request: IncomingMessage, response: ServerResponse, store: DataSourceStore): Promise<void> {
  // The browser sends a PUT of JSON from another site only with permission (CORS), which this server does not give.
  if (request.headers['content-type'] !== 'application/json') {
    send(response, 415, 'text/plain', 'Only JSON');
    return;
  }
  try {
    store.put(await json(request));
    send(response, 200, 'application/json', '{"message":"Datasource updated"}');
  } catch (error) {
    send(response, 400, 'text/plain', messageOf(error));
  }
}

async function sendFile(response: ServerResponse, pathname: string, pluginId: string, folders: Folders): Promise<void> {
  const served = fileFor(pathname, pluginId, folders);
  const body = served && (await readFile(served.file).catch(() => undefined));
  const icon = drawnIcon(pathname.replace(/^\/public\/build\/img\/icons\/|\.svg$/g, ''));
  if (served && body) {
    send(response, 200, contentType(served.file), body, served.cache);
  } else if (icon !== undefined) {
    send(response, 200, 'image/svg+xml', icon);
  } else {
    send(response, 404, 'text/plain', 'Not found');
  }
}

function openEvents(response: ServerResponse, pages: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(':ok\n\n');
  pages.add(response);
  response.on('close', () => pages.delete(response));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    // Otherwise the event streams of open pages would hold the server open for ever.
    server.closeAllConnections();
  });
}
