import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import * as fc from 'fast-check';
import * as original from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mqttShims } from './plugin.mjs';

/** mqtt-packet and the shims, bundled as engine.js bundles them. */
interface Bundle {
  readonly mqttPacket: typeof original;
  readonly Buffer: typeof Buffer;
  readonly LRUCache: new (options: { max: number }) => Map<number, string> & { keys(): Iterable<number> };
  readonly clone: (packet: object) => object;
}

let bundle: Bundle;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mqttstream-shims-'));
  const outfile = join(folder, 'bundle.mjs');
  await build({
    stdin: {
      contents: `import mqttPacket from 'mqtt-packet';
        import { LRUCache } from 'lru-cache';
        import clone from 'rfdc/default';
        export { Buffer } from 'buffer';
        export { mqttPacket, LRUCache, clone };`,
      resolveDir: join(import.meta.dirname, '../../..'),
    },
    absWorkingDir: join(import.meta.dirname, '../../..'),
    bundle: true,
    platform: 'browser',
    format: 'esm',
    outfile,
    inject: ['src/engine/shims/globals.mjs'],
    plugins: [mqttShims],
  });
  bundle = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Bundle;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const bytes = (array: Uint8Array): number[] => [...array];

describe('Buffer is Node’s', () => {
  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));

  test('for text', () => {
    fc.assert(
      fc.property(text, fc.nat(5), (string, at) => {
        const ours = bundle.Buffer.from(string, 'utf8');
        const theirs = Buffer.from(string, 'utf8');
        expect(bytes(ours)).toEqual(bytes(theirs));
        expect(bundle.Buffer.byteLength(string)).toBe(Buffer.byteLength(string));
        expect(ours.toString()).toBe(theirs.toString());
        expect(ours.toString('utf8', at, at + 3)).toBe(theirs.toString('utf8', at, at + 3));
        const [mine, nodes] = [bundle.Buffer.alloc(40), Buffer.alloc(40)];
        expect(mine.write(string, at)).toBe(nodes.write(string, at));
        expect(bytes(mine)).toEqual(bytes(nodes));
      })
    );
  });

  test('for bytes that are no text, and for a BOM', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (array) => {
        expect(bundle.Buffer.from(array).toString()).toBe(Buffer.from(array).toString());
      })
    );
    expect(bundle.Buffer.from('\uFEFFa').toString()).toBe('\uFEFFa');
  });

  test('for numbers, copies and views', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 20 }), fc.nat(4), fc.nat(0xffff_ffff), (array, at, n) => {
        const [ours, theirs] = [bundle.Buffer.from(array), Buffer.from(array)];
        expect(ours.readUInt8(at)).toBe(theirs.readUInt8(at));
        expect(ours.readUInt16BE(at)).toBe(theirs.readUInt16BE(at));
        expect(ours.readUInt32BE(at)).toBe(theirs.readUInt32BE(at));
        for (const each of [ours, theirs]) {
          expect(each.writeUInt32BE(n, at)).toBe(at + 4);
          expect(each.writeUInt16BE(n & 0xffff, 0)).toBe(2);
          expect(each.writeUInt8(n & 0xff, 1)).toBe(2);
          each.slice(1, 3)[0] = 7;
        }
        expect(bytes(ours)).toEqual(bytes(theirs));
        expect(bundle.Buffer.isBuffer(ours.subarray(1))).toBe(true);
        const targets = [bundle.Buffer.alloc(10), Buffer.alloc(10)];
        expect(ours.copy(targets[0], at, 1)).toBe(theirs.copy(targets[1], at, 1));
        expect(bytes(targets[0])).toEqual(bytes(targets[1]));
        expect(bytes(bundle.Buffer.concat([ours, ours], at * 5))).toEqual(
          bytes(Buffer.concat([theirs, theirs], at * 5))
        );
      })
    );
  });

  test('for views of an ArrayBuffer; and it refuses what is not in the bundle', () => {
    const { buffer } = Uint8Array.of(1, 2, 3, 4);
    expect(bytes(bundle.Buffer.from(buffer, 1, 2))).toEqual([2, 3]);
    expect(bundle.Buffer.from(buffer).buffer).toBe(buffer);
    expect(() => bundle.Buffer.from('00', 'hex')).toThrow(/Only UTF-8/);
  });
});

const PACKETS: readonly original.Packet[] = [
  {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clientId: 'é'.repeat(10),
    clean: false,
    keepalive: 60,
    username: 'user',
    password: 'p\u00e4ss' as unknown as Buffer,
    properties: { sessionExpiryInterval: 0xffff_fffe, receiveMaximum: 200, maximumPacketSize: 16_000_000 },
  },
  {
    cmd: 'subscribe',
    messageId: 7,
    subscriptions: [{ topic: 'a/#', qos: 1, nl: false, rap: true, rh: 0 }],
    properties: { subscriptionIdentifier: 300 },
  },
  { cmd: 'unsubscribe', messageId: 8, unsubscriptions: ['a/#', 'b'] },
  {
    cmd: 'publish',
    topic: 'räume/1',
    payload: Buffer.from('x'.repeat(300)),
    qos: 2,
    messageId: 65_535,
    dup: true,
    retain: true,
    properties: { userProperties: { a: ['1', '2'], b: '3' }, messageExpiryInterval: 10, contentType: 'text/plain' },
  },
  { cmd: 'puback', messageId: 9, reasonCode: 16, properties: { reasonString: 'nobody' } },
  { cmd: 'pubrel', messageId: 10, reasonCode: 0 },
  { cmd: 'pingreq' },
  { cmd: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 5 } },
];

const textOf = (value: unknown): unknown => (value instanceof Uint8Array ? String(value) : value);

test.each(PACKETS.map((packet) => [packet.cmd, packet] as const))(
  'mqtt-packet writes and reads %s as it does with Node’s Buffer',
  (_, packet) => {
    const options = { protocolVersion: 5 };
    const written = original.generate(packet, options);
    expect(bytes(bundle.mqttPacket.generate(packet, options))).toEqual(bytes(written));
    const read = (mqttPacket: typeof original, chunks: Uint8Array[]): string => {
      const packets: object[] = [];
      const parser = mqttPacket.parser(options);
      parser.on('packet', (each: object) => packets.push(each));
      chunks.forEach((chunk) => parser.parse(chunk as Buffer));
      // Of a Buffer, only the bytes count.
      return JSON.stringify(packets.map((each) => Object.entries(each).map(([key, value]) => [key, textOf(value)])));
    };
    const halves = [written.subarray(0, 3), written.subarray(3)].map((each) => Uint8Array.from(each));
    expect(read(bundle.mqttPacket, halves)).toBe(read(original, [written]));
  }
);

test('LRUCache gives up what was not used for the longest', () => {
  const cache = new bundle.LRUCache({ max: 2 });
  cache.set(1, 'a');
  cache.set(2, 'b');
  expect(cache.get(1)).toBe('a');
  cache.set(3, 'c');
  expect([...cache.keys()]).toEqual([3, 1]);
  expect(cache.size).toBe(2);
  cache.clear();
  expect(cache.get(1)).toBeUndefined();
});

test('a copied packet and its properties change without the original', () => {
  const packet = { cmd: 'publish', topic: 'a', properties: { topicAlias: 1 } };
  const copy = bundle.clone(packet) as typeof packet;
  copy.topic = 'b';
  copy.properties.topicAlias = 2;
  expect(packet).toEqual({ cmd: 'publish', topic: 'a', properties: { topicAlias: 1 } });
  expect(bundle.clone({ cmd: 'publish' })).toEqual({ cmd: 'publish' });
});

test.each([{ isCurrent: true }, { isCurrent: false }, undefined])(
  'an AUTH that was not asked for is the same error (%o)',
  (state) => {
    const events = (handler: (...args: unknown[]) => void): unknown[] => {
      const log: unknown[] = [];
      const note =
        (name: string) =>
        (...args: unknown[]): void =>
          void log.push([name, ...args]);
      const pump = state && { discardParsedPackets: note('discard'), isCurrent: () => state.isCurrent };
      const emit = (name: string, error: Error & { code: number }): void => note(name)(error.message, error.code);
      const client = { options: { protocolVersion: 5 }, log: () => undefined, _cleanUp: note('cleanUp'), emit };
      handler(client, { cmd: 'auth', reasonCode: 24, properties: { authenticationMethod: 'X' } }, pump);
      return log;
    };
    const require = createRequire(import.meta.url);
    const original = join(dirname(require.resolve('mqtt')), 'lib/handlers/auth.js');
    const expected = events((require(original) as { default: () => void }).default);
    expect(expected.at(-1)).toMatchObject(['error', expect.stringMatching('not requested'), 130]);
    expect(events(require('./auth.cjs') as () => void)).toEqual(expected);
  }
);
