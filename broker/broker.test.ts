import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startBroker, type Broker } from './broker';
import { SessionPersistence } from './storage/memory/persistence';
import { connectClient, connectRaw, next, packets, until } from './testing/clients';

const ANY = { tcp: { port: 0 }, ws: { port: 0 } };

/** Somebody else's program on a port. */
async function occupy(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('listening', () => {
  test('on free ports, over TCP and WebSockets, to one another', async () => {
    await using broker = await startBroker(ANY);
    expect(broker.tcp).toEqual({
      type: 'tcp',
      host: '127.0.0.1',
      port: expect.any(Number),
      requestedPort: 0,
      url: `mqtt://127.0.0.1:${broker.tcp!.port}`,
    });
    expect(broker.ws!.url).toBe(`ws://127.0.0.1:${broker.ws!.port}/mqtt`);
    await using web = await connectClient(broker.ws!.url, { clientId: 'web' });
    await using tcp = await connectClient(broker.tcp!.url, { clientId: 'tcp' });
    await web.client.subscribeAsync('from/tcp', { qos: 2 });
    await tcp.client.subscribeAsync('from/web');
    await tcp.client.publishAsync('from/tcp', '1', { qos: 2, retain: true });
    await web.client.publishAsync('from/web', '2');
    await until('both', () => web.deliveries.length === 1 && tcp.deliveries.length === 1);
    expect(web.deliveries).toEqual([{ topic: 'from/tcp', text: '1', qos: 2, retain: false }]);
    expect(broker.clients()).toBe(2);
    expect(broker.connections()).toEqual([
      { clientId: 'web', listener: 'ws', remoteAddress: '127.0.0.1' },
      { clientId: 'tcp', listener: 'tcp', remoteAddress: '127.0.0.1' },
    ]);
    expect(broker.subscriptions()).toEqual(
      new Map([
        ['web', ['from/tcp']],
        ['tcp', ['from/web']],
      ])
    );
    await using late = await connectClient(broker.tcp!.url);
    await late.client.subscribeAsync('from/#');
    await until('the retained one', () => late.deliveries.length === 1);
    expect(late.deliveries[0]).toMatchObject({ text: '1', retain: true });
  });

  test.each([
    ['tcp', { tcp: false, ws: { port: 0 } } as const],
    ['ws', { tcp: { port: 0 }, ws: false } as const],
  ])('without %s', async (off, options) => {
    await using broker = await startBroker(options);
    expect(broker[off as 'tcp' | 'ws']).toBeUndefined();
  });

  test('on nothing is refused', async () => {
    await expect(startBroker({ tcp: false, ws: false })).rejects.toMatchObject({ code: 'E_NOTHING' });
    await expect(startBroker({ tcp: false, ws: { port: 0, paths: [] } })).rejects.toMatchObject({ code: 'E_NOTHING' });
  });

  test('on a taken port fails in words, and leaves the other listener closed', async () => {
    await using taken = await occupy();
    await using free = await occupy();
    const { port } = free;
    await free[Symbol.asyncDispose]();
    await expect(startBroker({ tcp: { port }, ws: { port: taken.port } })).rejects.toMatchObject({
      name: 'BrokerError',
      code: 'EADDRINUSE',
      message: `Port ${taken.port} on 127.0.0.1 is in use by another program; stop that program, or choose another port`,
    });
    await expect(connectRaw(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test("on a taken port, with portTaken 'next', takes the next free one and says so", async () => {
    await using taken = await occupy();
    await using broker = await startBroker({ tcp: { port: taken.port }, ws: { port: taken.port }, portTaken: 'next' });
    expect(broker.tcp!.requestedPort).toBe(taken.port);
    expect(broker.ws!.requestedPort).toBe(taken.port);
    expect(broker.tcp!.port).toBeGreaterThan(taken.port);
    expect(broker.ws!.port).toBeGreaterThan(broker.tcp!.port);
    await using client = await connectClient(broker.tcp!.url);
    expect(client.client.connected).toBe(true);
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'example.com', ''])('on %s is refused unless allowed', async (host) => {
    await expect(startBroker({ tcp: { host, port: 0 }, ws: false })).rejects.toMatchObject({ code: 'E_REMOTE' });
    await expect(startBroker({ tcp: false, ws: { host, port: 0 } })).rejects.toThrow(/--allow-anonymous/);
  });

  test('on every address, when that is allowed; the url is one that works here', async () => {
    await using broker = await startBroker({ tcp: { host: '0.0.0.0', port: 0 }, ws: false, allowAnonymous: true });
    expect(broker.tcp!.url).toBe(`mqtt://127.0.0.1:${broker.tcp!.port}`);
    await using client = await connectClient(broker.tcp!.url);
    expect(client.client.connected).toBe(true);
  });

  test('on an address that this machine does not have fails in words', async () => {
    await expect(
      startBroker({ tcp: { host: '192.0.2.1', port: 0 }, ws: false, allowAnonymous: true })
    ).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      message: 'This machine has no address 192.0.2.1. Choose an address of this machine, such as 127.0.0.1',
    });
  });
});

/** Sockets and listeners that are open in this process. */
const handles = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;

describe('close', () => {
  test('drops the clients, frees the ports, and may be called again', async () => {
    const broker = await startBroker(ANY);
    await using web = await connectClient(broker.ws!.url);
    await using tcp = await connectClient(broker.tcp!.url);
    using silent = await connectRaw(broker.tcp!.port);
    const gone = Promise.all([web, tcp].map(({ client }) => next(client, 'close')));
    await Promise.all([broker.close(), broker.close()]);
    await gone;
    await until('the silent one too', () => silent.socket.closed);
    await broker.close();
    await expect(connectRaw(broker.tcp!.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(connectRaw(broker.ws!.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(broker.publish({ topic: 't', payload: '' })).rejects.toThrow('The broker is closed');
    expect(broker.clients()).toBe(0);
  });

  test('lets subscribers have what was sent to them', async () => {
    const broker = await startBroker({ ...ANY, limits: { backlogBytes: 64 << 20 } });
    using slow = await connectRaw(broker.tcp!.port);
    slow.socket.write(Buffer.concat([packets.connect('slow'), packets.subscribe('t')]));
    await until('it to be subscribed', () => broker.subscriptions().get('slow')?.length === 1);
    slow.socket.pause();
    // More than the kernel's buffers take
    const payload = Buffer.alloc(1 << 20);
    for (let n = 0; n < 24; n += 1) {
      void broker.publish({ topic: 't', payload });
    }
    await broker.publish({ topic: 't', payload: 'last' });
    const closed = broker.close();
    slow.socket.resume();
    await closed;
    await until('the end', () => slow.socket.closed);
    expect(slow.bytes().length).toBeGreaterThan(24 << 20);
    expect(slow.bytes().subarray(-4).toString()).toBe('last');
  });

  test('leaves no handle, 50 times over', async () => {
    const before = handles();
    const start = performance.now();
    for (let n = 0; n < 50; n += 1) {
      const broker: Broker = await startBroker(ANY);
      await broker.publish({ topic: 't', payload: '1', retain: true, qos: 1 });
      await broker.close();
    }
    process.stderr.write(
      process.env['BROKER_MEASURE'] ? `start and stop: ${((performance.now() - start) / 50).toFixed(2)} ms\n` : ''
    );
    await until('no more handles than before', () => handles() <= before);
    expect(handles()).toBeLessThanOrEqual(before);
  });

  test('in the middle of traffic is no fault of the clients', async () => {
    const persistence = new SessionPersistence();
    persistence.subscriptions.add('session', [{ topic: 'a', qos: 1 }]);
    const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
    let goOn: (() => void) | undefined;
    persistence.outgoingEnqueueCombi = async (...args) => {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      return enqueue(...args);
    };
    const errors: string[] = [];
    const broker = await startBroker({
      ...ANY,
      storage: { persistence, close: () => Promise.resolve() },
      onClientError: ({ message }) => errors.push(message),
    });
    using device = await connectRaw(broker.tcp!.port);
    device.socket.write(packets.connect('device'));
    await until('CONNACK', () => device.bytes().length === 4);
    device.socket.write(Buffer.from([0x32, 6, 0, 1, 0x61, 0, 7, 0x78]));
    await until('the message to be stored', () => goOn !== undefined);
    const closed = broker.close();
    await once(device.socket, 'close');
    goOn?.();
    await closed;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(device.bytes()).toHaveLength(4);
    expect(errors).toEqual([]);
  });

  test('lets a process that used it exit by itself, clients and all', async () => {
    const script = `
      import { once } from 'node:events';
      import mqtt from 'mqtt';
      import { startBroker } from ${JSON.stringify(new URL('./broker.ts', import.meta.url).pathname)};
      const broker = await startBroker({ tcp: { port: 0 }, ws: { port: 0 } });
      const clients = await Promise.all([broker.tcp.url, broker.ws.url].map((url) => mqtt.connectAsync(url, { reconnectPeriod: 0 })));
      await clients[0].subscribeAsync('t', { qos: 1 });
      await clients[1].publishAsync('t', '1', { qos: 1, retain: true });
      await broker.close();
      process.stdout.write('closed');
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { timeout: 30_000, cwd: new URL('..', import.meta.url).pathname }
    );
    expect(stdout).toBe('closed');
  });
});

function has(program: string): boolean {
  try {
    execFileSync('which', [program]);
    return true;
  } catch {
    return false;
  }
}

test('a program may publish from one buffer again and again', async () => {
  await using broker = await startBroker(ANY);
  await using subscriber = await connectClient(broker.tcp!.url);
  await subscriber.client.subscribeAsync('t', { qos: 1 });
  const payload = Buffer.from('0');
  for (const digit of '123') {
    payload.write(digit);
    await broker.publish({ topic: 't', payload, qos: digit === '3' ? 1 : 0 });
  }
  await until('all of them', () => subscriber.texts().length === 3);
  expect(subscriber.texts()).toEqual(['1', '2', '3']);
});

test.skipIf(!has('mosquitto_pub') || !has('mosquitto_sub'))(
  'mosquitto_pub and mosquitto_sub get on with it',
  async () => {
    await using broker = await startBroker(ANY);
    const at = ['-h', '127.0.0.1', '-p', String(broker.tcp!.port)];
    await using web = await connectClient(broker.ws!.url);
    await web.client.subscribeAsync('home/#');
    const sub = spawn('mosquitto_sub', [...at, '-t', 'home/#', '-q', '1', '-C', '2', '-v']);
    const ended = once(sub, 'close');
    const lines: Buffer[] = [];
    sub.stdout.on('data', (chunk: Buffer) => lines.push(chunk));
    await until('mosquitto_sub to be subscribed', () => [...broker.subscriptions().values()].flat().length === 2);
    const pub = promisify(execFile);
    await pub('mosquitto_pub', [...at, '-t', 'home/kitchen/temperature', '-m', '21.5']);
    await pub('mosquitto_pub', [...at, '-t', 'home/kitchen/humidity', '-m', '48', '-q', '2', '-r']);
    await ended;
    expect(Buffer.concat(lines).toString()).toBe('home/kitchen/temperature 21.5\nhome/kitchen/humidity 48\n');
    await until('both over WebSockets', () => web.deliveries.length === 2);
    expect(web.texts()).toEqual(['21.5', '48']);
  }
);
