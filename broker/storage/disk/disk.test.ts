import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBroker } from '../../broker';
import { connectClient, connectRaw, packets, until } from '../../testing/clients';
import { openDiskStorage } from './disk';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broker-disk-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const start = (): ReturnType<typeof startBroker> =>
  startBroker({ storage: openDiskStorage(directory), tcp: { port: 0 }, ws: false });

const SESSION = { clientId: 'dashboard', clean: false };

describe('over a restart', () => {
  test('retained messages are there, and the ones that were removed are not', async () => {
    {
      await using broker = await start();
      await broker.publish({ topic: 'home/kitchen', payload: '21', retain: true });
      await broker.publish({ topic: 'home/hall', payload: '17', retain: true, qos: 1 });
      await broker.publish({ topic: 'home/gone', payload: '1', retain: true });
      await broker.publish({ topic: 'home/gone', payload: '', retain: true });
      await broker.publish({ topic: 'büro/温度', payload: Buffer.from([0, 255, 128]), retain: true });
    }
    await using broker = await start();
    await using client = await connectClient(broker.tcp!.url);
    await client.client.subscribeAsync(['home/#', 'büro/+'], { qos: 1 });
    await until('three', () => client.deliveries.length >= 3);
    expect(client.deliveries.toSorted((a, b) => b.topic.localeCompare(a.topic))).toEqual([
      { topic: 'home/kitchen', text: '21', qos: 0, retain: true },
      { topic: 'home/hall', text: '17', qos: 1, retain: true },
      { topic: 'büro/温度', text: Buffer.from([0, 255, 128]).toString(), qos: 0, retain: true },
    ]);
  });

  test('a session gets what was published while it was away, in order, before and after the restart', async () => {
    const expected = Array.from({ length: 40 }, (_, n) => String(n));
    {
      await using broker = await start();
      await using client = await connectClient(broker.tcp!.url, SESSION);
      await client.client.subscribeAsync(['plant/#', 'plant/+/speed'], { qos: 2 });
      await client.client.endAsync();
      for (const payload of expected.slice(0, 20)) {
        await broker.publish({ topic: 'plant/1/speed', payload, qos: 1 });
      }
    }
    await using broker = await start();
    for (const payload of expected.slice(20)) {
      await broker.publish({ topic: 'plant/1/speed', payload, qos: 2 });
    }
    await using back = await connectClient(broker.tcp!.url, { ...SESSION, resubscribe: false });
    await broker.publish({ topic: 'plant/mark', payload: 'mark', qos: 2 });
    await until('the mark', () => back.texts().includes('mark'));
    expect(back.texts()).toEqual([...expected, 'mark']);
    expect(back.deliveries.map(({ qos }) => qos)).toEqual([...expected.map((_, n) => (n < 20 ? 1 : 2)), 2]);
  });

  test('what is published after it reaches the client that came back for its queue, whatever numbers that had', async () => {
    {
      await using broker = await start();
      await using client = await connectClient(broker.tcp!.url, SESSION);
      await client.client.subscribeAsync('a', { qos: 2 });
      await client.client.endAsync();
      // The numbers of the queue's messages are some that the next run is still to give
      await Promise.all(Array.from({ length: 50 }, () => broker.publish({ topic: 'other', payload: 'x' })));
      await Promise.all(Array.from({ length: 20 }, () => broker.publish({ topic: 'a', payload: 'old', qos: 1 })));
    }
    await using broker = await start();
    await using back = await connectClient(broker.tcp!.url, { ...SESSION, resubscribe: false });
    await until('the queue', () => back.texts().length === 20);
    const expected = Array.from({ length: 100 }, (_, n) => String(n));
    for (const [n, payload] of expected.entries()) {
      await broker.publish({ topic: 'a', payload, qos: n % 2 ? 1 : 2 });
    }
    await until('all of them', () => back.texts().length >= 120, 5_000).catch(() => {});
    // The order holds within a QoS [MQTT-4.6.0-6]: a client reports a message of QoS 2 only at its PUBREL.
    const received = back.texts().slice(20);
    for (const parity of [0, 1]) {
      const ofOneQos = (texts: string[]) => texts.filter((text) => Number(text) % 2 === parity);
      expect(ofOneQos(received)).toEqual(ofOneQos(expected));
    }
  });

  test('what was acknowledged does not come again', async () => {
    {
      await using broker = await start();
      await using client = await connectClient(broker.tcp!.url, SESSION);
      await client.client.subscribeAsync('a', { qos: 1 });
      await broker.publish({ topic: 'a', payload: 'once', qos: 1 });
      await until('the message', () => client.deliveries.length === 1);
      await client.client.endAsync();
    }
    await using broker = await start();
    await using back = await connectClient(broker.tcp!.url, { ...SESSION, resubscribe: false });
    await broker.publish({ topic: 'a', payload: 'mark', qos: 1 });
    await until('the mark', () => back.texts().includes('mark'));
    expect(back.texts()).toEqual(['mark']);
  });

  test('a message that was sent and not acknowledged comes again with its message id and DUP', async () => {
    const connect = Buffer.from([0x10, 14, 0, 4, ...Buffer.from('MQTT'), 4, 0, 0, 0, 0, 2, ...Buffer.from('me')]);
    const publishIn = (bytes: Buffer): Buffer => {
      const at = bytes.findIndex(
        (byte, index) => (byte & 0xf0) === 0x30 && bytes[index + 2] === 0 && bytes[index + 3] === 1
      );
      return bytes.subarray(at, at + 2 + bytes[at + 1]);
    };
    let first: Buffer;
    {
      await using broker = await start();
      using device = await connectRaw(broker.tcp!.port);
      device.socket.write(connect);
      device.socket.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x61, 1]));
      await until('SUBACK', () => device.bytes().includes(Buffer.from([0x90, 3, 0, 1, 1])));
      await broker.publish({ topic: 'a', payload: 'x', qos: 1 });
      await until('PUBLISH', () => device.bytes().length >= 4 + 5 + 8);
      first = publishIn(device.bytes().subarray(9));
    }
    await using broker = await start();
    using device = await connectRaw(broker.tcp!.port);
    device.socket.write(connect);
    await until('PUBLISH', () => device.bytes().length >= 4 + 8);
    const second = publishIn(device.bytes().subarray(4));
    expect(device.bytes().subarray(0, 4)).toEqual(Buffer.from([0x20, 2, 1, 0]));
    expect(first[0]).toBe(0x32);
    expect(second[0]).toBe(0x32 | 0x08);
    expect(second.subarray(1)).toEqual(first.subarray(1));
  });

  test('a subscription that another one covers is stored too', async () => {
    {
      await using broker = await start();
      await using client = await connectClient(broker.tcp!.url, SESSION);
      await client.client.subscribeAsync('a/#', { qos: 1 });
      await client.client.subscribeAsync('a/b', { qos: 1 });
      await client.client.unsubscribeAsync('a/#');
    }
    await using broker = await start();
    await broker.publish({ topic: 'a/b', payload: 'queued', qos: 1 });
    await using back = await connectClient(broker.tcp!.url, { ...SESSION, resubscribe: false });
    await until('the message', () => back.texts().includes('queued'));
    expect(back.texts()).toEqual(['queued']);
  });

  test('a session that a clean CONNECT ended is gone, with its queue', async () => {
    {
      await using broker = await start();
      await using client = await connectClient(broker.tcp!.url, SESSION);
      await client.client.subscribeAsync('a', { qos: 1 });
      await client.client.endAsync();
      await broker.publish({ topic: 'a', payload: 'queued', qos: 1 });
      await using clean = await connectClient(broker.tcp!.url, { ...SESSION, clean: true });
      await clean.client.endAsync();
    }
    await using broker = await start();
    await using back = await connectClient(broker.tcp!.url, SESSION);
    await back.client.subscribeAsync('mark');
    await broker.publish({ topic: 'mark', payload: 'mark' });
    await until('the mark', () => back.texts().includes('mark'));
    expect(back.texts()).toEqual(['mark']);
    await broker.close();
    const db = new ClassicLevel(directory);
    const kinds = (await db.keys().all()).map((key) => key[0]);
    await db.close();
    expect(kinds.filter((kind) => kind === 'q' || kind === 'm')).toEqual([]);
  });

  test('client ids and topics named like properties, or with separators in them, are ids and topics', async () => {
    const ids = ['__proto__', 'constructor', 'a/b', 'a', 'a/b/c', '%2F', 'ä:;'];
    {
      await using broker = await start();
      for (const [n, clientId] of ids.entries()) {
        await using client = await connectClient(broker.tcp!.url, { clientId, clean: false });
        await client.client.subscribeAsync(`to/${n}/${clientId}/#`, { qos: 1 });
      }
      await Promise.all(ids.map((id, n) => broker.publish({ topic: `to/${n}/${id}/__proto__`, payload: id, qos: 1 })));
    }
    await using broker = await start();
    for (const clientId of ids) {
      await using client = await connectClient(broker.tcp!.url, { clientId, clean: false, resubscribe: false });
      await until(`the message for ${clientId}`, () => client.texts().includes(clientId));
      expect(client.texts()).toEqual([clientId]);
    }
  });
});

test('the limits count what an earlier run left', async () => {
  const limits = { queueTotalBytes: 300, retainedMessages: 3 };
  const open = (): ReturnType<typeof startBroker> =>
    startBroker({ storage: openDiskStorage(directory), tcp: { port: 0 }, ws: false, limits });
  {
    await using broker = await open();
    await using client = await connectClient(broker.tcp!.url, SESSION);
    await client.client.subscribeAsync('a', { qos: 1 });
    await client.client.endAsync();
    await broker.publish({ topic: 'a', payload: 'x'.repeat(199), qos: 1, retain: true });
    await broker.publish({ topic: 'r/1', payload: 'x', retain: true });
  }
  await using broker = await open();
  const before = { queuedMessages: 1, queuedBytes: 200, retainedMessages: 2, retainedBytes: 204 };
  expect(broker.stats()).toMatchObject(before);
  await broker.publish({ topic: 'a', payload: 'x'.repeat(100), qos: 1 });
  await broker.publish({ topic: 'a', payload: 'x'.repeat(99), qos: 1 });
  await broker.publish({ topic: 'r/2', payload: 'x', retain: true });
  await broker.publish({ topic: 'r/3', payload: 'x', retain: true });
  await broker.publish({ topic: 'r/1', payload: '', retain: true });
  expect(broker.stats()).toMatchObject({
    queuedMessages: 2,
    queuedBytes: 300,
    queueDropped: 1,
    retainedMessages: 2,
    retainedBytes: 204,
    retainedRefused: 1,
  });
});

describe('a directory that cannot be used is refused in words', () => {
  const refusal = async (): Promise<string> => {
    try {
      await (await openDiskStorage(directory)).close();
      return 'opened';
    } catch (error) {
      return (error as Error).message.replace(directory, 'DIR');
    }
  };

  test('while another broker has it', async () => {
    const storage = await openDiskStorage(directory);
    expect(await refusal()).toBe(
      'The data directory DIR cannot be used: another broker uses the directory. Stop that broker, or choose another directory'
    );
    await storage.close();
    expect(await refusal()).toBe('opened');
  });

  test('when it is a file', async () => {
    await rm(directory, { recursive: true });
    await writeFile(directory, '');
    expect(await refusal()).toBe('The data directory DIR cannot be used: the path is a file. Choose another directory');
  });

  test('when its files are damaged', async () => {
    await (await openDiskStorage(directory)).close();
    await writeFile(join(directory, 'CURRENT'), 'MANIFEST-999999\n');
    expect(await refusal()).toMatch(/^The data directory DIR cannot be used: .*Move the directory away to start with/);
  });

  test('when a record is damaged', async () => {
    await (await openDiskStorage(directory)).close();
    const db = new ClassicLevel(directory);
    await db.put('r/home/kitchen', 'not msgpack');
    await db.close();
    expect(await refusal()).toMatch(
      /^The data directory DIR cannot be used: the record "r\/home\/kitchen" cannot be read\. Move/
    );
  });

  test('when a newer broker wrote it', async () => {
    await (await openDiskStorage(directory)).close();
    const db = new ClassicLevel(directory);
    await db.put('0', '99');
    await db.close();
    expect(await refusal()).toBe(
      'The data directory DIR cannot be used: a newer broker wrote the directory (version 99; this broker reads version 1)'
    );
  });

  test('when it is the database of something else', async () => {
    const db = new ClassicLevel(directory);
    await db.put('retained:home', 'x');
    await db.close();
    expect(await refusal()).toMatch(/^The data directory DIR cannot be used: /);
  });
});

test('a directory that is not there is made', async () => {
  const deep = join(directory, 'a', 'b');
  await (await openDiskStorage(deep)).close();
  await access(deep);
  expect(await readdir(deep)).toContain('CURRENT');
});

test('a QoS 1 message whose storing fails is not acknowledged', async () => {
  const storage = await openDiskStorage(directory);
  const faults: string[] = [];
  await using broker = await startBroker({
    storage,
    tcp: { port: 0 },
    ws: false,
    onClientError: (error) => faults.push(error.message),
  });
  await using subscriber = await connectClient(broker.tcp!.url, SESSION);
  await subscriber.client.subscribeAsync('a', { qos: 1 });
  // The database is closed under the broker: every write fails from here on, as on a full disk.
  await storage.close();
  using device = await connectRaw(broker.tcp!.port);
  device.socket.write(packets.connect('device'));
  await until('CONNACK', () => device.bytes().length === 4);
  device.socket.write(Buffer.from([0x32, 6, 0, 1, 0x61, 0, 7, 0x78]));
  await until('the connection to end', () => device.socket.closed || device.socket.readableEnded);
  expect(device.bytes()).toHaveLength(4);
  expect(faults.filter((fault) => fault.startsWith('Could not store'))).not.toEqual([]);
});
