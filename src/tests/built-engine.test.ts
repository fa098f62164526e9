import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../broker/fixture';
import { buildPlugin } from '../../esbuild.config.mjs';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import type { ConnectionOptions, EnginePort, FromEngine, PagePort, StreamSpec } from '../engine/protocol';
import { numbersOf, type SeriesChunk, valueAt } from '../payload';
import { accept, publish, ScriptedBroker } from '../testing/scripted-broker';
import { SPARKPLUG } from '../testing/payloads';
import { eventually, SPEC } from '../testing/test-engine';
import { OPTIONS } from '../testing/connection-options';

/**
 * The built engine.js, with its replacements of packages (src/engine/shims) and its parts, at the other end of a message
 * port, against the broker. Node has no Worker of the browser's kind, so the engine runs in this thread.
 */
let dist: string;

beforeAll(async () => {
  vi.stubGlobal('WebSocket', WebSocket);
  dist = await mkdtemp(join(tmpdir(), 'mqttstream-engine-'));
  await buildPlugin({ outdir: dist, production: true });
}, 60_000);

afterAll(async () => {
  vi.unstubAllGlobals();
  await rm(dist, { recursive: true, force: true });
});

class Engine implements Disposable {
  readonly posted: FromEngine[] = [];
  readonly #channel = new MessageChannel();
  readonly #port = this.#channel.port1 as unknown as PagePort;

  static async start(folder: string, url: string, over: Partial<ConnectionOptions> = {}): Promise<Engine> {
    const { startEngine } = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'engine.js')).href)) as {
      startEngine: (port: EnginePort) => void;
    };
    const engine = new Engine();
    startEngine(engine.#channel.port2 as unknown as EnginePort);
    engine.#port.postMessage({ type: 'connect', options: { ...OPTIONS, url, ...over } });
    return engine;
  }

  private constructor() {
    this.#port.onmessage = ({ data }) => {
      this.posted.push(data);
      if (data.type === 'batch') {
        this.#port.postMessage({ type: 'ack' });
      }
    };
  }

  /** Opens a stream, and waits until the broker has granted it. */
  async open(stream: number, spec: Partial<StreamSpec>): Promise<void> {
    this.#port.postMessage({ type: 'open', stream, spec: { ...SPEC, ...spec } });
    const isGranted = (each: FromEngine): boolean =>
      each.type === 'subscribed' && each.stream === stream && each.granted;
    await vi.waitUntil(() => this.posted.some(isGranted), eventually);
  }

  #batches(stream: number) {
    return this.posted
      .flatMap((each) => (each.type === 'batch' ? each.streams : []))
      .filter((batch) => batch.stream === stream);
  }

  values(stream: number): unknown[] {
    return this.#batches(stream).flatMap(({ chunks }) => chunks.flatMap(firstColumn));
  }

  failure(stream: number): string | undefined {
    return this.#batches(stream).at(-1)?.stats.lastFailure?.reason;
  }

  [Symbol.dispose](): void {
    this.#port.postMessage({ type: 'stop' });
    setTimeout(() => [this.#channel.port1, this.#channel.port2].forEach((port) => port.close()), 1_000);
  }
}

function firstColumn(chunk: SeriesChunk): unknown[] {
  const [column] = chunk.columns;
  return column === undefined
    ? []
    : [...(numbersOf(chunk, column) ?? Array.from({ length: chunk.rows }, (_, row) => valueAt(column, row)))];
}

/** MQTT 5 is tested with mosquitto: the embedded broker has MQTT 3.1.1. */
const mosquitto = mosquittoPath();

async function embedded() {
  const broker = await startBroker();
  return { wsUrl: broker.ws!.url, tcpUrl: broker.tcp!.url, [Symbol.asyncDispose]: () => broker.close() };
}

async function external() {
  const broker = await startMosquitto(mosquitto!);
  const tcpUrl = `mqtt://127.0.0.1:${broker.tcpPort}`;
  return { wsUrl: broker.wsUrl, tcpUrl, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

describe.each([
  { name: 'MQTT 3.1.1', protocolVersion: 4, start: embedded, missing: false },
  { name: 'MQTT 5 of mosquitto', protocolVersion: 5, start: external, missing: mosquitto === undefined },
] as const)('$name', ({ protocolVersion, start, missing }) => {
  test.skipIf(missing).each([0, 1, 2] as const)('receives with QoS %i, in order, small and large', async (qos) => {
    await using broker = await start();
    using engine = await Engine.start(dist, broker.wsUrl, { protocolVersion });
    await engine.open(1, { filters: ['t/+'], qos, fields: [{ path: 'i' }], pendingRows: 1_000 });
    const client = await connectAsync(broker.tcpUrl, { protocolVersion });
    onTestFinished(() => client.endAsync());
    const filler = 'é'.repeat(100_000);
    for (let i = 0; i < 200; i++) {
      await client.publishAsync('t/a', JSON.stringify(i % 50 === 0 ? { i, filler } : { i }), { qos });
    }
    await expect.poll(() => engine.values(1).length, eventually).toBe(200);
    expect(engine.values(1)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });
});

test('knows messages that a kept session sends again: its part is loaded before it connects', async () => {
  await using broker = await ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'connect') {
      accept(client, { sessionPresent: broker.clients.length > 1 });
      for (let i = 1; i <= (broker.clients.length > 1 ? 6 : 5); i++) {
        publish(client, 't', i, { qos: 1, messageId: i, dup: broker.clients.length > 1 && i < 6 });
      }
      return true;
    }
  });
  using engine = await Engine.start(dist, broker.url, { cleanStart: false });
  await engine.open(1, { qos: 1 });
  await expect.poll(() => engine.values(1), eventually).toEqual([1, 2, 3, 4, 5]);
  broker.last.socket.terminate();
  await expect.poll(() => engine.values(1), eventually).toEqual([1, 2, 3, 4, 5, 6]);
});

const FORMATS: ReadonlyArray<
  readonly [name: string, spec: Partial<StreamSpec>, payload: string | Buffer, value: unknown]
> = [
  ['JSON', { format: 'json' }, '{"v":1.5}', 1.5],
  ['CSV', { format: 'csv', formatOptions: { columns: ['v'] } }, '1.5', 1.5],
  ['a regular expression', { format: 'regex', formatOptions: { pattern: '(?<v>\\d+)' } }, 'n=15', 15],
  ['Influx', { format: 'influx' }, 'm v=1.5', 1.5],
  ['SenML', { format: 'senml' }, '[{"n":"v","v":1.5}]', 1.5],
  ['MessagePack', { format: 'msgpack' }, Buffer.from([0x81, 0xa1, 0x76, 0x07]), 7],
  ['CBOR', { format: 'cbor' }, Buffer.from([0xa1, 0x61, 0x76, 0x07]), 7],
  [
    'a time in a format of its own',
    { time: { from: 'path', path: 't', format: 'D.M.YYYY' } },
    '{"t":"7.5.2024","v":1.5}',
    1.5,
  ],
  ['rows by their ids', { rowsAs: 'keys' }, '{"a":{"v":1.5}}', 1.5],
  ['almost JSON in a text', { fields: [{ path: 'm.v' }] }, '{"m":"{v: 1.5}"}', 1.5],
  ['CBOR in base64', { format: 'cbor', formatOptions: { unwrap: { encoding: 'base64' } } }, 'oWF2Bw==', 7],
];

test.each(FORMATS)('reads %s', async (_, spec, payload, value) => {
  await using broker = await startBroker();
  using engine = await Engine.start(dist, broker.ws!.url);
  await engine.open(1, spec);
  await broker.publish({ topic: 't', payload });
  await expect.poll(() => engine.values(1), eventually).toEqual([value]);
  expect(engine.failure(1)).toBeUndefined();
});

test('reads Sparkplug B by its topic, and what devices announce', async () => {
  await using broker = await startBroker();
  using engine = await Engine.start(dist, broker.ws!.url);
  await engine.open(1, { filters: ['spBv1.0/#'] });
  await engine.open(2, { filters: ['homeassistant/#'], format: 'discovery' });
  const [birth] = SPARKPLUG;
  await broker.publish({ topic: birth.topic, payload: Buffer.from(birth.bytes) });
  await broker.publish({
    topic: 'homeassistant/sensor/a/config',
    payload: JSON.stringify({ state_topic: 'a', unit_of_measurement: '°C' }),
  });
  await expect.poll(() => engine.values(1).length, eventually).toBeGreaterThan(0);
  expect(engine.failure(1)).toBeUndefined();
  await expect.poll(() => engine.values(2).length, eventually).toBe(1);
  expect(JSON.stringify(engine.values(2))).toContain('°C');
});

test('names what a binary payload may be', async () => {
  await using broker = await startBroker();
  using engine = await Engine.start(dist, broker.ws!.url);
  await engine.open(1, {});
  await broker.publish({ topic: 't', payload: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) });
  await expect.poll(() => engine.failure(1), eventually).toContain('a JPEG picture');
});

test('reads Sparkplug B once, while what reads its times is loaded', async () => {
  await using broker = await startBroker();
  using engine = await Engine.start(dist, broker.ws!.url);
  await engine.open(1, { filters: ['spBv1.0/#'], time: { from: 'path', path: 't', format: 'D.M.YYYY' } });
  for (const { topic, bytes } of SPARKPLUG) {
    await broker.publish({ topic, payload: Buffer.from(bytes) });
  }
  await expect.poll(() => engine.values(1).length, eventually).toBeGreaterThanOrEqual(SPARKPLUG.length);
  expect(engine.failure(1)).toBeUndefined();
});

test('reports a part whose file is not there, with what to do, and goes on with what needs none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mqttstream-engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(dist, folder, { recursive: true });
  for (const file of (await readdir(folder)).filter((name) => /^(formats|sparkplug)-/.test(name))) {
    await rm(join(folder, file));
  }
  await using broker = await startBroker();
  using engine = await Engine.start(folder, broker.ws!.url);
  await engine.open(1, { format: 'csv' });
  await engine.open(2, { filters: ['#'] });
  await broker.publish({ topic: 't', payload: '1,2' });
  await broker.publish({ topic: 'spBv1.0/Plant/NBIRTH/Edge', payload: Buffer.from([8, 1]) });
  await broker.publish({ topic: 'u', payload: '7' });
  await expect.poll(() => engine.failure(1), eventually).toMatch(/did not load .*formats-.*Reload the page\.$/);
  await expect.poll(() => engine.values(2), eventually).toContain(7);
  expect(engine.failure(2)).toMatch(/did not load .*sparkplug-.*Reload the page\.$/);
});
