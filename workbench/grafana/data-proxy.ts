import { type ClientRequest, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';

/**
 * Grafana's data source proxy, the parts for WebSockets and tokens: `pkg/api/pluginproxy/ds_proxy.go` and
 * `pkg/services/datasources/service/datasource.go` (docs/development/grafana-core.md, The proxy).
 */

/** A data source in Grafana's database, with its secrets. */
export interface StoredDataSource {
  readonly url: string;
  readonly basicAuth?: boolean;
  readonly basicAuthUser?: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
}

/** A route of plugin.json: only the method GET, and only the properties used here. */
export interface Route {
  readonly path: string;
  readonly method: string;
  readonly url: string;
}

/** The user of a session. */
export interface SignedInUser {
  readonly login: string;
  /** Signed by Grafana, for services that need the identity of the user (`id_forwarding`). */
  readonly idToken?: string;
  /** The token of an OAuth login. */
  readonly oauth?: { readonly accessToken: string; readonly idToken?: string };
}

export interface DataProxyDeps {
  dataSource(uid: string): StoredDataSource | undefined;
  readonly routes: readonly Route[];
  /** Whether the request has a session; without one the answer is 401. */
  signedIn(request: IncomingMessage): boolean;
  /** Default: an unknown user. */
  readonly user?: (request: IncomingMessage) => SignedInUser;
  /** `[dataproxy] send_user_header`. Default: off. */
  readonly sendUserHeader?: boolean;
}

const PROXY = /^\/api\/datasources\/proxy\/uid\/([^/?]+)\/?([^?]*)(\?.*)?$/;

/** Connection, Upgrade and the rest of RFC 9110, 7.6.1; the reverse proxy puts the two of an upgrade back. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Whether {@link proxyRequest} and {@link proxyUpgrade} answer the path of a request. */
export function isProxied(url: string | undefined): boolean {
  return PROXY.test(url ?? '');
}

/** Forwards a plain request, which fetches a token. */
export function proxyRequest(request: IncomingMessage, response: ServerResponse, deps: DataProxyDeps): void {
  const fail = (status: number, message: string): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  };
  const outgoing = open(request, deps, fail);
  outgoing?.on('response', (answer) => {
    // The browser would mistake a 401 of the target for Grafana's own (ds_proxy.go:112-135).
    if (answer.statusCode === 401) {
      answer.resume();
      response.writeHead(400).end('Authentication to data source failed');
      return;
    }
    const { 'set-cookie': _, ...headers } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, headers);
    answer.pipe(response);
  });
  outgoing?.on('error', () => fail(502, 'Bad Gateway'));
  outgoing?.end();
}

/** Forwards the upgrade to a WebSocket, and then every byte. */
export function proxyUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, deps: DataProxyDeps): void {
  const fail = (status: number, message: string): void => {
    socket.end(`HTTP/1.1 ${status} ${message}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  };
  socket.on('error', () => socket.destroy());
  // csrf.go:71-141: a GET with an Origin of another host is refused.
  const { origin, host } = request.headers;
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host !== host) {
    fail(403, 'origin not allowed');
    return;
  }
  const outgoing = open(request, deps, fail);
  socket.on('close', () => outgoing?.destroy());
  outgoing?.on('response', (answer) => {
    answer.resume();
    fail(answer.statusCode === 401 ? 400 : (answer.statusCode ?? 502), answer.statusMessage ?? '');
  });
  outgoing?.on('upgrade', (answer, upstream, upstreamHead) => {
    const lines = rawHeaders(answer).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
    socket.write(upstreamHead);
    upstream.write(head);
    upstream.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    upstream.pipe(socket).pipe(upstream);
  });
  outgoing?.on('error', () => fail(502, 'Bad Gateway'));
  outgoing?.end();
}

/** The request to the target; undefined after a call of `fail`. */
function open(
  request: IncomingMessage,
  deps: DataProxyDeps,
  fail: (status: number, message: string) => void
): ClientRequest | undefined {
  const [, uid = '', rest = '', query = ''] = PROXY.exec(request.url ?? '') ?? [];
  if (!deps.signedIn(request)) {
    fail(401, 'Unauthorized');
    return undefined;
  }
  const source = deps.dataSource(decodeURIComponent(uid));
  if (source === undefined) {
    fail(404, 'Data source not found');
    return undefined;
  }
  const route = deps.routes.find(({ path, method }) => request.method === method && rest.startsWith(path));
  const target = targetOf(source, route, rest);
  // The transport knows http and https; a ws:// target is a Bad Gateway.
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    fail(502, 'Bad Gateway');
    return undefined;
  }
  const options: RequestOptions = {
    method: request.method,
    path: `${target.pathname}${query}`,
    headers: headersFor(request, source, target, deps),
    ...tlsOptions(source),
  };
  // A connection of its own: Go sends a request again where a kept one has just been closed, and Node does not.
  return (target.protocol === 'https:' ? httpsRequest : httpRequest)(target.origin, { agent: false, ...options });
}

/** The target of a request: the data source's URL joined with the rest, or the URL of a route of plugin.json. */
function targetOf({ url, jsonData }: StoredDataSource, route: Route | undefined, rest: string): URL | undefined {
  try {
    if (route === undefined) {
      return joined(new URL(url), rest);
    }
    const filled = route.url.replace(/\{\{ *\.JsonData\.(\w+) *\}\}/g, (_, key: string) => {
      const value = jsonData[key];
      return typeof value === 'string' ? value : '<no value>';
    });
    // A route's URL gives scheme, host and path; its query is ignored (ds_auth_provider.go).
    return joined(new URL(filled), rest.slice(route.path.length));
  } catch {
    return undefined;
  }
}

/** `JoinURLFragments`: exactly one slash between two parts, and no slash if the second is empty. */
function joined(base: URL, rest: string): URL {
  const target = new URL(base.origin);
  target.pathname = rest === '' ? base.pathname : `${base.pathname.replace(/\/$/, '')}/${rest.replace(/^\//, '')}`;
  return target;
}

function headersFor(
  request: IncomingMessage,
  source: StoredDataSource,
  target: URL,
  deps: DataProxyDeps
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && !HOP_BY_HOP.includes(name)) {
      headers[name] = value;
    }
  }
  if (/upgrade/i.test(request.headers.connection ?? '') && request.headers.upgrade !== undefined) {
    headers['connection'] = 'Upgrade';
    headers['upgrade'] = request.headers.upgrade;
  }
  // ClearCookieHeader without `keepCookies`; PrepareProxyRequest (proxyutil.go:31-32).
  for (const name of ['cookie', 'origin', 'referer', 'accept-encoding', 'x-grafana-user']) {
    delete headers[name];
  }
  headers['host'] = target.host;
  headers['x-forwarded-for'] = request.socket.remoteAddress ?? '';
  const { basicAuth, basicAuthUser = '', jsonData, secureJsonData } = source;
  if (basicAuth === true) {
    headers['authorization'] = basic(basicAuthUser, secureJsonData['basicAuthPassword'] ?? '');
  }
  Object.assign(headers, identityOf(deps, request, jsonData['oauthPassThru'] === true));
  for (let n = 1; typeof jsonData[`httpHeaderName${n}`] === 'string' && jsonData[`httpHeaderName${n}`] !== ''; n++) {
    const value = secureJsonData[`httpHeaderValue${n}`];
    if (value !== undefined) {
      headers[String(jsonData[`httpHeaderName${n}`]).toLowerCase()] = value;
    }
  }
  return headers;
}

/** Adds the identity of the viewer, in the order of ds_proxy.go. */
function identityOf(
  { user, sendUserHeader = false }: DataProxyDeps,
  request: IncomingMessage,
  oauthPassThru: boolean
): Record<string, string> {
  const { login, idToken, oauth } = user?.(request) ?? {};
  return {
    // applyUserHeader (:236): otherwise a browser could claim any identity.
    ...(sendUserHeader && login !== undefined ? { 'x-grafana-user': login } : undefined),
    ...(oauthPassThru && oauth !== undefined
      ? {
          authorization: `Bearer ${oauth.accessToken}`,
          ...(oauth.idToken === undefined ? undefined : { 'x-id-token': oauth.idToken }),
        }
      : undefined),
    ...(idToken === undefined ? undefined : { 'x-grafana-id': idToken }),
  };
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function tlsOptions({ jsonData, secureJsonData }: StoredDataSource): RequestOptions {
  return {
    ...(jsonData['tlsAuth'] === true
      ? { cert: secureJsonData['tlsClientCert'], key: secureJsonData['tlsClientKey'] }
      : undefined),
    ...(jsonData['tlsAuthWithCACert'] === true ? { ca: secureJsonData['tlsCACert'] } : undefined),
    ...(jsonData['tlsSkipVerify'] === true ? { rejectUnauthorized: false } : undefined),
    ...(typeof jsonData['serverName'] === 'string' ? { servername: jsonData['serverName'] } : undefined),
  };
}

function rawHeaders({ rawHeaders: raw }: IncomingMessage): Array<[string, string]> {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]] as [string, string]] : []));
}
