import { describe, expect, test } from 'vitest';
import { eventually, hadError, shortestBackoff, TestEngine } from '../testing/test-engine';
import { accept, publish, refuse, ScriptedBroker, type ScriptedClient } from '../testing/scripted-broker';

describe('a broker that says goodbye (MQTT 5)', () => {
  test.each([
    [0x00, 'lost'],
    [0x87, 'refused'],
    [0x89, 'busy'],
    [0x8b, 'shutdown'],
    [0x8d, 'silent'],
    [0x8e, 'client-id'],
    [0x93, 'protocol'],
    [0x95, 'too-large'],
    [0x96, 'quota'],
    [0x97, 'quota'],
    [0x98, 'kicked'],
    [0x9c, 'moved'],
    [0xa0, 'lost'],
  ] as const)('with %i is reported as %s in its own words, and connected to again', async (reasonCode, code) => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, { protocolVersion: 5 }, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    broker.last.send({ cmd: 'disconnect', reasonCode, properties: { reasonString: 'goodbye then' } });
    await expect.poll(() => engine.errorCode, eventually).toBe(code);
    expect(engine.error?.details).toMatch(/goodbye then/);
    await expect.poll(() => engine.connections, eventually).toBe(2);
    await expect.poll(() => broker.open, eventually).toBe(1);
  });
});

describe('what MQTT does not allow', () => {
  const EMPTY_TOPIC_LENGTH = [0x30, 0x03, 0x00, 0x09, 0x74];
  test.each<[string, (client: ScriptedClient) => void, string]>([
    ['garbage', (client) => client.raw(Buffer.alloc(100, 0xff)), 'protocol'],
    ['a packet that does not fit', (client) => client.raw(...EMPTY_TOPIC_LENGTH), 'protocol'],
    ['a reserved kind of packet', (client) => client.raw(0x00, 0x00), 'protocol'],
    ['a text frame', (client) => client.text('hello'), 'protocol'],
    ['a packet too large', (client) => client.raw(0x30, 0x80, 0xda, 0xc4, 0x09, 0x00, 0x01, 0x74), 'too-large'],
  ])('%s ends the connection, is reported, and does not end the engine', async (_, send, code) => {
    for (const protocolVersion of [4, 5] as const) {
      await using broker = await ScriptedBroker.start();
      using engine = new TestEngine(broker.url, { protocolVersion }, shortestBackoff);
      engine.open(1);
      await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
      send(broker.last);
      await expect
        .poll(() => engine.all('status').map(({ status }) => status), eventually)
        .toContainEqual(expect.objectContaining({ state: 'reconnecting', error: expect.objectContaining({ code }) }));
      await expect.poll(() => broker.clients.length, eventually).toBe(2);
      await expect.poll(() => broker.last.asked, eventually).toEqual(['t']);
      publish(broker.last, 't', 1);
      await expect.poll(() => engine.rows(1), eventually).toBe(1);
      await expect.poll(() => broker.open, eventually).toBe(1);
    }
  });

  test.each<[string, (client: ScriptedClient) => void]>([
    ['garbage', (client) => client.raw(Buffer.alloc(100, 0xff))],
    ['a text frame', (client) => client.text('HTTP is spoken here')],
    ['a packet that is no CONNACK', (client) => client.raw(0xd0, 0x00)],
  ])('%s instead of a CONNACK is no broker', async (_, send) => {
    await using broker = await ScriptedBroker.start((_packet, client) => {
      send(client);
      return true;
    });
    using engine = new TestEngine(broker.url, { connectTimeout: 0.5 }, { random: () => 0.999 });
    await expect.poll(() => engine.errorCode, eventually).toBe('not-mqtt');
    await expect.poll(() => broker.open, eventually).toBe(0);
  });
});

describe('a broker that stops answering', () => {
  test('is found by keepalive, the broker’s own where it names one', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        accept(client, { properties: { serverKeepAlive: 1 } });
        return true;
      }
      return packet.cmd === 'pingreq';
    });
    using engine = new TestEngine(broker.url, { protocolVersion: 5, keepalive: 3_600 }, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    const began = performance.now();
    await expect.poll(() => engine.errorCode, eventually).toBe('silent');
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(broker.clients[0].sent.filter(({ cmd }) => cmd === 'pingreq').length).toBeGreaterThan(0);
    await expect.poll(() => engine.connections, eventually).toBe(2);
  });

  test('is found at once when the page asks, long before the keepalive', async () => {
    await using broker = await ScriptedBroker.start((packet) => packet.cmd === 'pingreq');
    using engine = new TestEngine(broker.url, { keepalive: 3_600, connectTimeout: 0.2 }, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    engine.post({ type: 'reconnect' });
    await expect.poll(() => engine.errorCode, eventually).toBe('silent');
  });

  test('is not one that answers: nothing comes of asking', async () => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, { keepalive: 3_600, connectTimeout: 0.2 }, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    engine.post({ type: 'reconnect' });
    await expect.poll(() => broker.last.sent.at(-1)?.cmd, eventually).toBe('pingreq');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(engine.states).toEqual(['connecting', 'connected']);
  });
});

describe('a loss is dated', () => {
  const HOUR_MS = 3_600_000;

  test.each<[string, (client: ScriptedClient) => void, number]>([
    ['from the last that was heard, where the machine slept', (client) => client.socket.terminate(), 0],
    ['from the goodbye, where there is one', (client) => client.socket.close(1001), HOUR_MS],
  ])('%s', async (_, end, expected) => {
    let slept = 0;
    const began = Date.now();
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, {}, { ...shortestBackoff, now: () => Date.now() + slept });
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    slept = HOUR_MS;
    end(broker.last);
    await expect.poll(() => engine.states, eventually).toContain('reconnecting');
    const { since } = engine.all('status').find(({ status }) => status.state === 'reconnecting')!.status;
    expect(Math.abs(since - began - expected)).toBeLessThan(HOUR_MS / 2);
  });
});

describe('a client id that the broker holds for a connection that is gone', () => {
  test.each([
    [4, 2],
    [5, 0x85],
  ] as const)('is replaced at once, MQTT %i', async (protocolVersion, code) => {
    const ids: string[] = [];
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        if (ids.includes(packet.clientId)) {
          refuse(client, code);
        } else {
          accept(client);
        }
        ids.push(packet.clientId);
        return true;
      }
    });
    // The longest waits: a quarter of a minute and more, if the refusal were waited for.
    using engine = new TestEngine(broker.url, { protocolVersion }, { random: () => 0.5 + 0.4 / (ids.length + 1) });
    engine.open(1);
    await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
    broker.last.socket.terminate();
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(ids).toHaveLength(3);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(hadError(engine, 'client-id-invalid')).toBe(false);
    await expect.poll(() => broker.last.asked, eventually).toEqual(['t']);
  });

  test('is not replaced where the broker has never accepted one, and a new one is not tried without end', async () => {
    for (const accepted of [0, 1]) {
      let attempts = 0;
      await using broker = await ScriptedBroker.start((packet, client) => {
        if (packet.cmd === 'connect') {
          if (attempts < accepted) {
            accept(client);
          } else {
            refuse(client, 2);
          }
          attempts++;
          return true;
        }
      });
      using engine = new TestEngine(broker.url, { protocolVersion: 4 }, shortestBackoff);
      if (accepted > 0) {
        await expect.poll(() => engine.status.state, eventually).toBe('connected');
        broker.last.socket.terminate();
      }
      await expect.poll(() => engine.errorCode, eventually).toBe('client-id-invalid');
      expect(attempts).toBe(accepted === 0 ? 1 : 3);
    }
  });
});

describe('a client id that is fought over', () => {
  test('is recognized by the pattern: closed again and again, soon after it was established', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        accept(client);
        setTimeout(() => client.socket.terminate(), 20);
        return true;
      }
    });
    using engine = new TestEngine(broker.url, {}, shortestBackoff);
    await expect.poll(() => engine.errorCode, eventually).toBe('client-id');
    const codes = engine.all('status').flatMap(({ status }) => ('error' in status ? [status.error?.code] : []));
    expect(codes).toEqual(['lost', 'lost', 'client-id']);
  });

  test('is recognized at once by the text of the close frame', async () => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, { protocolVersion: 4 }, shortestBackoff);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    broker.last.socket.close(1011, 'Duplicate Client ID');
    await expect.poll(() => engine.errorCode, eventually).toBe('client-id');
    expect(engine.error?.details).toBe('MQTT 3.1.1, WebSocket closed with code 1011 ("Duplicate Client ID")');
  });

  test('is recognized by the pattern with MQTT 3.1.1 too if the broker sends a DISCONNECT, which 3.1.1 does not have', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        accept(client);
        client.send({ cmd: 'disconnect' });
        setTimeout(() => client.socket.close(1000), 20);
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: 4 }, shortestBackoff);
    await expect.poll(() => engine.errorCode, eventually).toBe('client-id');
    expect(engine.error?.message).toContain('3 times in a row');
  });

  test('is waited longer for each time, although each attempt succeeds', async () => {
    const began: number[] = [];
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        began.push(performance.now());
        accept(client);
        setTimeout(() => client.socket.terminate(), 20);
        return true;
      }
    });
    // The longest waits: half a second, a second, and half a minute once it is recognized.
    using engine = new TestEngine(broker.url, {}, { random: () => 0.999 });
    await expect.poll(() => engine.errorCode, eventually).toBe('client-id');
    expect(began).toHaveLength(3);
    expect(began[1] - began[0]).toBeGreaterThan(450);
    expect(began[2] - began[1]).toBeGreaterThan(950);
  });
});

test('the loss is not before the last message, however long that has waited to be handled', async () => {
  await using broker = await ScriptedBroker.start();
  let time = 1_000_000;
  // A clock that goes on with each look at it
  using engine = new TestEngine(broker.url, {}, { ...shortestBackoff, now: () => ++time });
  engine.open(1);
  await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
  publish(broker.last, 't', 1);
  await expect.poll(() => engine.rows(1), eventually).toBe(1);
  broker.last.socket.terminate();
  await expect.poll(() => engine.states, eventually).toContain('reconnecting');
  const lost = engine.all('status').find(({ status }) => status.state === 'reconnecting')!;
  const [{ floats, timesAt }] = engine.all('batch').flatMap(({ streams }) => streams.flatMap(({ chunks }) => chunks));
  expect(lost.status.since).toBeGreaterThanOrEqual(floats[timesAt]);
});
