import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  eventually,
  numbers,
  publishAll,
  hadError,
  shortestBackoff,
  connectedAndSubscribed,
  TestEngine,
} from '../testing/test-engine';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import { Relay } from '../testing/relay';

/** Refusals and manners of other servers: mosquitto's files and options, and addresses where no broker answers. */

const mosquitto = mosquittoPath();

describe.each([4, 5] as const)('mosquitto with MQTT %i', (protocolVersion) => {
  const missing = mosquitto === undefined;

  test.skipIf(missing)('that saves its sessions loses nothing over a restart', async () => {
    await using broker = await startMosquitto(mosquitto!, { persistence: true });
    await using relay = await Relay.start(broker.wsPort);
    const url = `ws://127.0.0.1:${relay.port}/`;
    using engine = new TestEngine(url, { protocolVersion, cleanStart: false, sessionExpiry: 60 }, shortestBackoff);
    engine.open(1, { filters: ['t'], qos: 1 });
    await connectedAndSubscribed(engine);
    relay.mode = 'refuse';
    relay.cut();
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.tcpPort}`);
    await publishAll(client, numbers(1, 20));
    await client.endAsync();
    await broker.stop('SIGTERM');
    await broker.start();
    relay.mode = 'pass';
    await expect.poll(() => engine.numbers(1), eventually).toEqual(numbers(1, 20));
    expect(engine.status).toMatchObject({ state: 'connected', sessionPresent: true });
  });

  test.skipIf(missing)(
    'with a password file: refused without a storm, and let in with what is entered then',
    async () => {
      await using broker = await startMosquitto(mosquitto!, { users: { ann: 'one' } });
      await using relay = await Relay.start(broker.wsPort);
      const url = `ws://127.0.0.1:${relay.port}/`;
      using engine = new TestEngine(url, { protocolVersion, credentials: 'request' }, { random: () => 0.1 });
      engine.post({ type: 'credentials', attempt: 1, credentials: { username: 'ann', password: 'one' } });
      await expect.poll(() => engine.status.state, eventually).toBe('connected');
      // Another password, while it stands: it is found out at the next connection.
      await broker.setUsers({ ann: 'two' });
      relay.cut();
      await expect.poll(() => engine.all('credentials').length, eventually).toBe(2);
      await expect
        .poll(() => {
          // mosquitto reads its file when it next looks for signals.
          const attempt = engine.all('credentials').length;
          engine.post({ type: 'credentials', attempt, credentials: { username: 'ann', password: 'one' } });
          if (engine.status.state === 'connected') {
            relay.cut();
          }
          return engine.errorCode;
        }, eventually)
        .toBe('refused');
      expect(engine.error?.message).toMatch(/refused the connection: /);
      const asked = engine.all('credentials').length;
      const accepted = relay.accepted;
      await sleep(1_000);
      expect(relay.accepted).toBe(accepted);
      expect(engine.all('credentials')).toHaveLength(asked);
      engine.post({ type: 'reconnect' });
      await expect.poll(() => engine.all('credentials').length, eventually).toBe(asked + 1);
      engine.post({ type: 'credentials', attempt: asked + 1, credentials: { username: 'ann', password: 'two' } });
      await expect.poll(() => engine.status.state, eventually).toBe('connected');
    }
  );

  test.skipIf(missing)('with an ACL file: what may be read comes, and nothing else', async () => {
    const acl = 'user ann\ntopic read open/#\nuser writer\ntopic readwrite #\n';
    await using broker = await startMosquitto(mosquitto!, { users: { ann: 'a', writer: 'w' }, acl });
    const credentials = { username: 'ann', password: 'a' };
    using engine = new TestEngine(broker.wsUrl, { protocolVersion, credentials }, shortestBackoff);
    engine.open(1, { filters: ['#'] });
    await connectedAndSubscribed(engine);
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.tcpPort}`, { username: 'writer', password: 'w' });
    await client.publishAsync('secret/a', '1', { qos: 1 });
    await client.publishAsync('open/a', '2', { qos: 1 });
    await expect.poll(() => engine.numbers(1), eventually).toEqual([2]);
    await client.endAsync();
  });

  test.skipIf(missing)('with TLS and a private CA: reached by who trusts it, and by nobody else', async () => {
    await using broker = await startMosquitto(mosquitto!, { tls: true });
    using stranger = new TestEngine(broker.wsUrl, { protocolVersion }, shortestBackoff);
    await expect.poll(() => stranger.errorCode, eventually).toBe('unreachable');
    const openSocket = (url: string, protocols: string[]): WebSocket =>
      new WebSocket(url, protocols, { ca: broker.ca });
    using engine = new TestEngine(broker.wsUrl, { protocolVersion }, { ...shortestBackoff, openSocket });
    await expect.poll(() => engine.status, eventually).toMatchObject({ state: 'connected', protocolVersion });
  });

  test.skipIf(missing)(
    'that takes the user name for the client id: two viewers, and the conflict is reported',
    async () => {
      await using broker = await startMosquitto(mosquitto!, {
        users: { ann: 'a' },
        extra: 'use_username_as_clientid true',
      });
      const credentials = { username: 'ann', password: 'a' };
      using one = new TestEngine(broker.wsUrl, { protocolVersion, credentials }, { random: () => 0.1 });
      await expect.poll(() => one.status.state, eventually).toBe('connected');
      using other = new TestEngine(broker.wsUrl, { protocolVersion, credentials }, { random: () => 0.2 });
      await expect.poll(() => hadError(one, 'client-id') || hadError(other, 'client-id'), eventually).toBe(true);
    }
  );
});

describe('an address where something else answers', () => {
  const answers: Record<string, (response: ServerResponse) => void> = {
    'a web page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'a redirect': (response) => response.writeHead(302, { location: '/login' }).end(),
    'an ask for a password': (response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end(),
    'a refusal': (response) => response.writeHead(403).end(),
    'nothing there': (response) => response.writeHead(404).end(),
    'a bad gateway': (response) => response.writeHead(502).end(),
  };
  test.each(Object.entries(answers))('with %s cannot be reached, and is tried again', async (_, answer) => {
    let requests = 0;
    const server = createServer();
    server.on('upgrade', (request, socket) => {
      requests++;
      // The other side may be gone before the answer is.
      socket.on('error', () => undefined);
      const text: string[] = [];
      const response = {
        writeHead(status: number, headers: Record<string, string> = {}) {
          const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
          text.push(`HTTP/1.1 ${status} ${request.url}\r\n${lines.join('')}connection: close\r\n\r\n`);
          return response;
        },
        end: (body = '') => socket.end(text.join('') + body),
      };
      answer(response as unknown as ServerResponse);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    {
      using engine = new TestEngine(`ws://127.0.0.1:${port}/mqtt`, { protocolVersion: 'auto' }, shortestBackoff);
      await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
      expect(engine.error).toMatchObject({ details: 'WebSocket closed with code 1006' });
      await expect.poll(() => requests, eventually).toBeGreaterThan(1);
    }
    server.close();
    await once(server, 'close');
  });
});
