import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import type { DataSourceInstanceSettings } from '@grafana/data';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { listen } from '../broker/transport/ports';
import type { ConnectionOptions } from '../src/engine';
import type { ConnectionClient } from '../src/connection/client';
import type { PageServices } from '../src/connection/page-services';
import { diagnose, type BrowserEnvironment } from '../src/connection/diagnose';
import { connectionOptions } from '../src/connection/settings';
import { healthCheck } from '../src/query/health-check';
import { testPool } from '../src/testing/test-pool';
import type { MqttOptions } from '../src/types';
import {
  type DataProxyDeps,
  proxyRequest,
  proxyUpgrade,
  type SignedInUser,
  type StoredDataSource,
} from './grafana/data-proxy';
import { nginxPath, startNginx } from './nginx';
import { ROUTES } from './paths';

/** Access mode *proxy*: a connection through Grafana's data source proxy. */

interface Upgraded extends IncomingMessage {
  readonly headers: IncomingHttpHeaders;
}

/** A broker that authenticates clients by the Authorization header of the upgrade request, and records all upgrades. */
async function brokerByHeader(allowed: (authorization: string) => boolean) {
  const upgrades: IncomingMessage[] = [];
  const broker = await startBroker({
    authenticate: (client, _username, _password, done) => {
      const request = (client as unknown as { req?: Upgraded }).req;
      if (request !== undefined) {
        upgrades.push(request);
      }
      const good = allowed(request?.headers.authorization ?? '');
      done(good ? null : Object.assign(new Error('no'), { returnCode: 5 as const }), good);
    },
  });
  return { broker, upgrades };
}

interface Grafana {
  readonly host: string;
  readonly url: string;
  signedIn: boolean;
  user: SignedInUser;
  sendUserHeader: boolean;
  sources: Record<string, StoredDataSource>;
  close(): Promise<void>;
}

/** The parts of Grafana's server that a connection uses. */
async function startGrafana(): Promise<Grafana> {
  const grafana = {
    signedIn: true,
    user: { login: 'ann' } as SignedInUser,
    sendUserHeader: false,
    sources: {} as Record<string, StoredDataSource>,
  };
  const deps: DataProxyDeps = {
    dataSource: (uid) => grafana.sources[uid],
    routes: ROUTES,
    signedIn: () => grafana.signedIn,
    user: () => grafana.user,
    get sendUserHeader() {
      return grafana.sendUserHeader;
    },
  };
  const server: Server = createServer((request, response) => {
    if (request.url === '/api/login/ping') {
      response.writeHead(grafana.signedIn ? 200 : 401).end('{}');
    } else {
      proxyRequest(request, response, deps);
    }
  });
  server.on('upgrade', (request, socket, head) => proxyUpgrade(request, socket, head, deps));
  const port = await listen(server, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
  const host = `127.0.0.1:${port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return Object.assign(grafana, { host, url: `http://${host}`, close });
}

const stored = (url: string, over: Partial<StoredDataSource> = {}): StoredDataSource => ({
  url,
  jsonData: {},
  secureJsonData: {},
  ...over,
});

const http = (broker: TestBroker): string => (broker.ws?.url ?? '').replace(/^ws/, 'http');

function optionsFor(
  host: string,
  {
    access,
    url,
    jsonData = {},
    appSubUrl = '',
  }: Pick<DataSourceInstanceSettings, 'access' | 'url'> & {
    jsonData?: MqttOptions;
    appSubUrl?: string;
  }
): ConnectionOptions {
  return connectionOptions({ access, url, jsonData }, { protocol: 'http:', host, appSubUrl });
}

const proxied = { access: 'proxy', url: '/api/datasources/proxy/uid/u' } as const;
const LIMITS = { lingerMs: 0, memoryBytes: Infinity };

async function statusOf(connection: ConnectionClient): Promise<ConnectionClient['status']> {
  await expect
    .poll(() => connection.status.state !== 'connecting' || connection.status.error !== undefined, { timeout: 15_000 })
    .toBe(true);
  return connection.status;
}

describe('through Grafana', () => {
  let grafana: Grafana;
  const release: Array<() => unknown> = [];

  beforeEach(async () => {
    grafana = await startGrafana();
  });
  afterEach(async () => {
    for (const step of release.splice(0).toReversed()) {
      await step();
    }
    await grafana.close();
  });

  function connect(options: ConnectionOptions, browser?: BrowserEnvironment): ConnectionClient {
    const server = { url: options.url, access: 'proxy' } as const;
    const services: PageServices | undefined = browser && { diagnose: (error) => diagnose(error, server, browser) };
    const connection = testPool().get('u', options, LIMITS, services);
    release.push(connection.hold());
    return connection;
  }

  async function withBroker(allowed: (authorization: string) => boolean) {
    const started = await brokerByHeader(allowed);
    release.push(() => started.broker.close());
    return started;
  }

  /** A server that accepts every upgrade and then sends nothing. */
  async function upgradeTarget(): Promise<{ target: string; upgrades: IncomingMessage[] }> {
    const upgrades: IncomingMessage[] = [];
    const server = createServer();
    server.on('upgrade', (request, socket) => {
      upgrades.push(request);
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    const port = await listen(server, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
    release.push(() => new Promise((resolve) => server.close(resolve)));
    return { target: `http://127.0.0.1:${port}/mqtt`, upgrades };
  }

  /** The browser of a page, whose requests go to this test's Grafana. */
  function browserEnvironment(): BrowserEnvironment {
    return {
      address: { protocol: 'http:', host: grafana.host, appSubUrl: '' },
      violations: { connection: () => undefined, engine: () => undefined },
      offline: () => false,
      ping: async () => (await fetch(`${grafana.url}/api/login/ping`)).status,
      probe: async (url) => (await fetch(url.replace(/^ws/, 'http'), { redirect: 'manual' })).status,
    };
  }

  it('sends the stored user and password to the broker, and nothing of the browser', async () => {
    const { broker, upgrades } = await withBroker((it) => it === `Basic ${btoa('grafana:secret')}`);
    grafana.sources['u'] = stored(http(broker), {
      basicAuth: true,
      basicAuthUser: 'grafana',
      secureJsonData: { basicAuthPassword: 'secret', httpHeaderValue1: 'blue' },
      jsonData: { httpHeaderName1: 'X-Plant' },
    });
    const options = optionsFor(grafana.host, proxied);
    expect(JSON.stringify(options)).not.toContain('secret');
    expect(await statusOf(connect(options))).toMatchObject({ state: 'connected' });
    const { headers, url } = upgrades.at(-1)!;
    expect(url).toBe('/mqtt');
    expect(headers).toMatchObject({ 'x-plant': 'blue', 'sec-websocket-protocol': 'mqtt' });
    expect(headers['host']).toBe(new URL(http(broker)).host);
    expect(headers).not.toHaveProperty('cookie');
    expect(headers).not.toHaveProperty('origin');
  });

  it('does not forward the browser’s cookies, its origin and the identity that it claims', async () => {
    const { target, upgrades } = await upgradeTarget();
    grafana.sources['u'] = stored(target);
    // By hand, because the client of the other tests sends no such headers.
    const sent = {
      cookie: 'grafana_session=secret; theme=dark',
      origin: grafana.url,
      referer: `${grafana.url}/d/home`,
      'x-grafana-user': 'admin',
      'x-other': 'stays',
    };
    expect(await statusOfUpgrade(`${grafana.url}${proxied.url}`, sent)).toBe(101);
    const { headers } = upgrades[0];
    expect(headers).toMatchObject({ 'x-other': 'stays', upgrade: 'websocket', 'sec-websocket-protocol': 'mqtt' });
    for (const name of ['cookie', 'origin', 'referer', 'x-grafana-user']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(JSON.stringify(headers)).not.toContain('secret');
  });

  it('sends the viewer as X-Grafana-User and X-Grafana-Id if Grafana is configured to', async () => {
    const { target, upgrades } = await upgradeTarget();
    grafana.sources['u'] = stored(target);
    const address = `${grafana.url}${proxied.url}`;
    await statusOfUpgrade(address, {});
    grafana.sendUserHeader = true;
    grafana.user = { login: 'ann', idToken: 'signed.by.grafana' };
    await statusOfUpgrade(address, { 'x-grafana-user': 'admin' });
    expect(upgrades.map(({ headers }) => [headers['x-grafana-user'], headers['x-grafana-id']])).toEqual([
      [undefined, undefined],
      ['ann', 'signed.by.grafana'],
    ]);
  });

  it('forwards the viewer’s OAuth identity if the settings say so, in place of basic auth', async () => {
    const { target, upgrades } = await upgradeTarget();
    const basicAuth = { basicAuth: true, basicAuthUser: 'g', secureJsonData: { basicAuthPassword: 'p' } };
    grafana.user = { login: 'ann', oauth: { accessToken: 'anns', idToken: 'id' } };
    const address = `${grafana.url}${proxied.url}`;
    for (const jsonData of [{}, { oauthPassThru: true }]) {
      grafana.sources['u'] = stored(target, { ...basicAuth, jsonData });
      await statusOfUpgrade(address, {});
    }
    // A user who did not log in with OAuth has no token.
    grafana.user = { login: 'bob' };
    await statusOfUpgrade(address, {});
    const basic = `Basic ${btoa('g:p')}`;
    expect(upgrades.map(({ headers }) => [headers.authorization, headers['x-id-token']])).toEqual([
      [basic, undefined],
      ['Bearer anns', 'id'],
      [basic, undefined],
    ]);
  });

  it('authenticates with a bearer token in a header', async () => {
    const { broker } = await withBroker((it) => it === 'Bearer t0ken');
    grafana.sources['u'] = stored(http(broker), {
      jsonData: { httpHeaderName1: 'Authorization' },
      secureJsonData: { httpHeaderValue1: 'Bearer t0ken' },
    });
    expect(await statusOf(connect(optionsFor(grafana.host, proxied)))).toMatchObject({ state: 'connected' });
  });

  it('reports a refusal of the broker in words', async () => {
    const { broker } = await withBroker(() => false);
    grafana.sources['u'] = stored(http(broker));
    expect(await statusOf(connect(optionsFor(grafana.host, proxied), browserEnvironment()))).toMatchObject({
      error: { code: 'refused' },
    });
  });

  it('distinguishes an unreachable broker from an expired session', async () => {
    const { broker } = await withBroker(() => true);
    grafana.sources['u'] = stored(http(broker));
    await broker.stop();
    const dead = await statusOf(connect(optionsFor(grafana.host, proxied), browserEnvironment()));
    expect(dead).toMatchObject({ error: { code: 'proxy', message: expect.stringMatching(/cannot reach the broker/) } });

    grafana.signedIn = false;
    const expired = await statusOf(connect(optionsFor(grafana.host, proxied), browserEnvironment()));
    expect(expired).toMatchObject({
      error: { code: 'session', message: expect.stringMatching(/session has expired/) },
    });
  });

  it('answers 502 for a data source with a ws:// URL, as Grafana does', async () => {
    const { broker } = await withBroker(() => true);
    grafana.sources['u'] = stored(broker.ws!.url);
    expect(await statusOf(connect(optionsFor(grafana.host, proxied), browserEnvironment()))).toMatchObject({
      error: { code: 'proxy' },
    });
  });

  it('distinguishes a wrong path', async () => {
    const { broker } = await withBroker(() => true);
    grafana.sources['u'] = stored(http(broker).replace('/mqtt', '/wrong'));
    const { error } = (await statusOf(connect(optionsFor(grafana.host, proxied), browserEnvironment()))) as {
      error: object;
    };
    expect(error).toMatchObject({ code: 'proxy', message: expect.stringMatching(/path/) });
  });

  it('fetches a token by the route of plugin.json, with the stored secrets and without the browser’s identity', async () => {
    const asked: IncomingMessage[] = [];
    const tokens = createServer((request, response) => {
      asked.push(request);
      if (request.headers.authorization === 'Bearer stored') {
        response.end('{"token":"t","expires_in":60}');
      } else {
        response.writeHead(401).end('who are you?');
      }
    });
    const port = await listen(tokens, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
    release.push(() => new Promise((resolve) => tokens.close(resolve)));
    const jsonData = { tokenUrl: `http://127.0.0.1:${port}/mqtt/token?aud=lost`, httpHeaderName1: 'Authorization' };
    grafana.sources['u'] = stored('ws://direct', { jsonData, secureJsonData: { httpHeaderValue1: 'Bearer stored' } });
    const ask = (): Promise<Response> =>
      fetch(`${grafana.url}/api/datasources/proxy/uid/u/token?aud=mqtt`, { headers: { cookie: 'grafana_session=x' } });

    const answer = await ask();
    expect(await answer.json()).toEqual({ token: 't', expires_in: 60 });
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/mqtt/token?aud=mqtt' });
    expect(asked[0].headers).not.toHaveProperty('cookie');

    grafana.sources['u'] = stored('ws://direct', { jsonData });
    expect((await ask()).status).toBe(400);
    grafana.signedIn = false;
    expect((await ask()).status).toBe(401);
  });

  it('presents and checks certificates as the settings say', async () => {
    const { cert, key } = await selfSigned('localhost');
    const server = createTlsServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true });
    server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    const port = await listen(server, { host: '127.0.0.1', port: 0, portTaken: 'fail' });
    release.push(() => new Promise((resolve) => server.close(resolve)));
    const upgrade = (jsonData: Record<string, unknown>): Promise<number> => {
      const secureJsonData = { tlsClientCert: cert, tlsClientKey: key, tlsCACert: cert };
      grafana.sources['u'] = stored(`https://127.0.0.1:${port}/mqtt`, { jsonData, secureJsonData });
      return statusOfUpgrade(`${grafana.url}${proxied.url}`, {});
    };
    expect(await upgrade({ tlsAuth: true, tlsAuthWithCACert: true, serverName: 'localhost' })).toBe(101);
    expect(await upgrade({ tlsAuth: true, tlsSkipVerify: true })).toBe(101);
    // No client certificate; an unknown authority; a certificate for another name.
    expect(await upgrade({ tlsAuthWithCACert: true, serverName: 'localhost' })).toBe(502);
    expect(await upgrade({ tlsAuth: true, serverName: 'localhost' })).toBe(502);
    expect(await upgrade({ tlsAuth: true, tlsAuthWithCACert: true })).toBe(502);
  });

  it('refuses the Origin of another site', async () => {
    const { broker } = await withBroker(() => true);
    grafana.sources['u'] = stored(http(broker));
    const upgrade = (origin: string): Promise<number> => statusOfUpgrade(`${grafana.url}${proxied.url}`, { origin });
    expect(await upgrade('http://evil.example')).toBe(403);
    expect(await upgrade(grafana.url)).toBe(101);
  });
});

/** A self-signed certificate, and its key. */
async function selfSigned(name: string): Promise<{ cert: string; key: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mqttstream-tls-'));
  try {
    const [cert, key] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    await promisify(execFile)('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', cert]);
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The HTTP status of the answer to a handshake made by hand. */
function statusOfUpgrade(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': btoa('0123456789abcdef'),
        'sec-websocket-protocol': 'mqtt',
        ...headers,
      },
    });
    asked.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

const program = nginxPath();

describe.skipIf(program === undefined)('through nginx', () => {
  it('connects with Grafana below a path and the broker at a path of its own', async () => {
    const { broker } = await brokerByHeader((it) => it === '' || it === 'Bearer t0ken');
    const grafana = await startGrafana();
    grafana.sources['u'] = stored(http(broker), {
      jsonData: { httpHeaderName1: 'Authorization' },
      secureJsonData: { httpHeaderValue1: 'Bearer t0ken' },
    });
    const upgrade =
      'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; proxy_set_header Host $http_host;';
    await using nginx = await startNginx(
      program!,
      `location /grafana/ { proxy_pass ${grafana.url}/; ${upgrade} }
       location = /mqtt { proxy_pass ${http(broker)}; ${upgrade} }
       location = /plain { proxy_pass ${http(broker)}; }`
    );
    const pool = testPool();
    const released: Array<() => void> = [];
    const connect = (options: ConnectionOptions): ConnectionClient => {
      const connection = pool.get('u', options, LIMITS);
      released.push(connection.hold());
      return connection;
    };
    try {
      const direct = connect(optionsFor(nginx.host, { access: 'direct', url: '/mqtt' }));
      expect(await statusOf(direct)).toMatchObject({ state: 'connected' });

      const below = optionsFor(nginx.host, { ...proxied, appSubUrl: '/grafana' });
      expect(below.url).toBe(`ws://${nginx.host}/grafana/api/datasources/proxy/uid/u`);
      await broker.publish({ topic: 'home/t', payload: '21.5', retain: true });
      const result = await healthCheck(connect(below));
      expect(result).toMatchObject({ status: 'success', message: expect.stringMatching(/"home\/t" \(4 bytes\)/) });

      // A location without the two upgrade headers: the broker answers, and no WebSocket opens.
      const plain = optionsFor(nginx.host, { access: 'direct', url: '/plain' });
      const status = await statusOf(connect(plain));
      expect(status).toMatchObject({ error: { code: 'unreachable' } });
      const explained = await diagnose(
        (status as { error: Parameters<typeof diagnose>[0] }).error,
        { url: plain.url, access: 'direct' },
        {
          address: { protocol: 'http:', host: nginx.host, appSubUrl: '' },
          violations: { connection: () => undefined, engine: () => undefined },
          offline: () => false,
          ping: () => Promise.resolve(200),
          probe: async (url) => (await fetch(url.replace(/^ws/, 'http'))).status,
        }
      );
      expect(explained.message).toMatch(/Upgrade and Connection/);
    } finally {
      released.forEach((end) => end());
      await expect.poll(() => pool.size, { timeout: 5_000 }).toBe(0);
      await grafana.close();
      await broker.close();
    }
  });
});
