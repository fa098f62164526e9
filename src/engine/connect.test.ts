import type { IConnectPacket } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { eventually, shortestBackoff, TestEngine } from '../testing/test-engine';
import { accept, publish, refuse, ScriptedBroker } from '../testing/scripted-broker';

describe('the version of MQTT', () => {
  test('is 5 where the broker knows it, and the status says so with what the broker says of itself', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        const properties = {
          assignedClientIdentifier: 'you',
          maximumQoS: 1,
          retainAvailable: false,
          serverKeepAlive: 20,
          receiveMaximum: 10,
          maximumPacketSize: 1_000,
          reasonString: 'welcome',
        };
        accept(client, { properties });
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: 'auto' });
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    expect(engine.status).toMatchObject({
      protocolVersion: 5,
      sessionPresent: false,
      connectMs: expect.any(Number),
      server: {
        assignedClientId: 'you',
        maximumQos: 1,
        retainAvailable: false,
        serverKeepAlive: 20,
        receiveMaximum: 10,
        maximumPacketSize: 1_000,
        reasonString: 'welcome',
      },
    });
    expect(broker.clients).toHaveLength(1);
  });

  test.each([
    ['CONNACK 1', [0x20, 0x02, 0x00, 0x01]],
    ['CONNACK 0x84', [0x20, 0x03, 0x00, 0x84, 0x00]],
    ['CONNACK 0x84 without properties', [0x20, 0x02, 0x00, 0x84]],
    ['nothing but an end', []],
  ])('is 3.1.1 at once where the broker answers 5 with %s, and from then on', async (_, bytes) => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect' && packet.protocolVersion === 5) {
        client.raw(...bytes);
        client.socket.close();
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: 'auto' });
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    expect(engine.status).toMatchObject({ protocolVersion: 4 });
    expect(engine.states).toEqual(['connecting', 'connected']);
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4]);
    broker.last.socket.close();
    await expect.poll(() => engine.connections, eventually).toBe(2);
    using other = new TestEngine(broker.url, { protocolVersion: 'auto' }, {}, true);
    await expect.poll(() => other.status.state, eventually).toBe('connected');
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4, 4, 4]);
  });

  test('is 3.1.1 soon where the broker is silent on 5, each attempt with credentials of its own, and from then on', async () => {
    await using broker = await ScriptedBroker.start(
      (packet) => packet.cmd === 'connect' && packet.protocolVersion === 5
    );
    using engine = new TestEngine(broker.url, { protocolVersion: 'auto', connectTimeout: 1, credentials: 'request' });
    const began = performance.now();
    for (const attempt of [1, 2]) {
      await expect.poll(() => engine.all('credentials').at(-1)?.attempt, eventually).toBe(attempt);
      engine.post({ type: 'credentials', attempt, credentials: { username: 'u', password: `token ${attempt}` } });
    }
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(engine.status).toMatchObject({ protocolVersion: 4 });
    expect(engine.states).toEqual(['connecting', 'connected']);
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4]);
    expect(broker.clients.map(({ connect }) => connect?.password?.toString())).toEqual(['token 1', 'token 2']);
    broker.last.socket.close();
    await expect.poll(() => engine.all('credentials').length, eventually).toBe(3);
    engine.post({ type: 'credentials', attempt: 3, credentials: {} });
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(broker.last.version).toBe(4);
  });

  test('stays 5 where a broker that has answered in 5 is silent for once', async () => {
    let connects = 0;
    await using broker = await ScriptedBroker.start((packet) => packet.cmd === 'connect' && ++connects === 2);
    using engine = new TestEngine(broker.url, { protocolVersion: 'auto', connectTimeout: 0.3 }, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    broker.last.socket.close();
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 5, 5]);
  });

  test('is tried in turn where the broker is silent on both, and the error says that nothing answered', async () => {
    await using broker = await ScriptedBroker.start((packet) => packet.cmd === 'connect');
    using engine = new TestEngine(broker.url, { protocolVersion: 'auto', connectTimeout: 0.2 }, shortestBackoff);
    await expect.poll(() => broker.clients.length, eventually).toBeGreaterThan(3);
    expect(engine.errorCode).toBe('not-mqtt');
    expect(broker.clients.slice(0, 4).map(({ version }) => version)).toEqual([5, 4, 5, 4]);
  });

  test('is 5 again when a broker that only took 3.1.1 no longer does', async () => {
    let speaks = 4;
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect' && packet.protocolVersion !== speaks) {
        refuse(client, packet.protocolVersion === 5 ? 0x84 : 1);
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: 'auto' }, shortestBackoff);
    await expect.poll(() => engine.status, eventually).toMatchObject({ state: 'connected', protocolVersion: 4 });
    speaks = 5;
    broker.last.socket.close();
    await expect.poll(() => engine.status, eventually).toMatchObject({ state: 'connected', protocolVersion: 5 });
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4, 4, 5]);
  });

  test('that is asked for is the one that is tried', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        refuse(client, packet.protocolVersion === 5 ? 0x84 : 1);
        return true;
      }
    });
    for (const protocolVersion of [4, 5] as const) {
      using engine = new TestEngine(broker.url, { protocolVersion });
      await expect.poll(() => engine.errorCode, eventually).toBe('version');
      expect(broker.last.version).toBe(protocolVersion);
    }
    expect(broker.clients).toHaveLength(2);
  });
});

describe('a refused connection', () => {
  test.each([
    [4, 2, 'client-id-invalid'],
    [4, 3, 'busy'],
    [4, 4, 'refused'],
    [4, 5, 'refused'],
    [4, 6, 'rejected'],
    [5, 0x80, 'rejected'],
    [5, 0x81, 'protocol'],
    [5, 0x85, 'client-id-invalid'],
    [5, 0x86, 'refused'],
    [5, 0x87, 'refused'],
    [5, 0x88, 'busy'],
    [5, 0x89, 'busy'],
    [5, 0x8a, 'banned'],
    [5, 0x97, 'quota'],
    [5, 0x9c, 'moved'],
    [5, 0x9f, 'busy'],
  ] as const)('of MQTT %i with code %i is reported as %s, with the broker’s words', async (version, code, error) => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        refuse(client, code, { reasonString: 'so it is', serverReference: 'elsewhere:8083' });
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: version }, { random: () => 0.999 });
    await expect.poll(() => engine.errorCode, eventually).toBe(error);
    if (version === 5) {
      expect(engine.error?.message).toMatch(/"so it is".*elsewhere:8083/);
    }
    await expect.poll(() => broker.open, eventually).toBe(0);
  });
});

describe('a broker that hangs up on credentials without a CONNACK', () => {
  const hangingUp = (speaks: ReadonlyArray<4 | 5>, password: string) =>
    ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        const known = speaks.includes(packet.protocolVersion as 4 | 5);
        if (!known || packet.password?.toString() !== password) {
          client.socket.close(known ? 1002 : 1011);
          return true;
        }
      }
    });
  const wrong = { protocolVersion: 'auto', credentials: { username: 'u', password: 'wrong' } } as const;

  test('is asked with each version once, and then seldom, however the jitter falls', async () => {
    await using broker = await hangingUp([4], 'right');
    using engine = new TestEngine(broker.url, wrong, shortestBackoff);
    await expect.poll(() => engine.errorCode, eventually).toBe('hung-up');
    expect(engine.error?.details).toMatch(/MQTT 3\.1\.1, WebSocket closed with code 1002/);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4]);
  });

  test('is not asked with 5 again before somebody has done something', async () => {
    await using broker = await hangingUp([5], 'right');
    using engine = new TestEngine(broker.url, { ...wrong, credentials: 'request' }, shortestBackoff);
    const enter = async (attempt: number, password: string): Promise<void> => {
      await expect.poll(() => engine.all('credentials').length, eventually).toBe(attempt);
      engine.post({ type: 'credentials', attempt, credentials: { username: 'u', password } });
    };
    // Each CONNECT is an attempt for which the page is asked: a token is used once.
    await enter(1, 'wrong');
    await enter(2, 'wrong');
    await expect.poll(() => engine.errorCode, eventually).toBe('hung-up');
    engine.post({ type: 'reconnect' });
    await enter(3, 'right');
    await expect.poll(() => engine.status, eventually).toMatchObject({ state: 'connected', protocolVersion: 5 });
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4, 5]);
  });

  test('is one that does not speak MQTT 5 where 3.1.1 is let in', async () => {
    await using broker = await hangingUp([4], 'wrong');
    using engine = new TestEngine(broker.url, wrong, shortestBackoff);
    await expect.poll(() => engine.status, eventually).toMatchObject({ state: 'connected', protocolVersion: 4 });
    expect(engine.states).toEqual(['connecting', 'connected']);
    broker.last.socket.close();
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(broker.clients.map(({ version }) => version)).toEqual([5, 4, 4]);
  });

  test('is nothing of the kind where no credentials were sent', async () => {
    await using broker = await hangingUp([], '');
    using engine = new TestEngine(broker.url, { protocolVersion: 4 }, { random: () => 0.999 });
    await expect.poll(() => engine.errorCode, eventually).toBe('not-mqtt');
  });
});

test('a setting that MQTT does not allow is reported; nothing is sent or tried again', async () => {
  await using broker = await ScriptedBroker.start();
  for (const over of [{ keepalive: 100_000 }, { keepalive: -5 }, { credentials: { username: 7 as never } }]) {
    using engine = new TestEngine(broker.url, over, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('stopped');
    expect(engine.error).toMatchObject({
      code: 'setting',
      message: expect.stringMatching(/MQTT does not allow a setting/),
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(engine.sockets).toHaveLength(1);
  }
  expect(broker.clients.flatMap(({ sent }) => sent)).toEqual([]);
});

test('refused credentials are not tried again soon, whatever the jitter', async () => {
  await using broker = await ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'connect') {
      refuse(client, 0x86);
      return true;
    }
  });
  using engine = new TestEngine(broker.url, { protocolVersion: 5 }, shortestBackoff);
  await expect.poll(() => engine.errorCode, eventually).toBe('refused');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(broker.clients).toHaveLength(1);
});

describe('CONNECT', () => {
  async function connectOf(over: ConstructorParameters<typeof TestEngine>[1]): Promise<IConnectPacket> {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, over);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    return broker.last.connect!;
  }

  test('has limits and the session’s expiry with MQTT 5, and asks for no topic aliases', async () => {
    const packet = await connectOf({ protocolVersion: 5, cleanStart: false, sessionExpiry: 300, keepalive: 30 });
    expect(packet).toMatchObject({ clean: false, keepalive: 30 });
    expect(packet.clientId).toMatch(/^test-[0-9a-z]{12}$/);
    expect(packet.properties).toEqual({
      receiveMaximum: 1_000,
      maximumPacketSize: 16_000_000,
      sessionExpiryInterval: 300,
    });
  });

  test('has no session to keep unless asked', async () => {
    const packet = await connectOf({ protocolVersion: 5 });
    expect(packet.clean).toBe(true);
    expect(packet.properties).not.toHaveProperty('sessionExpiryInterval');
  });

  test.each([4, 5] as const)('has the credentials, with MQTT %i', async (protocolVersion) => {
    const of = async (credentials: object) => {
      const { username, password } = await connectOf({ protocolVersion, credentials });
      return [username, password?.toString()];
    };
    expect(await of({})).toEqual([undefined, undefined]);
    expect(await of({ username: 'u' })).toEqual(['u', undefined]);
    expect(await of({ username: 'u', password: '' })).toEqual(['u', '']);
    expect(await of({ username: 'ü', password: 'p' })).toEqual(['ü', 'p']);
    // A token alone, which MQTT 3.1.1 does not allow, goes with an empty name.
    expect(await of({ password: 'token' })).toEqual(['', 'token']);
  });
});

describe('credentials that the page is asked for', () => {
  const asking = { credentials: 'request' } as const;

  test('are asked for before each attempt, and the attempt is made with them', async () => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, asking, shortestBackoff);
    expect(broker.clients).toHaveLength(0);
    for (const attempt of [1, 2]) {
      await expect.poll(() => engine.all('credentials').length, eventually).toBe(attempt);
      engine.post({ type: 'credentials', attempt, credentials: { username: 'u', password: `token ${attempt}` } });
      await expect.poll(() => engine.connections, eventually).toBe(attempt);
      expect(broker.last.connect?.password?.toString()).toBe(`token ${attempt}`);
      broker.last.socket.close();
    }
  });

  test('that are absent stop the attempts until one is requested', async () => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, asking, shortestBackoff);
    const error = { code: 'credentials', message: 'Enter them.' } as const;
    engine.post({ type: 'no-credentials', attempt: 1, error, retry: false });
    expect(engine.status).toMatchObject({ state: 'stopped', error });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(engine.all('credentials')).toHaveLength(1);
    engine.post({ type: 'reconnect' });
    await expect.poll(() => engine.all('credentials').length, eventually).toBe(2);
    expect(engine.status).toMatchObject({ state: 'connecting', error });
    engine.post({ type: 'credentials', attempt: 1, credentials: { username: 'late' } });
    engine.post({ type: 'credentials', attempt: 2, credentials: { username: 'u' } });
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    expect(broker.clients.map(({ connect }) => connect?.username)).toEqual(['u']);
  });

  test('that could not be had for now are asked for again', async () => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, asking, shortestBackoff);
    engine.post({ type: 'no-credentials', attempt: 1, error: { code: 'token', message: 'No token.' }, retry: true });
    expect(engine.status).toMatchObject({ state: 'connecting', error: { code: 'token' } });
    await expect.poll(() => engine.all('credentials').length, eventually).toBe(2);
  });

  test('other ones are tried at once after those before were refused, and while those are on their way', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect' && packet.username !== 'right') {
        setTimeout(() => refuse(client, 0x86), 100);
        return true;
      }
    });
    // With the longest backoff: half a minute would be too late.
    using engine = new TestEngine(broker.url, { ...asking, protocolVersion: 5 }, { random: () => 0.999 });
    engine.post({ type: 'credentials', attempt: 1, credentials: { username: 'wrong' } });
    await expect.poll(() => engine.errorCode, eventually).toBe('refused');
    engine.post({ type: 'reconnect' });
    await expect.poll(() => engine.all('credentials').length, eventually).toBe(2);
    engine.post({ type: 'credentials', attempt: 2, credentials: { username: 'wrong again' } });
    engine.post({ type: 'reconnect' });
    await expect.poll(() => engine.all('credentials').length, eventually).toBe(3);
    engine.post({ type: 'credentials', attempt: 3, credentials: { username: 'right' } });
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    await expect.poll(() => broker.open, eventually).toBe(1);
  });
});

test('messages come over the connection that stands, before it is announced too', async () => {
  // A broker that kept the session may send what it stored right behind its CONNACK, in one frame with it.
  await using broker = await ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'connect') {
      client.raw(0x20, 0x02, 0x01, 0x00, Buffer.from([0x30, 0x04, 0x00, 0x01, 0x74, 0x31]));
      publish(client, 't', 2);
      return true;
    }
  });
  using engine = new TestEngine(broker.url, { cleanStart: false });
  engine.open(1);
  await expect.poll(() => engine.numbers(1), eventually).toEqual([1, 2]);
});

test('a URL without ws:// is an error of its own, and no path below the address of the engine', async () => {
  const opened: string[] = [];
  using engine = new TestEngine(
    'broker.example.com/mqtt',
    {},
    {
      openSocket: (url) => {
        opened.push(url);
        throw new Error('not asked');
      },
    }
  );
  await expect.poll(() => engine.errorCode, eventually).toBe('url');
  expect(engine.error?.message).toMatch(/broker\.example\.com\/mqtt.*it does not begin with ws:\/\/ or wss:\/\//);
  expect(opened).toEqual([]);
});
