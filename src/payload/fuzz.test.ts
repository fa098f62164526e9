import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { createDecoder, type Decoder, DecodeFailure, CLEARED } from './decode';
import { FORMAT_IDS, type PayloadFormat, type FormatOptions } from './formats';
import { PAYLOAD_FIXTURES, type PayloadFixture } from '../testing/payloads';
import { PAYLOAD_LIMITS } from './limits';
import { PartPending } from './part';
import { Rows } from './rows/rows';
import { SeriesBuilder } from './columns/series-builder';
import { costOf } from '../testing/baseline';
import { isObject } from '../utils/is-object';
import '../testing/parts';

/** Runs of each property: few in each test run, many with `npm run fuzz`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

/** Times what plain JavaScript takes for as many bytes: five times what any of these takes; what hangs takes thousands. */
const MOST = 500;

/** Formats with options that change what they read. */
const WITH_OPTIONS: ReadonlyArray<readonly [PayloadFormat, FormatOptions]> = [
  ['csv', { delimiter: '::', columns: ['__proto__', '', 'a', 'a'] }],
  ['regex', { pattern: '(?<__proto__>\\w*)(?<rest>[^]+)' }],
  ['uint16', { byteOrder: 'little' }],
  ['int32', { byteOrder: 'cdab' }],
  ['float64', { byteOrder: 'badc' }],
  ['int64', { offset: 3 }],
  ['auto', { unwrap: { encoding: 'base64' } }],
  ['cbor', { unwrap: { encoding: 'hex', path: 'a.b[0]' } }],
];

const DECODERS: ReadonlyArray<readonly [PayloadFormat, FormatOptions?]> = [
  ...FORMAT_IDS.map((format) => [format] as const),
  ...WITH_OPTIONS,
];

const TOPICS = [
  'a/topic',
  'spBv1.0/Plant/NDATA/Edge',
  'spBv1.0/Plant/DBIRTH/Edge/Pump',
  'spBv1.0/Plant/NDEATH/Edge',
  'spBv1.0/STATE/x',
];

/** Not vitest's, which takes longer than what it is asked about. */
function demand(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(what);
  }
}

/** Whether a value is what a decoder may give: JSON, with NaN and Infinity, made of plain objects and arrays. */
function checkValue(value: unknown, levels = 251): void {
  if (isObject(value)) {
    demand(levels > 0, 'nested too deep');
    demand(Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype, 'no plain object');
    for (const key of Object.keys(value)) {
      checkValue((value as Record<string, unknown>)[key], levels - 1);
    }
  } else {
    demand(value === null || ['number', 'string', 'boolean'].includes(typeof value), `${typeof value} is no JSON`);
  }
}

function check(decoded: unknown): void {
  if (decoded instanceof DecodeFailure) {
    demand(decoded.reason.endsWith('.') && decoded.reason.length < 2_000, `no sentence: ${decoded.reason}`);
  } else if (decoded instanceof Rows) {
    demand(decoded.rows.length <= 10_000 && decoded.problems.length <= 10, 'too many rows or problems');
    for (const { value, time, offset, labels = {}, units = new Map<string, string>() } of decoded.rows) {
      if (value !== CLEARED) {
        checkValue(value);
      }
      demand(
        [time, offset].every((each) => each === undefined || Number.isFinite(each)),
        'a time is no number'
      );
      demand(Object.getPrototypeOf(labels) === Object.prototype, 'the labels are no plain object');
      demand(
        [...Object.values(labels), ...units.values()].every((each) => typeof each === 'string'),
        'no text'
      );
    }
  } else if (decoded !== CLEARED) {
    checkValue(decoded);
  }
}

/** Payloads that begin like compressed ones, which are unpacked before they can be checked. */
const pending: Array<{ readonly loaded: Promise<void>; readonly check: () => void }> = [];

afterEach(async () => {
  for (const { loaded, check: checkUnpacked } of pending.splice(0)) {
    await loaded;
    checkUnpacked();
  }
});

function decodeAndCheck(decode: Decoder, bytes: Uint8Array, topic: string, mayWait = true): void {
  const before = bytes.slice();
  let decoded: unknown;
  let cost: number;
  try {
    cost = costOf(bytes.length, MOST, () => (decoded = decode(bytes, topic)));
  } catch (error) {
    if (mayWait && error instanceof PartPending) {
      pending.push({ loaded: error.loaded, check: () => decodeAndCheck(decode, bytes, topic, false) });
      return;
    }
    throw error;
  }
  demand(cost < MOST, `it hangs: it takes ${cost} times as long as JSON`);
  demand(
    bytes.every((byte, i) => byte === before[i]),
    'the payload was changed'
  );
  check(decoded);
}

/** What a payload is decoded to, after it was unpacked if it begins like a compressed one. */
async function unpacked(decode: Decoder, bytes: Uint8Array): Promise<unknown> {
  try {
    return decode(bytes, 't');
  } catch (error) {
    if (!(error instanceof PartPending)) {
      throw error;
    }
    await error.loaded;
    return decode(bytes, 't');
  }
}

const topics = fc.constantFrom(...TOPICS);
const encoder = new TextEncoder();

describe.each(
  DECODERS.map(
    ([format, options]) =>
      [options === undefined ? format : `${format} ${JSON.stringify(options)}`, format, options] as const
  )
)('%s', (_, format, options) => {
  const decode = createDecoder(format, options);

  test('takes any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), topics, (bytes, topic) => decodeAndCheck(decode, bytes, topic)),
      { numRuns: RUNS }
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('takes any text', () => {
    const alphabet = '{}[]",:;=|\\/ \t\r\n\0\u001b#+-.eE0123456789abntrueflsiu_Infy%°µé🌧\ud800'.split('');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 40 }),
          fc.json(),
          fc.string({ unit: 'binary' })
        ),
        topics,
        (text, topic) => decodeAndCheck(decode, encoder.encode(text), topic)
      ),
      { numRuns: RUNS }
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('takes any bytes that lie within others', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 30 }), async (bytes) => {
      const inner = bytes.subarray(1, -1);
      const [within, alone] = [inner, inner.slice()].map((each) => unpacked(createDecoder(format, options), each));
      expect(await within).toEqual(await alone);
    });
    // The bytes that begin like zlib, and are none; few random ones do.
    const examples: Array<[Uint8Array]> = [[Uint8Array.from([0, 0x78, 0x01, 0, 0, 0, 0, 0, 128, 0])]];
    await fc.assert(property, { numRuns: RUNS / 10, examples });
  });
});

/** A change to a payload, such as happens to it on its way or is made to it on purpose. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({
    kind: fc.constant('set' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.nat({ max: 255 }),
  }),
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bit: fc.nat({ max: 7 }),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
  fc.record({
    kind: fc.constant('repeat' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    times: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 9 }),
  })
);

function mutate(bytes: Uint8Array, change: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const at = Math.min(bytes.length, Math.floor(change.at * bytes.length));
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case 'cut':
      return head.slice();
    case 'set':
    case 'flip': {
      const changed = bytes.slice();
      if (at < changed.length) {
        changed[at] = change.kind === 'set' ? change.byte : changed[at] ^ (1 << change.bit);
      }
      return changed;
    }
    case 'insert':
      return Uint8Array.from([...head, ...change.bytes, ...tail]);
    case 'repeat':
      return Uint8Array.from([
        ...head,
        ...Array.from({ length: change.times }, () => [...tail.subarray(0, 8)]).flat(),
        ...tail,
      ]);
    case 'remove':
      return Uint8Array.from([...head, ...tail.subarray(change.length)]);
  }
}

test('payloads of the common ecosystems, broken', () => {
  const decoders = DECODERS.map(([format, options]) => createDecoder(format, options));
  const own = new Map<PayloadFixture, Decoder>(
    PAYLOAD_FIXTURES.map((each) => [each, createDecoder(each.format ?? 'auto', each.options)])
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...PAYLOAD_FIXTURES),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...decoders),
      (fixture, changes, other) => {
        const bytes = changes.reduce(mutate, fixture.bytes);
        decodeAndCheck(own.get(fixture)!, bytes, fixture.topic);
        decodeAndCheck(other, bytes, fixture.topic);
      }
    ),
    { numRuns: RUNS * 10 }
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe('large and hostile payloads', () => {
  const repeat = (part: string, length = 1_000_000): Uint8Array =>
    encoder.encode(part.repeat(Math.ceil(length / part.length)));
  const object = (keys: number): string => `{${Array.from({ length: keys }, (_, i) => `"key ${i}":${i}`).join(',')}}`;
  const bytes = (...parts: Array<number | readonly number[]>): Uint8Array => Uint8Array.from(parts.flat());
  const many = (n: number, ...pattern: number[]): number[] => Array.from({ length: n }, () => pattern).flat();
  const payloads: ReadonlyArray<readonly [string, () => Uint8Array]> = [
    ['10,000 levels of arrays', () => encoder.encode(`${'['.repeat(10_000)}1${']'.repeat(10_000)}`)],
    ['10,000 levels of objects', () => encoder.encode(`${'{"a":'.repeat(10_000)}nan${'}'.repeat(10_000)}`)],
    ['50,000 keys', () => encoder.encode(object(50_000))],
    ['50,000 keys, one value not JSON', () => encoder.encode(object(50_000).replace(':5,', ':nan,'))],
    ['a megabyte of text', () => encoder.encode(`"${'x'.repeat(1_000_000)}"`)],
    ['a megabyte of escapes', () => encoder.encode(`{"a":nan,"b":"${'\\u0041'.repeat(170_000)}"}`)],
    ['lone surrogates in JSON', () => encoder.encode(`["${'\\ud800'.repeat(1_000)}"]`)],
    ['lone surrogates in UTF-8', () => bytes(many(1_000, 0xed, 0xa0, 0x80))],
    ['overlong UTF-8', () => bytes(many(1_000, 0xc0, 0xaf))],
    ['overlong UTF-8 in MessagePack', () => bytes(0xa4, 0xc0, 0xaf, 0xc0, 0xaf)],
    ['MessagePack, 10,000 levels', () => bytes(many(10_000, 0x91), 1)],
    ['MessagePack, arrays that lie at each level', () => bytes(many(200_000, 0xdd, 0x01, 0, 0, 0))],
    ['MessagePack, maps that lie', () => bytes(many(200_000, 0xdf, 0xff, 0xff, 0xff, 0xff))],
    ['MessagePack, 300,000 empty maps', () => bytes(0xdd, 0, 0x04, 0x93, 0xe0, many(300_000, 0x80))],
    ['CBOR, 10,000 tags', () => bytes(many(10_000, 0xc2), 0x41, 1)],
    ['CBOR, a bignum of a megabyte', () => bytes(0xc2, 0x5a, 0, 0x0f, 0x42, 0x40, many(1_000_000, 0xff))],
    [
      'CBOR, a mantissa of a megabyte',
      () => bytes(0xc4, 0x82, 0x01, 0xc2, 0x5a, 0, 0x0f, 0x42, 0x40, many(1_000_000, 0xff)),
    ],
    ...[0x81, 0xa1].map((head): [string, () => Uint8Array] => [
      `${head === 0x81 ? 'MessagePack' : 'CBOR'}, objects in the keys of objects in the keys of objects`,
      () => bytes(many(240, head), many(241, 0)),
    ]),
    [
      'MessagePack, 200,000 times the same key, which is no text',
      () => bytes(0xdf, 0, 3, 0x0d, 0x40, many(400_000, 0)),
    ],
    ['CBOR, 200,000 times the same key, which is no text', () => bytes(0xba, 0, 3, 0x0d, 0x40, many(400_000, 0))],
    ['MessagePack, 32,000 times nil as key', () => bytes(0xdf, 0, 0, 0x7d, 0, many(32_000, 0xc0, 0xc0))],
    ['CBOR, 32,000 times 1 as key', () => bytes(0xba, 0, 0, 0x7d, 0, many(32_000, 1, 1))],
    // A metric "a" of the type template, in it 32,000 metrics without a name.
    [
      'Sparkplug, a template of 32,000 metrics without a name',
      () => bytes(0x12, 0x88, 0xf4, 3, 0x0a, 1, 0x61, 0x92, 1, 0x80, 0xf4, 3, many(32_000, 0x12, 0)),
    ],
    // A metric "a" of the type data set: 32,000 columns without a name, and a row of as many cells.
    [
      'Sparkplug, a data set of 32,000 columns of the same name',
      () =>
        bytes(
          [0x12, 0x8c, 0xe8, 7, 0x0a, 1, 0x61, 0x8a, 1, 0x84, 0xe8, 7],
          many(32_000, 0x12, 0),
          [0x22, 0x80, 0xf4, 3],
          many(32_000, 0x0a, 0)
        ),
    ],
    ['CBOR, 10,000 arrays without an end', () => bytes(many(10_000, 0x9f))],
    ['CBOR, 500,000 pieces of text', () => bytes(0x7f, many(500_000, 0x61, 0x61), 0xff)],
    [
      'CBOR in CBOR in CBOR',
      () => {
        let inner = bytes(1);
        for (let i = 0; i < 300; i++) {
          inner = bytes(0xd8, 24, 0x59, inner.length >> 8, inner.length & 255, [...inner]);
        }
        return inner;
      },
    ],
    [
      'Protobuf, lengths of exabytes',
      () => bytes(many(1_000, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)),
    ],
    ['Protobuf, 200,000 empty metrics', () => bytes(many(200_000, 0x12, 0))],
    ['Protobuf, 500,000 fields', () => bytes(many(500_000, 0x38, 0))],
    ['a million lines', () => repeat('m f=1\n')],
    ['a million rows', () => repeat('1,2\n')],
    ['a million objects', () => repeat('{"a":1}\n')],
    ['a million delimiters', () => repeat(',;|\t')],
    ['a million quotes', () => repeat('"')],
    ['a million zeros', () => new Uint8Array(1_000_000)],
  ];

  test.each(payloads)('%s', (_, make) => {
    const payload = make();
    for (const [format, options] of DECODERS) {
      take(createDecoder(format, options), payload, TOPICS[0]);
    }
    for (const topic of TOPICS.slice(1)) {
      take(createDecoder('auto'), payload, topic);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test.each(payloads.filter(([name]) => name.startsWith('Sparkplug, a ')))('%s, all of which are kept', (_, make) => {
    const { rows } = createDecoder('sparkplug')(make(), TOPICS[1]) as Rows;
    const { a } = rows[0].value as { a: object };
    expect(Object.keys(Array.isArray(a) ? a[0] : a)).toHaveLength(32_000);
  });

  test('CSV of 1,000 columns that the query calls alike', () => {
    const columns = Array.from({ length: 1_000 }, () => 'a');
    const payload = encoder.encode(`${'1,'.repeat(999)}1\n`.repeat(100));
    const decode = createDecoder('csv', { columns });
    take(decode, payload, TOPICS[0]);
    expect(Object.keys((decode(payload, TOPICS[0]) as Rows).rows[99].value as object)).toHaveLength(1_000);
  });

  test('binary that no decoder was chosen for, message by message', () => {
    const decode = createDecoder('auto');
    const payload = bytes(0xde, 7, 0xf8, many(2_040, 0xc0, 0xc0));
    const size = 1_000 * payload.length;
    const cost = costOf(size, 1, () => {
      for (let i = 0; i < 1_000; i++) {
        decode(payload, 'a/topic');
      }
    });
    // Reading each with one format after the other would take some ten times as long as JSON.
    expect(cost).toBeLessThan(1);
  });

  const ONE = process.env['FUZZ_RUNS'] === undefined ? ['nan'] : ['0', 'nan', '18446744073709551615'];
  test.each(ONE)('a million keys, one of them %s, from bytes to a row', { timeout: 120_000 }, (value) => {
    const payload = encoder.encode(object(1_000_000).replace(':5,', `:${value},`));
    const decode = createDecoder('auto');
    let builder!: SeriesBuilder;
    const cost = costOf(payload.length, MOST, () => {
      builder = new SeriesBuilder(0, 'topic', 10);
      const decoded = decode(payload, 'a/topic');
      demand(Object.keys(decoded as object).length === 1_000_000, 'keys are lost');
      builder.add(0, decoded);
    });
    expect(cost).toBeLessThan(MOST);
    expect(builder.refusedValues).toBe(1_000_000 - PAYLOAD_LIMITS.fields);
    expect(builder.take()!.columns).toHaveLength(PAYLOAD_LIMITS.fields);
  });
});

/** Decodes it, in a time, and so that it can be sent to the page and be taken apart into columns. */
function take(decode: Decoder, payload: Uint8Array, topic: string): void {
  let decoded: unknown;
  expect(costOf(payload.length, MOST, () => (decoded = decode(payload, topic)))).toBeLessThan(MOST);
  if (decoded instanceof DecodeFailure) {
    expect(decoded.reason.length).toBeLessThan(2_000);
  } else if (decoded instanceof Rows) {
    expect(decoded.rows.length).toBeLessThanOrEqual(10_000);
    decoded.rows.slice(0, 3).forEach(({ value }) => fill(value, payload));
  } else {
    fill(decoded, payload);
  }
}

function fill(value: unknown, payload: Uint8Array): void {
  if (value === CLEARED) {
    return;
  }
  expect(() => structuredClone(value)).not.toThrow();
  expect(costOf(payload.length, MOST, () => new SeriesBuilder(0, 'topic', 10).add(0, value))).toBeLessThan(MOST);
}
