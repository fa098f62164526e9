import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectClient, connectRaw, packets, startBareAedes, until } from '../testing/clients';

describe('$SYS', () => {
  test('is refused with SUBACK 0x80', async () => {
    await using broker = await startBroker();
    await using spy = await connectClient(broker.tcp!.url);
    for (const filter of ['$SYS/#', '$SYS', '$SYS/+/new/clients']) {
      await expect(spy.client.subscribeAsync(filter)).rejects.toMatchObject({ packet: { granted: [128] } });
    }
    await spy.client.subscribeAsync(['#', '+/+/new/clients', '+/#']);
    await using other = await connectClient(broker.tcp!.url);
    await other.client.publishAsync('mark', '');
    await until('the mark', () => spy.deliveries.length > 0);
    // [MQTT-4.7.2-1]
    expect(spy.deliveries.map(({ topic }) => topic)).toEqual(['mark']);
  });

  test('control: bare Aedes shows every client the client ids', async () => {
    await using bare = await startBareAedes();
    await using spy = await connectClient(bare.tcpUrl);
    await spy.client.subscribeAsync('$SYS/#');
    await using other = await connectClient(bare.tcpUrl, { clientId: 'newcomer' });
    await until('news', () => spy.texts().includes('newcomer'));
    expect(other.client.connected).toBe(true);
  });

  test('is readable with sysTopics', async () => {
    await using broker = await startBroker({ sysTopics: true });
    await using spy = await connectClient(broker.tcp!.url);
    await spy.client.subscribeAsync('$SYS/+/new/clients');
    await using other = await connectClient(broker.tcp!.url, { clientId: 'newcomer' });
    await until('news', () => spy.texts().includes('newcomer'));
    expect(other.client.connected).toBe(true);
  });

  test('is closed to publishers', async () => {
    await using broker = await startBroker();
    using liar = await connectRaw(broker.tcp!.port);
    liar.socket.write(Buffer.concat([packets.connect('liar'), packets.publish('$SYS/x', '1')]));
    await until('it to be dropped', () => broker.clientErrors.length === 1);
    expect(broker.clientErrors[0].error.message).toBe('Topic "$SYS/x" is reserved for the broker');
    expect(broker.received).toEqual([]);
  });
});

describe('shared and exclusive subscriptions, which this broker does not have', () => {
  test.each([
    ['$share/group/home/#', '; subscribe to "home/#" instead'],
    ['$share/group', ''],
    ['$queue/home/#', '; subscribe to "home/#" instead'],
    ['$exclusive/home/lamp', '; subscribe to "home/lamp" instead'],
  ])('%s is refused with SUBACK 0x80 and reported', async (filter, advice) => {
    await using broker = await startBroker();
    await using client = await connectClient(broker.tcp!.url, { clientId: 'worker' });
    await expect(client.client.subscribeAsync(filter)).rejects.toMatchObject({ packet: { granted: [128] } });
    expect(broker.clientErrors.map(({ error, clientId }) => [clientId, error.message])).toEqual([
      [
        'worker',
        `Not subscribed: Filter "${filter}" is a shared or exclusive subscription, which this broker does not have${advice}`,
      ],
    ]);
  });

  test('a topic that only begins like one is a topic', async () => {
    await using broker = await startBroker();
    await using client = await connectClient(broker.tcp!.url);
    await client.client.subscribeAsync(['$shared/a', '$queues', 'a/$share/b/c'], { qos: 0 });
    expect(broker.clientErrors).toEqual([]);
  });
});

describe('topic names', () => {
  test.each([
    ['a wildcard', 'a/+'],
    ['a wildcard', 'a/#'],
    ['NUL', 'a\u0000b'],
    ['ill-formed UTF-8', Buffer.from([0x61, 0xc3, 0x28])],
    ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80])],
    ['nothing', ''],
    ['too many levels', 'a/'.repeat(200)],
  ])('PUBLISH with %s ends the connection and reaches nobody', async (_what, topic) => {
    await using broker = await startBroker();
    await using witness = await connectClient(broker.tcp!.url);
    await witness.client.subscribeAsync('#');
    using raw = await connectRaw(broker.tcp!.port);
    raw.socket.write(Buffer.concat([packets.connect('bad'), packets.publish(topic, '1')]));
    await until('it to be dropped', () => broker.clientErrors.length === 1);
    await until('the others to be there still', () => broker.clients() === 1);
    await broker.publish({ topic: 'mark', payload: '' });
    await until('the mark', () => witness.deliveries.length > 0);
    expect(witness.deliveries.map((delivery) => delivery.topic)).toEqual(['mark']);
  });

  test.each([
    ['NUL', 'a\u0000b'],
    ['ill-formed UTF-8', Buffer.from([0x61, 0xc3, 0x28])],
  ])('control: bare Aedes passes on PUBLISH with %s', async (_what, topic) => {
    await using bare = await startBareAedes();
    await using witness = await connectClient(bare.tcpUrl);
    await witness.client.subscribeAsync('#');
    using raw = await connectRaw(bare.tcpPort);
    raw.socket.write(Buffer.concat([packets.connect('bad'), packets.publish(topic, '1')]));
    await until('it', () => witness.texts().includes('1'));
    expect(bare.errors).toEqual([]);
  });

  test.each([
    ['', /is empty/],
    ['a/+/b', /wildcard/],
    ['a\u0000', /NUL/],
    ['\ud800', /UTF-8/],
    ['x'.repeat(65_536), /longer than 65535 bytes/],
    ['é'.repeat(32_768), /longer than 65535 bytes/],
  ])('Broker.publish refuses topic %#', async (topic, message) => {
    await using broker = await startBroker();
    await expect(broker.publish({ topic, payload: '' })).rejects.toThrow(message);
  });

  test('unusual but valid topics are delivered', async () => {
    await using broker = await startBroker();
    await using client = await connectClient(broker.tcp!.url);
    await client.client.subscribeAsync('#');
    const topics = ['/', ' ', 'a//b', 'Küche/温度/🌡', '__proto__', 'x'.repeat(65_535)];
    for (const topic of topics) {
      await client.client.publishAsync(topic, '1');
    }
    await until('all', () => client.deliveries.length === topics.length);
    expect(client.deliveries.map(({ topic }) => topic)).toEqual(topics);
  });

  test('a filter with NUL closes the connection', async () => {
    await using broker = await startBroker();
    using raw = await connectRaw(broker.tcp!.port);
    raw.socket.write(Buffer.concat([packets.connect('bad'), packets.subscribe('a\u0000/#')]));
    await until('it to be dropped', () => broker.clientErrors.length === 1);
    expect(broker.clientErrors[0].error.message).toMatch(/NUL/);
  });
});

const broken = (): never => {
  throw new Error('hook is broken');
};

describe('hooks', () => {
  test('authenticate accepts and refuses, with the reason in CONNACK', async () => {
    await using broker = await startBroker({
      authenticate: (_client, username, password, done) => {
        if (username === 'anna' && password?.toString() === 'secret') {
          done(null, true);
        } else {
          done(Object.assign(new Error('bad login'), { returnCode: 4 }), false);
        }
      },
    });
    await using anna = await connectClient(broker.ws!.url, { username: 'anna', password: 'secret' });
    expect(anna.client.connected).toBe(true);
    using stranger = await connectRaw(broker.tcp!.port);
    stranger.socket.write(packets.connect('stranger'));
    await until('CONNACK', () => stranger.bytes().length >= 4);
    expect(stranger.bytes().toString('hex')).toBe('20020004');
    await until('it to be reported', () => broker.clientErrors.length === 1);
    expect(broker.clientErrors[0]).toMatchObject({ clientId: 'stranger', error: { message: 'bad login' } });
  });

  test('authorizePublish and authorizeSubscribe are called', async () => {
    await using broker = await startBroker({
      authorizePublish: (_client, packet, done) => done(packet.topic === 'no' ? new Error('not yours') : null),
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic === 'no' ? null : subscription),
    });
    await using client = await connectClient(broker.tcp!.url);
    await expect(client.client.subscribeAsync('no')).rejects.toMatchObject({ packet: { granted: [128] } });
    await client.client.subscribeAsync('yes');
    expect([...broker.subscriptions().values()]).toEqual([['yes']]);
    client.client.publish('no', '1');
    await until('it to be dropped', () => broker.clients() === 0);
    expect(broker.clientErrors.map(({ error }) => error.message)).toEqual(['not yours']);
  });

  test.each(['authenticate', 'authorizePublish', 'authorizeSubscribe'] as const)(
    'a %s that throws refuses, and the broker goes on',
    async (hook) => {
      await using broker = await startBroker({ [hook]: broken });
      using raw = await connectRaw(broker.tcp!.port);
      raw.socket.write(Buffer.concat([packets.connect('c'), packets.subscribe('t'), packets.publish('t', '1')]));
      await until('it to be dropped', () => broker.clientErrors.length === 1);
      expect(broker.clientErrors[0].error.message).toBe('hook is broken');
      await until('nobody', () => broker.clients() === 0);
      expect(broker.received).toEqual([]);
    }
  );
});

describe('a refused filter and a granted one, in a persistent session', () => {
  const session = { clientId: 'reader', clean: false };
  const filters = { 'ok/#': { qos: 1 }, secret: { qos: 1 } } as const;

  test('queues no message for the refused filter', async () => {
    await using broker = await startBroker({
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic === 'secret' ? null : subscription),
    });
    {
      await using reader = await connectClient(broker.tcp!.url, session);
      await expect(reader.client.subscribeAsync(filters)).rejects.toMatchObject({ packet: { granted: [1, 128] } });
      await reader.client.endAsync();
    }
    await broker.publish({ topic: 'secret', payload: 'S', qos: 1 });
    await broker.publish({ topic: 'ok/1', payload: 'fine', qos: 1 });
    await using back = await connectClient(broker.tcp!.url, session);
    await until('what was queued', () => back.deliveries.length > 0);
    expect(back.texts()).toEqual(['fine']);
  });

  test('control: bare Aedes delivers it', async () => {
    await using bare = await startBareAedes({
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic === 'secret' ? null : subscription),
    });
    {
      await using reader = await connectClient(bare.tcpUrl, session);
      await reader.client.subscribeAsync(filters).catch(() => {});
      await reader.client.endAsync();
    }
    await new Promise<void>((resolve) => {
      bare.aedes.publish({ cmd: 'publish', topic: 'secret', payload: 'S', qos: 1, retain: false, dup: false }, () =>
        resolve()
      );
    });
    await using back = await connectClient(bare.tcpUrl, session);
    await until('it', () => back.deliveries.length > 0);
    expect(back.texts()).toEqual(['S']);
  });
});
