import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../fixture';
import { connectClient, packets, startBareAedes, until } from '../testing/clients';

const CONNACK_BYTES = 4;
const SUBACK_BYTES = 5;

/** A WebSocket that speaks bytes, subscribed to everything, and that counts the frames it gets from then on. */
async function frameCounter(url: string): Promise<{ ws: WebSocket; frames: Buffer[]; bytes: () => number }> {
  const ws = new WebSocket(url, 'mqtt');
  const frames: Buffer[] = [];
  await once(ws, 'open');
  ws.on('message', (data) => frames.push(data as Buffer));
  const bytes = (): number => frames.reduce((sum, frame) => sum + frame.length, 0);
  ws.send(Buffer.concat([packets.connect('counter'), packets.subscribe('#')]));
  await until('SUBACK', () => bytes() >= CONNACK_BYTES + SUBACK_BYTES);
  frames.length = 0;
  return { ws, frames, bytes };
}

const PAYLOAD = 'x'.repeat(50);
const PUBLISH_BYTES = packets.publish('t', PAYLOAD).length;

describe('frames', () => {
  test('one per PUBLISH at most, when they come one at a time', async () => {
    await using broker = await startBroker();
    const { ws, frames, bytes } = await frameCounter(broker.ws!.url);
    for (let n = 1; n <= 50; n += 1) {
      await broker.publish({ topic: 't', payload: PAYLOAD });
      await until('it', () => bytes() === n * PUBLISH_BYTES);
    }
    expect(frames).toHaveLength(50);
    ws.terminate();
  });

  test('many PUBLISH in one under load, whole and in order', async () => {
    await using broker = await startBroker();
    const { ws, frames, bytes } = await frameCounter(broker.ws!.url);
    const sent = Array.from({ length: 2_000 }, (_, n) => String(n).padStart(50, '0'));
    for (const payload of sent) {
      void broker.publish({ topic: 't', payload });
    }
    await until('all of them', () => bytes() >= sent.length * PUBLISH_BYTES);
    expect(Buffer.concat(frames)).toEqual(Buffer.concat(sent.map((payload) => packets.publish('t', payload))));
    expect(frames.length).toBeLessThanOrEqual(sent.length / 20);
    ws.terminate();
  });

  test('control: bare Aedes with createWebSocketStream sends five per PUBLISH', async () => {
    await using bare = await startBareAedes();
    const { ws, frames, bytes } = await frameCounter(bare.wsUrl);
    for (let n = 0; n < 50; n += 1) {
      bare.aedes.publish({ cmd: 'publish', topic: 't', payload: PAYLOAD, qos: 0, retain: false, dup: false }, () => {});
    }
    await until('all of them', () => bytes() >= 50 * PUBLISH_BYTES);
    expect(frames.length).toBe(250);
    ws.terminate();
  });

  test('a payload larger than a flush comes whole', async () => {
    await using broker = await startBroker();
    await using subscriber = await connectClient(broker.ws!.url);
    await subscriber.client.subscribeAsync('#');
    const payload = 'é'.repeat(200_000);
    await broker.publish({ topic: 'big', payload });
    await until('it', () => subscriber.deliveries.length === 1);
    expect(subscriber.texts()).toEqual([payload]);
  });
});

describe('upgrade', () => {
  test.each([
    ['mqtt', ['mqtt'], 'mqtt'],
    ['mqttv3.1', ['mqttv3.1'], 'mqttv3.1'],
    ['mqtt among others', ['chat', 'mqttv3.1', 'mqtt'], 'mqtt'],
    ['none', [], ''],
  ])('sub-protocol offered: %s', async (_what, offered, chosen) => {
    await using broker = await startBroker();
    for (const path of ['/', '/mqtt', '/mqtt?token=x']) {
      const ws = new WebSocket(new URL(path, broker.ws!.url), offered);
      await once(ws, 'open');
      expect(ws.protocol).toBe(chosen);
      ws.terminate();
    }
  });

  test.each([
    ['another sub-protocol', '/mqtt', ['chat'], 400],
    ['another path', '/other', ['mqtt'], 404],
  ])('refused: %s', async (_what, path, offered, status) => {
    await using broker = await startBroker();
    const ws = new WebSocket(new URL(path, broker.ws!.url), offered);
    const [error] = (await once(ws, 'error')) as [Error];
    expect(error.message).toBe(`Unexpected server response: ${status}`);
    expect(broker.clientErrors).toHaveLength(1);
    expect(broker.clientErrors[0]).toMatchObject({ listener: 'ws', remoteAddress: '127.0.0.1' });
  });

  test('control: bare Aedes with createWebSocketStream accepts any sub-protocol', async () => {
    await using bare = await startBareAedes();
    const ws = new WebSocket(bare.wsUrl, ['chat']);
    await once(ws, 'open');
    expect(ws.protocol).toBe('chat');
    ws.terminate();
  });

  test('refused: something that is not HTTP, and plain HTTP gets an explanation', async () => {
    await using broker = await startBroker();
    const response = await fetch(broker.ws!.url.replace('ws:', 'http:'));
    expect(response.status).toBe(426);
    expect(await response.text()).toMatch(/MQTT broker/);
    const socket = connect(broker.ws!.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(packets.connect('lost'));
    socket.resume();
    await once(socket, 'close');
    expect(broker.clientErrors).toHaveLength(1);
  });
});

/** The code a connection is closed with after something was sent. */
async function closeCode(send: (ws: WebSocket) => void, limits = {}): Promise<number> {
  await using broker = await startBroker({ limits });
  const ws = new WebSocket(broker.ws!.url, 'mqtt');
  await once(ws, 'open');
  ws.on('error', () => {});
  send(ws);
  const [code] = (await once(ws, 'close')) as [number];
  await until('it to be reported', () => broker.clientErrors.length === 1);
  return code;
}

/** The socket under a WebSocket, for bytes that ws would not send. */
function socketOf(ws: WebSocket): Socket {
  // oxlint-disable-next-line eslint/no-underscore-dangle -- the name that ws gives it
  return (ws as unknown as { _socket: Socket })._socket;
}

describe('close codes', () => {
  test('1003 for a text frame', async () => {
    expect(await closeCode((ws) => ws.send('hello'))).toBe(1003);
  });

  test('1009 for a frame over the limit', async () => {
    expect(await closeCode((ws) => ws.send(Buffer.alloc(2_000)), { frameBytes: 1_000 })).toBe(1009);
  });

  test('1009 for a frame over connectBytes before CONNECT is answered, as soon as it is announced', async () => {
    // A masked binary frame of 4 MiB: its head, and nothing of the rest
    const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x40, 0, 0, 1, 2, 3, 4]);
    expect(await closeCode((ws) => socketOf(ws).write(head))).toBe(1009);
  });

  test('1008 for a frame in countless empty pieces', async () => {
    const pieces = Buffer.concat([
      Buffer.from([0x02, 0x80, 0, 0, 0, 0]),
      ...Array.from({ length: 2_000 }, () => Buffer.from([0, 0x80, 0, 0, 0, 0])),
    ]);
    expect(await closeCode((ws) => socketOf(ws).write(pieces))).toBe(1008);
  });

  test('a frame of many packets, up to frameBytes, is taken once CONNECT was answered', async () => {
    await using broker = await startBroker({ limits: { connectBytes: 1_000, frameBytes: 500_000 } });
    const { ws } = await frameCounter(broker.ws!.url);
    ws.send(Buffer.concat(Array.from({ length: 8_000 }, () => packets.publish('t', PAYLOAD))));
    await until('all of them', () => broker.received.length === 8_000);
    expect(broker.clientErrors).toEqual([]);
    ws.terminate();
  });

  test('1009 for a packet over the limit, spread over many frames', async () => {
    const packet = packets.publish('t', Buffer.alloc(3_000));
    const code = await closeCode(
      (ws) => {
        ws.send(packets.connect('big'));
        for (let at = 0; at < packet.length; at += 500) {
          ws.send(packet.subarray(at, at + 500));
        }
      },
      { frameBytes: 1_000, packetBytes: 2_000 }
    );
    expect(code).toBe(1009);
  });

  test('1002 for bytes that are not MQTT', async () => {
    expect(await closeCode((ws) => ws.send(Buffer.from('GET / HTTP/1.1\r\n\r\n')))).toBe(1002);
  });
});

test('MQTT 5 is answered with "unacceptable protocol version" and the connection ends', async () => {
  await using broker = await startBroker();
  const ws = new WebSocket(broker.ws!.url, 'mqtt');
  const frames: Buffer[] = [];
  ws.on('message', (data) => frames.push(data as Buffer));
  await once(ws, 'open');
  ws.send(Buffer.from('100e00044d515454050200000000016d', 'hex'));
  await once(ws, 'close');
  expect(Buffer.concat(frames).toString('hex')).toBe('20020001');
  expect(broker.clientErrors.map(({ error }) => error.message)).toEqual([
    expect.stringContaining('Choose MQTT 3.1.1 in the client'),
  ]);
});

test('a client that is idle for longer than drainTimeout stays', async () => {
  await using broker = await startBroker({ limits: { drainTimeout: 50 } });
  await using web = await connectClient(broker.ws!.url);
  await using tcp = await connectClient(broker.tcp!.url);
  await Promise.all([web, tcp].map(({ client }) => client.subscribeAsync('t')));
  await broker.publish({ topic: 't', payload: '1' });
  await sleep(300);
  await broker.publish({ topic: 't', payload: '2' });
  await until('both', () => web.deliveries.length === 2 && tcp.deliveries.length === 2);
  expect(broker.clientErrors).toEqual([]);
});
