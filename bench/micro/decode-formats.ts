import { decode as decodeMsgpack, encode as encodeMsgpack } from '@msgpack/msgpack';
import type * as cborg from 'cborg';
import { get as sparkplugPayload } from 'sparkplug-payload';
import { createDecoder, type FormatOptions, lazyFormats, type PayloadFormat, sparkplug } from '../../src/payload';
import { SPARKPLUG } from '../../src/testing/payloads';
import { compare, type Contestant } from '../compare';
import type { Measurement, Pace } from '../measurement';

/** Different payloads in turn: reading the same one repeatedly would be cheaper. */
const VARIANTS = 256;

interface Row {
  readonly format: PayloadFormat;
  readonly what: string;
  readonly options?: FormatOptions;
  readonly payload: (i: number) => string | Uint8Array;
  /** The nearest plain call of a library or of JavaScript, with fewer checks. */
  readonly peer: readonly [name: string, read: (bytes: Uint8Array) => unknown];
}

const utf8 = new TextDecoder();
const encoder = new TextEncoder();
const parseJson = (bytes: Uint8Array): unknown => JSON.parse(utf8.decode(bytes));
const pattern = /T=(?<t>[\d.]+)C RH=(?<h>\d+)%/;
const [, , nodeData] = SPARKPLUG;
const tahu = sparkplugPayload('spBv1.0')!;

function reading(i: number): object {
  return { temperature: 20 + i / 100, humidity: 50 - i / 7, battery: i % 100, id: 1_000_000 + i, ok: i % 2 === 0 };
}

function records(i: number): string {
  return JSON.stringify([
    { bn: 'urn:dev:1:', bt: 1_700_000_000 + i, n: 'temp', u: 'Cel', v: i / 10 },
    { n: 'hum', u: '%RH', v: i / 5 },
  ]);
}

/** The numbers of messages follow one another, or each would be said to be missing. It ends with the one of the fixture. */
function withSeq(bytes: Uint8Array, seq: number): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, -1), ...(seq < 128 ? [seq] : [(seq & 127) | 128, 1])]);
}

/** cborg is only an ES module, and the bundle is CommonJS, because `@grafana/data` cannot be loaded as an ES module. */
const rows = ({ decode: decodeCbor, encode: encodeCbor }: typeof cborg): readonly Row[] => [
  {
    format: 'auto',
    what: 'a number',
    payload: (i) => (20 + i / 100).toFixed(2),
    peer: ['TextDecoder and Number', (bytes) => Number(utf8.decode(bytes))],
  },
  {
    format: 'auto',
    what: 'a word',
    payload: (i) => (i % 2 === 0 ? 'ON' : 'OFF'),
    peer: ['TextDecoder', (bytes) => utf8.decode(bytes)],
  },
  { format: 'json', what: '5 values', payload: (i) => JSON.stringify(reading(i)), peer: ['JSON.parse', parseJson] },
  {
    format: 'json',
    what: '5 values, one of 64 bits',
    payload: (i) => JSON.stringify(reading(i)).replace('1000', '9007199254740993'),
    peer: ['JSON.parse, which loses digits', parseJson],
  },
  {
    format: 'json',
    what: '5 values, one of them nan',
    payload: (i) => JSON.stringify(reading(i)).replace(/"battery":\d+/, '"battery":nan'),
    peer: ['JSON.parse with nan made null', (bytes) => JSON.parse(utf8.decode(bytes).replace('nan', 'null'))],
  },
  {
    format: 'text',
    what: 'a line',
    payload: (i) => `[I] message ${i}`,
    peer: ['TextDecoder', (bytes) => utf8.decode(bytes)],
  },
  {
    format: 'number',
    what: 'with a unit',
    payload: (i) => `${20 + i / 100} °C`,
    peer: ['TextDecoder and parseFloat', (bytes) => Number.parseFloat(utf8.decode(bytes))],
  },
  {
    format: 'csv',
    what: '5 cells',
    payload: (i) => `${i},${i / 10},ON,${i * 3},-${i / 7}`,
    peer: ['split and Number', (bytes) => utf8.decode(bytes).split(',').map(Number)],
  },
  {
    format: 'regex',
    what: '2 groups',
    options: { pattern: pattern.source },
    payload: (i) => `T=${20 + i / 100}C RH=${i % 100}%`,
    peer: ['RegExp, which can run away', (bytes) => pattern.exec(utf8.decode(bytes))?.groups],
  },
  {
    format: 'influx',
    what: '2 tags, 3 fields',
    payload: (i) =>
      `cpu,host=web,cpu=cpu0 idle=${90 + i / 100},user=${i}i,ok=t ${1_700_000_000_000_000_000n + BigInt(i)}`,
    peer: [
      'none; the same as JSON, JSON.parse',
      (bytes) => (bytes.length > 0 ? JSON.parse(INFLUX_AS_JSON) : undefined),
    ],
  },
  { format: 'senml', what: '2 records', payload: records, peer: ['JSON.parse', parseJson] },
  {
    format: 'sparkplug',
    what: '2 metrics by alias',
    payload: (i) => withSeq(nodeData.bytes, (2 + i) % 256),
    peer: ['sparkplug-payload, without names and types', (bytes) => tahu.decodePayload(bytes)],
  },
  {
    format: 'msgpack',
    what: '5 values',
    payload: (i) => encodeMsgpack(reading(i)),
    peer: ['@msgpack/msgpack', (bytes) => decodeMsgpack(bytes)],
  },
  {
    format: 'cbor',
    what: '5 values',
    payload: (i) => encodeCbor(reading(i)),
    peer: ['cborg', (bytes) => decodeCbor(bytes)],
  },
  {
    format: 'hex',
    what: '16 bytes',
    payload: (i) => new Uint8Array(16).fill(i),
    peer: ['Buffer', (bytes) => Buffer.from(bytes).toString('hex')],
  },
  {
    format: 'base64',
    what: '16 bytes',
    payload: (i) => new Uint8Array(16).fill(i),
    peer: ['Buffer', (bytes) => Buffer.from(bytes).toString('base64')],
  },
  {
    format: 'int16',
    what: '2 bytes',
    payload: (i) => Uint8Array.of(i, i),
    peer: ['DataView', (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getInt16(0)],
  },
];

const INFLUX_AS_JSON =
  '{"name":"cpu","tags":{"host":"web","cpu":"cpu0"},"fields":{"idle":90.5,"user":1,"ok":true},"timestamp":1700000000}';

/** Row 3 for each format: bytes to values, without making rows. */
export async function decodeFormats(pace: Pace): Promise<Measurement[]> {
  await Promise.all([lazyFormats.load(), sparkplug.load()]);
  return rows(await import('cborg')).map((row) => {
    const payloads = Array.from({ length: VARIANTS }, (_, i) => {
      const payload = row.payload(i);
      return typeof payload === 'string' ? encoder.encode(payload) : payload;
    });
    const decode = createDecoder(row.format, row.options);
    if (row.format === 'sparkplug') {
      SPARKPLUG.slice(0, 2).forEach(({ bytes, topic }) => decode(bytes, topic));
    }
    const topic = row.format === 'sparkplug' ? nodeData.topic : 'bench/room';
    const ns = compare(
      { ours: each(payloads, (bytes) => decode(bytes, topic)), peer: each(payloads, row.peer[1]) },
      pace
    );
    return {
      row: 3,
      what: `decode ${row.format}: ${row.what} (${payloads[0].length} bytes)`,
      ours: { value: ns.ours, unit: 'ns' },
      peer: { name: row.peer[0], value: ns.peer, unit: 'ns' },
      ratio: { value: ns.ours / ns.peer, means: 'times its cost' },
    };
  });
}

function each(payloads: readonly Uint8Array[], read: (bytes: Uint8Array) => unknown): Contestant {
  return (n) => {
    let some = 0;
    for (let i = 0; i < n; i++) {
      some += read(payloads[i & (VARIANTS - 1)]) === undefined ? 0 : 1;
    }
    return some;
  };
}
