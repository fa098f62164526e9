import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { TestEngine } from '../../../src/testing/test-engine';
import { packets } from '../../mqtt-bytes';
import { connected, type Context, equal, open, ready, received, until } from '../context';

const CONNECT = 0x10;
/** PUBACK, PUBREC and PUBCOMP: what a subscriber acknowledges with. */
const ACKNOWLEDGEMENTS = [0x40, 0x50, 0x70];

/** The engine's sockets, whose acknowledgements can be lost on the way. */
class Tap {
  readonly sockets: WebSocket[] = [];
  loses = false;
  /** Acknowledgements that were lost. */
  lost = 0;
  clientId: string | undefined;

  readonly openSocket = (url: string, protocols: string[]): WebSocket => {
    const socket = new WebSocket(url, protocols);
    const send = socket.send.bind(socket);
    socket.send = (data: Uint8Array) => {
      for (const packet of packets(data)) {
        const type = packet[0] & 0xf0;
        this.clientId ??= type === CONNECT ? clientIdOf(packet) : undefined;
        if (this.loses && ACKNOWLEDGEMENTS.includes(type)) {
          this.lost++;
        } else {
          send(packet);
        }
      }
    };
    this.sockets.push(socket);
    return socket;
  };

  cut(): void {
    this.sockets.at(-1)!.terminate();
  }
}

/** The client id: the first string after the variable header and, with MQTT 5, its properties. */
function clientIdOf(packet: Uint8Array): string {
  const bytes = Buffer.from(packet);
  const begin = bytes.indexOf('MQTT', 0, 'latin1');
  const version = bytes[begin + 4];
  // Level, flags, keepalive; the properties are shorter than 128 bytes.
  let at = begin + 8;
  at += version === 5 ? 1 + bytes[at] : 0;
  return bytes.toString('utf8', at + 2, at + 2 + bytes.readUInt16BE(at));
}

/** Rows are there once, although the acknowledgements of the first were lost with the connection. */
export async function resume(context: Context, qos: 1 | 2): Promise<string> {
  const topic = `again/${qos}`;
  const tap = new Tap();
  const publisher = await context.client();
  using engine = context.engine({ cleanStart: false, sessionExpiry: 60 }, { openSocket: tap.openSocket });
  await open(engine, 1, { filters: [topic], qos });
  tap.loses = true;
  for (const value of [1, 2, 3, 4, 5]) {
    await publisher.publishAsync(topic, String(value), { qos });
  }
  // Some brokers send the next message only after the acknowledgement of the one before.
  await until('five messages are acknowledged', () => tap.lost >= 5, { ms: 2_000 }).catch(() => undefined);
  equal('acknowledgements were lost', tap.lost > 0, true);
  tap.loses = false;
  tap.cut();
  await connected(engine, 2);
  await until('the filter is granted again', () => grantedSince(engine, 2));
  for (const value of [6, 7]) {
    await publisher.publishAsync(topic, String(value), { qos });
  }
  await received(engine, 1, 7);
  await sleep(1_000 + (context.kind.resendsAfterMs ?? 0));
  await publisher.endAsync();
  const rows = engine.numbers(1);
  equal(
    'rows',
    rows.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7]
  );
  // The engine keeps the broker's order.
  return rows.join() === '1,2,3,4,5,6,7' ? '' : 'out of order';
}

/** Whether the broker has granted a subscription on the connection with this number, or continues the session. */
function grantedSince(engine: TestEngine, connection: number): boolean {
  let seen = 0;
  return engine.posted.some((each) => {
    if (each.type === 'status' && each.status.state === 'connected') {
      seen++;
      return seen >= connection && each.status.sessionPresent;
    }
    return seen >= connection && each.type === 'subscribed' && each.granted;
  });
}

/** Takeovers until the engine must name the client id. */
const FIGHTS = 4;

/** A client id that another client takes is named; if the broker keeps the engine connected, all goes on. */
export async function takeover(context: Context): Promise<string> {
  const tap = new Tap();
  using engine = context.engine({}, { openSocket: tap.openSocket, random: lowAfter(12) });
  await open(engine, 1, { filters: ['takeover'] });
  const clientId = tap.clientId!;
  const named = (): boolean => engine.all('status').some(({ status }) => 'error' in status && says(status.error));
  const says = (error: { message: string } | undefined): boolean => error?.message.includes(`(${clientId})`) === true;
  for (let fight = 0; fight < FIGHTS && !named(); fight++) {
    const before = engine.connections;
    const other = await context.client({ clientId, url: context.broker.url }).catch(() => undefined);
    const lost = (): boolean => engine.connections > before || engine.status.state !== 'connected';
    await until('the engine loses its connection', lost, { ms: 2_000 }).catch(() => undefined);
    await other?.endAsync(true);
    if (!lost()) {
      const publisher = await context.client();
      await publisher.publishAsync('takeover', '7');
      await received(engine, 1, 7);
      await publisher.endAsync();
      return other === undefined ? 'the other is refused' : 'both stay';
    }
    await until('the client id is named, or the engine is back', () => named() || engine.connections > before, {
      ms: 40_000,
      state: () => engine.error?.message,
    });
    const { connections } = engine;
    await until('the filter is granted again', () => named() || grantedSince(engine, connections));
  }
  if (!named()) {
    const errors = engine.all('status').flatMap(({ status }) => ('error' in status && status.error?.message) || []);
    throw new Error(`the client id is not named: ${[...new Set(errors)].join(' | ')}`);
  }
  return '';
}

/** The first numbers are random, for the client id; the rest are 0, for the shortest waits. */
function lowAfter(count: number): () => number {
  let drawn = 0;
  return () => (drawn++ < count ? Math.random() : 0);
}

/** The broker restarts; the engine comes back by itself, subscribes, and receives each message once. */
export async function restart(context: Context): Promise<string> {
  using engine = context.engine();
  await open(engine, 1, { filters: ['restart'] });
  await context.broker.stop();
  await until('the engine notices', () => engine.status.state !== 'connected');
  await context.broker.start();
  const up = performance.now();
  await connected(engine, 2, 40_000);
  const seconds = (performance.now() - up) / 1_000;
  await until('the filter is granted again', () => grantedSince(engine, 2));
  await ready(context);
  const publisher = await context.client();
  for (const value of [1, 2, 3]) {
    await publisher.publishAsync('restart', String(value), { qos: 1 });
  }
  await received(engine, 1, 3);
  await publisher.endAsync();
  equal('rows', engine.numbers(1), [1, 2, 3]);
  return `after ${seconds.toFixed(1)} s`;
}
