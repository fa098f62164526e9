// oxlint-disable no-underscore-dangle -- as mqtt.js sets them
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate as settled } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as shim from './readable-stream';

const require = createRequire(import.meta.url);

type Streams = Pick<typeof shim, 'Duplex' | 'Writable'>;
type Done = (error?: Error | null) => void;

/** Node finds the package itself; vitest and the build have the shim in its place. */
const original = require('readable-stream') as Streams;

/** What is done to a stream, one after the other. */
type Step =
  | { readonly do: 'write'; readonly data: string | number }
  | { readonly do: 'cork' | 'uncork' | 'end' | 'destroy' | 'fail' | 'done' | 'failed write' | 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      data: fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom(1, 300, 9_000, 16_384, 40_000)),
    }),
  },
  { weight: 3, arbitrary: fc.constantFrom({ do: 'done' as const }, { do: 'wait' as const }) },
  { weight: 2, arbitrary: fc.constantFrom({ do: 'cork' as const }, { do: 'uncork' as const }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...(['end', 'destroy', 'fail', 'failed write'] as const).map((each) => ({ do: each }))),
  }
);

/** Does the steps to a stream as the transport makes it. @returns what it did, in order. */
async function run({ Duplex }: Streams, steps: readonly Step[], isAtOnce: boolean): Promise<string[]> {
  const log: string[] = [];
  let done: Done | undefined;
  const written = (what: string, finished: Done): void => {
    log.push(what);
    if (isAtOnce) {
      finished();
    } else {
      done = finished;
    }
  };
  const hex = (chunk: Uint8Array): string => `${chunk.length} ${Buffer.from(chunk).toString('hex', 0, 20)}`;
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => undefined,
    write: (chunk: Uint8Array, _: string, finished: Done) => written(`write ${hex(chunk)}`, finished),
    writev: (chunks: Array<{ chunk: Uint8Array }>, finished: Done) =>
      written(`writev ${chunks.map(({ chunk }) => hex(chunk)).join()}`, finished),
    final(finished: Done) {
      log.push('final');
      finished();
    },
    destroy(error: Error | null, finished: Done) {
      log.push(`destroy ${error?.message}`);
      finished(error);
    },
  } as ConstructorParameters<typeof Duplex>[0]);
  for (const event of ['drain', 'finish', 'close', 'error']) {
    stream.on(event, (error?: Error) => log.push(`${event} ${error?.message}`));
  }
  for (const each of steps) {
    switch (each.do) {
      case 'write':
        log.push(String(stream.write(typeof each.data === 'string' ? each.data : Buffer.alloc(each.data, 7))));
        break;
      case 'cork':
      case 'uncork':
      case 'end':
        stream[each.do]();
        break;
      case 'destroy':
        stream.destroy();
        break;
      case 'fail':
        stream.destroy(new Error('told so'));
        break;
      case 'wait':
        await settled();
        break;
      default: {
        const finished = done;
        done = undefined;
        finished?.(each.do === 'done' ? null : new Error('the socket failed'));
      }
    }
  }
  await settled();
  return log;
}

test.each([true, false])('a Duplex writes as the package does (writes end at once: %s)', async (isAtOnce) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      expect(await run(shim, steps, isAtOnce)).toEqual(await run(original, steps, isAtOnce));
    }),
    { numRuns: 1_000 }
  );
});

/** Pushes chunks into a stream that is piped into a parser, of which each chunk takes some ticks. */
async function piped({ Duplex, Writable }: Streams, chunks: readonly number[], before: number): Promise<number[]> {
  const stream = new Duplex({ read: () => undefined } as ConstructorParameters<typeof Duplex>[0]);
  const parsed: number[] = [];
  let isBusy = false;
  const parser = new Writable();
  parser._write = (chunk: Uint8Array, _: string, done: Done): void => {
    expect(isBusy).toBe(false);
    isBusy = true;
    parsed.push(chunk.length);
    const end = (): void => {
      isBusy = false;
      done();
    };
    if (chunk.length % 2 === 0) {
      end();
    } else {
      queueMicrotask(end);
    }
  };
  chunks.slice(0, before).forEach((length) => stream.push(Buffer.alloc(length)));
  stream.pipe(parser);
  for (const length of chunks.slice(before)) {
    stream.push(Buffer.alloc(length));
    if (length === 3) {
      await settled();
    }
  }
  for (let i = 0; i < 20; i++) {
    await settled();
  }
  return parsed;
}

test('a Duplex gives its reader what came, in order, one chunk after the other', async () => {
  const chunks = fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(20_001)), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.nat(5), async (lengths, before) => {
      expect(await piped(shim, lengths, before)).toEqual(lengths);
      expect(await piped(original, lengths, before)).toEqual(lengths);
    })
  );
});

test('a thousand chunks of which each ends at once need no stack', async () => {
  const parser = new shim.Writable();
  const held: Done[] = [];
  let count = 0;
  parser._write = (_chunk, _encoding, done) => (count++ === 0 ? held.push(done) : done());
  for (let i = 0; i < 20_000; i++) {
    parser.write(Uint8Array.of(i));
  }
  held[0]();
  await settled();
  expect(count).toBe(20_000);
});

test('a Duplex gives its reader nothing more once it is destroyed', async () => {
  const stream = new shim.Duplex();
  const parser = new shim.Writable();
  const parsed: number[] = [];
  parser._write = ([first], _encoding, done) => {
    parsed.push(first);
    done();
  };
  stream.pipe(parser);
  stream.push(Uint8Array.of(1));
  stream.destroy();
  stream.push(Uint8Array.of(2));
  await settled();
  expect(parsed).toEqual([1]);
});

test.each([0, 1, 3])('a Readable hands out the %i packets of a store, and ends', async (count) => {
  const log: unknown[] = [];
  const stream = new shim.Readable();
  let next = 0;
  stream._read = () => stream.push(next < count ? { messageId: next++ } : null);
  stream.on('end', () => log.push('end'));
  for (let packet = stream.read(); packet !== null; packet = stream.read()) {
    log.push(packet);
  }
  expect(stream.read()).toBeNull();
  await settled();
  expect(log).toEqual([...Array.from({ length: count }, (_, messageId) => ({ messageId })), 'end']);
});

describe('mqtt.js and mqtt-packet call nothing that the shim lacks', () => {
  const lib = join(dirname(require.resolve('mqtt')), 'lib');
  /** Variables and fields of theirs that hold a stream, by the class. */
  const STREAMS = [
    [/\b(?:this\.)?stream\.(\w+)/g, new shim.Duplex()],
    [/\bwritable\.(\w+)/g, new shim.Writable()],
    [/\boutStore\.(\w+)/g, new shim.Readable()],
  ] as const;
  /** mqtt.js gives a store's stream a `destroy` of its own; `generate` of mqtt-packet has a stream of its own. */
  const OWN = new Set(['store.js', 'outStore.destroy', 'generate.js']);

  test.each([
    [lib, 7],
    [join(lib, 'handlers'), 0],
    [dirname(require.resolve('mqtt-packet')), 4],
  ])('%s', async (folder, atLeast) => {
    const called = new Set<string>();
    const names = await readdir(folder);
    // Those of Node, and a client that the plugin does not use
    for (const name of names.filter((each) => each.endsWith('.js') && !OWN.has(each) && !/Buffered|test/.test(each))) {
      const text = await readFile(join(folder, name), 'utf8');
      for (const [pattern, stream] of STREAMS) {
        for (const [what, member] of text.matchAll(pattern)) {
          called.add(member);
          expect(OWN.has(what) || member in stream, `${name}: ${what}`).toBe(true);
        }
      }
    }
    expect(called.size).toBeGreaterThanOrEqual(atLeast);
  });
});
