import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { encode } from 'cborg';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../engine/stream';
import type { StreamSpec } from '../../engine/protocol';
import { incoming } from '../../testing/incoming';
import { createDecoder } from '../decode';
import { type Decoded, DecodeFailure } from '../decoded';
import { PartPending } from '../part';
import { Rows } from '../rows/rows';
import '../../testing/parts';
import { MAX_UNPACKED } from './inflate';
import type { FormatOptions, PayloadFormat } from '.';

/** Decodes as a stream does: once more when what the payload waits for is there. */
async function decode(format: PayloadFormat, bytes: Uint8Array, options?: FormatOptions): Promise<Decoded> {
  const decoder = createDecoder(format, options);
  for (;;) {
    try {
      return decoder(bytes, 'a/topic');
    } catch (error) {
      if (!(error instanceof PartPending)) {
        throw error;
      }
      await error.loaded;
    }
  }
}

const JSON_TEXT = '{"temp":21.5,"name":"kitchen kitchen kitchen"}';
const VALUE: unknown = JSON.parse(JSON_TEXT);
const CELSIUS = { value: 21.5, units: new Map([['', '°C']]) };

describe('compressed payloads', () => {
  test.each<[string, PayloadFormat, Uint8Array, unknown, FormatOptions?]>([
    ['gzip', 'auto', gzipSync(JSON_TEXT), VALUE],
    ['zlib', 'auto', deflateSync(JSON_TEXT), VALUE],
    ['zlib, fast', 'json', deflateSync(JSON_TEXT, { level: 1 }), VALUE],
    ['zlib, best', 'json', deflateSync(JSON_TEXT, { level: 9 }), VALUE],
    ['gzip of a number', 'number', gzipSync('21.5'), 21.5],
    ['gzip of text', 'text', gzipSync('hello hello'), 'hello hello'],
    ['gzip of UTF-16', 'json', gzipSync(Buffer.from(`\ufeff${JSON_TEXT}`, 'utf16le')), VALUE],
    ['gzip of Latin-1', 'number', gzipSync(Buffer.from('21.5 °C', 'latin1')), new Rows([CELSIUS])],
    ['zlib of Latin-1', 'number', deflateSync(Buffer.from('21.5 °C', 'latin1')), new Rows([CELSIUS])],
    ['gzip of CBOR', 'cbor', gzipSync(encode(VALUE)), VALUE],
    ['raw deflate, by choice', 'auto', deflateRawSync(JSON_TEXT), VALUE, { compression: 'deflate-raw' }],
    ['zlib of CBOR, by choice', 'cbor', deflateSync(encode(VALUE)), VALUE, { compression: 'deflate' }],
    ['gzip, by choice', 'json', gzipSync(JSON_TEXT), VALUE, { compression: 'gzip' }],
  ])('are unpacked: %s', async (_, format, bytes, value, options) => {
    expect(await decode(format, bytes, options)).toEqual(value);
  });

  test('are unpacked in text of base64, too', async () => {
    const text = JSON.stringify({ data: deflateRawSync(JSON_TEXT).toString('base64') });
    const options = { unwrap: { encoding: 'base64', path: 'data' }, compression: 'deflate-raw' } as const;
    expect(await decode('json', new TextEncoder().encode(text), options)).toMatchObject({ rows: [{ value: VALUE }] });
  });

  test.each<[string, Uint8Array, RegExp, FormatOptions?]>([
    ['gzip that is cut off', gzipSync(JSON_TEXT).subarray(0, 30), /cannot be unpacked as gzip: .*[^.]\.$/],
    ['gzip that is cut off early', gzipSync(JSON_TEXT).subarray(0, 10), /cannot be unpacked as gzip: .*[^.]\.$/],
    ['zlib that is cut off', deflateSync(JSON_TEXT).subarray(0, 20), /cannot be unpacked as zlib: .*[^.]\.$/],
    ['zlib that is cut off early', deflateSync(JSON_TEXT).subarray(0, 6), /compressed with zlib, and either cut off/],
    ['gzip and other bytes', Buffer.concat([gzipSync('1'), Buffer.of(1, 2)]), /cannot be unpacked as gzip: .*[^.]\.$/],
    ['gzip in gzip', gzipSync(gzipSync(JSON_TEXT)), /compressed with gzip, .* compressed twice/],
    ['zlib in gzip', gzipSync(deflateSync(JSON_TEXT)), /compressed with zlib, .* compressed twice/],
    ['what only begins like zlib', Uint8Array.of(0x78, 0x9c, 1, 2, 3, 0xff, 0xff, 0xff), /be unpacked as zlib/],
    ['too much', gzipSync(Buffer.alloc(MAX_UNPACKED + 1, 0x20)), /more than 10,000,000 bytes/],
    ['too much zlib', deflateSync(Buffer.alloc(MAX_UNPACKED + 1, 0x20)), /more than 10,000,000 bytes/],
    ['another format', new TextEncoder().encode(JSON_TEXT), /cannot be unpacked as zlib/, { compression: 'deflate' }],
    ['binary in gzip', gzipSync(Buffer.from([0xff, 0xd8, 0xff, 0])), /a JPEG picture/],
  ])('say why they are not: %s', async (_, bytes, reason, options) => {
    const failure = await decode('auto', bytes, options);
    expect(failure).toBeInstanceOf(DecodeFailure);
    expect((failure as DecodeFailure).reason).toMatch(reason);
  });

  test('are unpacked for each stream as it asks for, from the same bytes', async () => {
    const bytes = gzipSync(JSON_TEXT);
    expect(await decode('json', bytes, { compression: 'deflate' })).toBeInstanceOf(DecodeFailure);
    expect(await decode('json', bytes)).toEqual(VALUE);
  });

  test('are unpacked once for all streams', () => {
    const bytes = gzipSync(JSON_TEXT);
    const waits = [0, 1].map(() => {
      try {
        return createDecoder('json')(bytes, 't');
      } catch (error) {
        return error;
      }
    });
    expect(waits[0]).toBeInstanceOf(PartPending);
    expect((waits[1] as PartPending).loaded).toBe((waits[0] as PartPending).loaded);
  });

  test('come in their order, among others', async () => {
    const spec: StreamSpec = { filters: ['#'], qos: 0, format: 'auto', pendingRows: 100, maxSeries: 10 };
    const stream = new Stream(1, spec);
    const released = new Promise<void>((resolve) => {
      stream.onReleased = () => (stream.isWaiting ? undefined : resolve());
    });
    for (let i = 0; i < 10; i++) {
      const text = `{"v":${i}}`;
      stream.add(incoming('t', i % 3 === 1 ? text : gzipSync(text)), i, 1);
    }
    await released;
    const [{ rows, floats, columns }] = stream.take()!.chunks;
    expect(rows).toBe(10);
    expect([...floats.subarray(columns[0].numbersAt, columns[0].numbersAt! + 10)]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });
});
