import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../fixture';
import { DEFAULT_LIMITS, resolveLimits, type Limits } from '../limits';
import { connectClient, connectRaw, packets, startBareAedes, until } from '../testing/clients';

test('the defaults are within the ranges, and given values replace them', () => {
  expect(resolveLimits()).toEqual(DEFAULT_LIMITS);
  expect(resolveLimits({ packetBytes: 500, queueLimit: undefined })).toEqual({ ...DEFAULT_LIMITS, packetBytes: 500 });
});

test.each<[keyof Limits, number]>([
  ['packetBytes', 0],
  ['packetBytes', 1.5],
  ['backlogBytes', Number.NaN],
  ['drainTimeout', 5_001],
  ['queueLimit', 999],
])('%s: %d is refused', (key, value) => {
  expect(() => resolveLimits({ [key]: value })).toThrow(RangeError);
  expect(() => resolveLimits({ [key]: value })).toThrow(`Expected limits.${key} to be a whole number from`);
});

describe.each(['tcp', 'ws'] as const)('packetBytes over %s', (over) => {
  /** Opens a connection, sends bytes, and returns whether the broker closed it. */
  async function send(port: number, ...chunks: Buffer[]): Promise<{ closed: () => boolean; end: () => void }> {
    let closed = false;
    if (over === 'tcp') {
      const { socket } = await connectRaw(port);
      socket.on('close', () => {
        closed = true;
      });
      chunks.forEach((chunk) => socket.write(chunk));
      return { closed: () => closed, end: () => socket.destroy() };
    }
    const ws = new WebSocket(`ws://127.0.0.1:${port}`, 'mqtt');
    await once(ws, 'open');
    ws.on('close', () => {
      closed = true;
    });
    chunks.forEach((chunk) => ws.send(chunk));
    return { closed: () => closed, end: () => ws.terminate() };
  }

  test('before CONNECT: the announced length alone closes the connection', async () => {
    await using broker = await startBroker();
    // CONNECT of 200 MiB: the fixed header, and nothing of the body
    const { closed } = await send(broker[over]!.port, Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]));
    await until('it to be closed', closed);
    await until('it to be reported', () => broker.clientErrors.length === 1);
    expect(broker.clientErrors[0]).toMatchObject({ listener: over, clientId: undefined });
    expect(broker.clientErrors[0].error.message).toBe(
      'Packet of 209715205 bytes is over the limit of 65536 bytes (limits.connectBytes)'
    );
  });

  test('after CONNECT: a packet of the maximum size arrives, one more byte closes the connection', async () => {
    await using broker = await startBroker({ limits: { packetBytes: 1_000 } });
    const largest = packets.publish('t', Buffer.alloc(1_000 - 3 - 3));
    expect(largest).toHaveLength(1_000);
    const { closed, end } = await send(broker[over]!.port, packets.connect('c'), largest);
    await broker.message('t');
    expect(closed()).toBe(false);
    end();
    const over1000 = packets.publish('u', Buffer.alloc(1_000 - 3 - 3 + 1));
    const second = await send(broker[over]!.port, packets.connect('d'), over1000);
    await until('it to be closed', second.closed);
    expect(broker.received.map(({ topic }) => topic)).toEqual(['t']);
  });
});

test('connectBytes applies before CONNACK, packetBytes afterwards', async () => {
  await using broker = await startBroker({ limits: { connectBytes: 200 } });
  using long = await connectRaw(broker.tcp!.port);
  long.socket.write(packets.connect('x'.repeat(190)));
  await once(long.socket, 'close');
  expect(broker.clientErrors[0].error.message).toBe(
    'Packet of 205 bytes is over the limit of 200 bytes (limits.connectBytes)'
  );
  await using client = await connectClient(broker.ws!.url);
  await client.client.publishAsync('t', 'x'.repeat(1_000_000), { qos: 1 });
  expect((await broker.message('t')).text).toHaveLength(1_000_000);
});

test('control: bare Aedes accepts a packet of any size before CONNECT', async () => {
  await using bare = await startBareAedes();
  using raw = await connectRaw(bare.tcpPort);
  raw.socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]));
  const mebibyte = Buffer.alloc(1 << 20);
  for (let n = 0; n < 8; n += 1) {
    await new Promise((resolve) => raw.socket.write(mebibyte, resolve));
  }
  expect(raw.socket.destroyed).toBe(false);
});

test('more than 42 packets in one burst with CONNECT are accepted; bare Aedes refuses them', async () => {
  const burst = Buffer.concat([
    packets.connect('burst'),
    ...Array.from({ length: 900 }, (_, n) => packets.publish('t', String(n))),
  ]);
  await using broker = await startBroker();
  using raw = await connectRaw(broker.tcp!.port);
  raw.socket.write(burst);
  await until('all', () => broker.received.length >= 900);
  expect(broker.received).toHaveLength(900);

  await using bare = await startBareAedes({ queueLimit: 42 });
  const refusals: string[] = [];
  for (const event of ['clientError', 'connectionError'] as const) {
    bare.aedes.on(event, (_client, error) => refusals.push(error.message));
  }
  using again = await connectRaw(bare.tcpPort);
  again.socket.write(burst);
  await until('it to be refused', () => refusals.length > 0);
  // The control
  expect(refusals).toContain('Client queue limit reached');
});

test('a connection that never sends CONNECT is closed', async () => {
  await using broker = await startBroker({ limits: { connectTimeout: 50 } });
  using raw = await connectRaw(broker.tcp!.port);
  await once(raw.socket, 'close');
  expect(broker.clientErrors.map(({ error }) => error.message)).toEqual(['connect did not arrive in time']);
});

test('a client error never ends the process, whatever the bytes', async () => {
  await using broker = await startBroker();
  await using witness = await connectClient(broker.tcp!.url);
  const nasty = [
    '',
    '00',
    '10',
    'ffffffffff',
    '1000',
    '20020000',
    '30020000',
    '8200',
    'c001ff',
    '100c00044d5154540402003cffff',
  ];
  for (const hex of nasty) {
    using raw = await connectRaw(broker.tcp!.port);
    raw.socket.end(Buffer.concat([Buffer.from(hex, 'hex')]));
    using connected = await connectRaw(broker.tcp!.port);
    connected.socket.end(Buffer.concat([packets.connect('x'), Buffer.from(hex, 'hex')]));
    await until('both to be closed', () => raw.socket.closed && connected.socket.closed);
  }
  await until('all of them gone', () => broker.clients() === 1);
  expect(witness.client.connected).toBe(true);
  expect(broker.clientErrors.length).toBeGreaterThan(5);
});
