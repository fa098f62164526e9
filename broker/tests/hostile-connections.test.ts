/** Hostile connections: slow ones are closed in time, and those above the limits are refused. */
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../fixture';
import { DEFAULT_LIMITS } from '../limits';
import { connectMqtt } from '../testing/raw-client';
import { connectClient, connectRaw, FIRST_BYTES, until } from '../testing/clients';
import { CERTIFICATES } from '../testing/certificates';

describe('slow-loris', () => {
  test.each(['tcp', 'tls', 'ws', 'wss'] as const)(
    '%s: a client that sends single bytes is disconnected in time',
    async (type) => {
      await using broker = await startBroker({
        tcp: {},
        ws: {},
        listeners: [
          { type: 'tls', port: 0, ...CERTIFICATES.server },
          { type: 'wss', port: 0, ...CERTIFICATES.server },
        ],
        limits: { connectTimeout: 400 },
      });
      const { port } = broker.endpoints.find((endpoint) => endpoint.type === type)!;
      const said = FIRST_BYTES[type];
      const sockets = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)));
      let at = 0;
      const drip = setInterval(() => {
        for (const { socket } of sockets) {
          socket.write(said.subarray(at, at + 1));
        }
        at += at < said.length - 2 ? 1 : 0;
      }, 50);
      await until('all to be cut off', () => sockets.every(({ socket }) => socket.closed));
      clearInterval(drip);
      await until('the broker to know', () => broker.stats().connections === 0);
      expect(broker.clientErrors.length).toBeGreaterThan(0);
    }
  );

  test('a WebSocket that never sends CONNECT', async () => {
    await using broker = await startBroker({ limits: { connectTimeout: 100 } });
    const ws = new WebSocket(broker.ws!.url, 'mqtt');
    await once(ws, 'open');
    await once(ws, 'close');
    expect(broker.clientErrors.map(({ error }) => error.message)).toEqual(['connect did not arrive in time']);
  });
});

describe('connect flood', () => {
  test('connections above the limits are refused, those within them work', async () => {
    await using broker = await startBroker({ limits: { connections: 40, connectionsPerAddress: 30 } });
    const sockets: Socket[] = [];
    for (let n = 0; n < 200; n += 1) {
      const socket = connectSocket(broker.tcp!.port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
    }
    await until('the rest to be refused', () => sockets.filter(({ closed }) => closed).length === 170);
    expect(broker.stats().connections).toBe(30);
    expect(broker.clientErrors.at(-1)?.error.message).toBe(
      'Connection limit of one address reached (30 connections from 127.0.0.1)'
    );
    for (const socket of sockets) {
      socket.destroy();
    }
    await until('them to be gone', () => broker.stats().connections === 0);
    using again = await connectMqtt(broker.tcp!.port, 'again');
    expect(again.returnCode).toBe(0);
  });

  test.each(['tcp', 'tls', 'ws', 'wss'] as const)(
    '%s: connections above the rate wait, and are accepted',
    async (type) => {
      await using broker = await startBroker({
        listeners: [
          { type: 'tls', port: 0, ...CERTIFICATES.server },
          { type: 'wss', port: 0, ...CERTIFICATES.server },
        ],
        limits: { connectsPerSecond: 20 },
      });
      const { url } = broker.endpoints.find((endpoint) => endpoint.type === type)!;
      const start = performance.now();
      const clients = await Promise.all(Array.from({ length: 40 }, () => connectClient(url, { ca: CERTIFICATES.ca })));
      expect(performance.now() - start).toBeGreaterThan(900);
      expect(broker.clients()).toBe(40);
      await Promise.all(clients.map(({ client }) => client.endAsync(true)));
    }
  );

  test('connections that would wait too long are refused', async () => {
    await using broker = await startBroker({ limits: { connectsPerSecond: 5, connectTimeout: 1_000 } });
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connectRaw(broker.tcp!.port)));
    await until('some to be refused', () => broker.clientErrors.length > 0);
    expect(broker.clientErrors[0].error.message).toBe('More than 5 new connections a second from 127.0.0.1');
    for (const { socket } of sockets) {
      socket.destroy();
    }
  });
});

test('the defaults allow many clients behind one address', () => {
  expect(DEFAULT_LIMITS.connectionsPerAddress).toBeGreaterThanOrEqual(5_000);
  expect(DEFAULT_LIMITS.connections).toBeGreaterThan(DEFAULT_LIMITS.connectionsPerAddress);
});
