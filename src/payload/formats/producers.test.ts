import { anything, assert, dictionary, double, integer, property, string } from 'fast-check';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { RUNS } from '../../testing/decode';
import '../../testing/parts';
import { createDecoder, type DecodeFailure } from '../decode';
import type { PayloadFormat } from '../formats';
import { Rows } from '../rows/rows';
import { CLEARED } from '../decoded';
import { fromHex } from './bytes';

// Payloads of other libraries are read as they mean them. Two for each format: those of MessagePack and CBOR by
// @msgpack/msgpack and cborg are with these formats.

const load = createRequire(import.meta.url);

/** The functions that are used of the libraries; their types would be those of all that they can do. */
interface Point {
  tag(name: string, value: string): this;
  floatField(name: string, value: number): this;
  intField(name: string, value: number): this;
  uintField(name: string, value: string): this;
  booleanField(name: string, value: boolean): this;
  stringField(name: string, value: string): this;
  timestamp(value: string): this;
  toLineProtocol(): string;
}
interface Message {
  fromObject(value: object): object;
  encode(message: object): { finish(): Uint8Array };
}

const { Packr } = load('msgpackr') as { Packr: new (options?: object) => { pack(value: unknown): Uint8Array } };
const { Encoder: CborEncoder } = load('cbor-x') as {
  Encoder: new (options?: object) => { encode(value: unknown): Uint8Array };
};
const { Point } = load('@influxdata/influxdb-client') as { Point: new (measurement: string) => Point };
const { escape } = load('influx') as { escape: Record<'measurement' | 'tag' | 'quoted', (text: string) => string> };
const protobuf = load('protobufjs') as { parse(proto: string): { root: { lookupType(name: string): Message } } };

const encoder = new TextEncoder();
const decode = (format: PayloadFormat, bytes: Uint8Array | string): unknown =>
  createDecoder(format)(typeof bytes === 'string' ? encoder.encode(bytes) : bytes, 'a/topic');

/** Values that JSON can write, with numbers that a number holds exactly. */
const json = anything({
  withBigInt: false,
  withDate: false,
  withMap: false,
  withSet: false,
  withObjectString: false,
  withTypedArray: false,
  values: [integer(), double({ noNaN: true }), string()],
});

/** Without what is no JSON: undefined is null. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify({ value }, (_, each: unknown) =>
      each === undefined ? null : typeof each === 'number' && !Number.isFinite(each) ? String(each) : each
    )
  ).value;

describe('MessagePack of msgpackr', () => {
  const records = new Packr({ structuredClone: false });
  const maps = new Packr({ useRecords: false });

  test.each<[string, unknown, unknown]>([
    ['an object', { temp: 21.5, hum: 48, on: true, note: 'grün' }, { temp: 21.5, hum: 48, on: true, note: 'grün' }],
    ['64 bits', { id: 9007199254740993n, small: 5n }, { id: '9007199254740993', small: 5 }],
    ['a time', { at: new Date(1_715_945_460_500) }, { at: '2024-05-17T11:31:00.5Z' }],
    ['bytes', { data: Uint8Array.of(255, 0) }, { data: '/wA=' }],
    ['nothing', { a: null, b: undefined }, { a: null, b: null }],
  ])('%s, with records and with maps', (_, value, read) => {
    expect(decode('msgpack', new Packr().pack(value))).toEqual(read);
    expect(decode('msgpack', maps.pack(value))).toEqual(read);
  });

  test('shared values, and a set', () => {
    const list = [1, 2];
    expect(decode('msgpack', new Packr({ structuredClone: true }).pack({ a: list, b: list }))).toEqual({
      a: [1, 2],
      b: [1, 2],
    });
    expect(decode('msgpack', new Packr({ structuredClone: true }).pack({ s: new Set([1, 2]) }))).toEqual({ s: [1, 2] });
  });

  test('a second message with the keys of the first names the option', () => {
    const packr = new Packr({ structures: [] });
    packr.pack({ temp: 1, hum: 2 });
    const { reason } = decode('msgpack', packr.pack({ temp: 3, hum: 4 })) as DecodeFailure;
    expect(reason).toContain('set useRecords to false');
  });

  test('any object', () => {
    assert(
      property(dictionary(string(), json), (value) => {
        for (const packr of [records, maps]) {
          expect(plain(decode('msgpack', packr.pack(value)))).toEqual(plain(value));
        }
      }),
      { numRuns: RUNS }
    );
  });
});

describe('CBOR of cbor-x', () => {
  const records = () => new CborEncoder();
  const maps = new CborEncoder({ useRecords: false });

  test.each<[string, unknown, unknown]>([
    ['an object', { temp: 21.5, hum: 48, on: true, note: 'grün' }, { temp: 21.5, hum: 48, on: true, note: 'grün' }],
    ['64 bits', { id: 9007199254740993n }, { id: '9007199254740993' }],
    ['a time', { at: new Date(1_715_945_460_500) }, { at: '2024-05-17T11:31:00.5Z' }],
    ['bytes', { data: Buffer.from([255, 0]) }, { data: '/wA=' }],
    ['nothing', { a: null, b: undefined }, { a: null, b: null }],
  ])('%s, with records and with maps', (_, value, read) => {
    expect(decode('cbor', records().encode(value))).toEqual(read);
    expect(decode('cbor', maps.encode(value))).toEqual(read);
  });

  test('shared values', () => {
    const list = [1, 2];
    expect(decode('cbor', new CborEncoder({ structuredClone: true }).encode({ a: list, b: list }))).toEqual({
      a: [1, 2],
      b: [1, 2],
    });
  });

  test('any object', () => {
    assert(
      property(dictionary(string(), json), (value) => {
        for (const each of [records(), maps]) {
          expect(plain(decode('cbor', each.encode(value)))).toEqual(plain(value));
        }
      }),
      { numRuns: RUNS }
    );
  });
});

describe('line protocol', () => {
  // A backslash before what it escapes, or at an end, is not clear by the format itself.
  const name = string({ minLength: 1, unit: 'grapheme-ascii' }).filter(
    (text) => !/[\\\n\r"]/.test(text) && text.trim() === text && text[0] !== '#' && text[0] !== '_'
  );

  test('of @influxdata/influxdb-client', () => {
    const point = new Point('disk, all')
      .tag('host name', 'web=1')
      .tag('path', String.raw`\\srv\share`)
      .floatField('free', 1.5)
      .intField('used', 5)
      .uintField('big', '18446744073709551615')
      .booleanField('ok', true)
      .stringField('note', 'C: "system" \\ x')
      .timestamp('1715945460000500000');
    const decoded = decode('influx', point.toLineProtocol());
    expect(decoded).toEqual(
      new Rows([
        {
          value: { free: 1.5, used: 5, big: '18446744073709551615', ok: true, note: 'C: "system" \\ x' },
          labels: { measurement: 'disk, all', 'host name': 'web=1', path: String.raw`\\srv\share` },
          time: 1_715_945_460_000.5,
        },
      ])
    );
  });

  test('any point', () => {
    const points = property(
      name,
      name,
      name,
      name,
      double({ noNaN: true, noDefaultInfinity: true }),
      string(),
      (...all) => {
        const [measurement, key, tag, field, number, text] = all;
        // JavaScript prints no sign of zero.
        const value = number === 0 ? 0 : number;
        const row = {
          value: { [field]: value, [`${field}2`]: text },
          labels: { measurement, [key]: tag },
        };
        const byClient = new Point(measurement).tag(key, tag).floatField(field, value).stringField(`${field}2`, text);
        const byInflux =
          `${escape.measurement(measurement)},${escape.tag(key)}=${escape.tag(tag)} ` +
          `${escape.tag(field)}=${value},${escape.tag(`${field}2`)}=${escape.quoted(text)}`;
        // The package influx doubles the first backslash that an apostrophe follows (findings/influx-doubles-backslash-before-apostrophe.sh).
        const writtenByInflux = { ...row.value, [`${field}2`]: text.replace("\\'", "\\\\'") };
        for (const [line, written] of [
          [byClient.toLineProtocol().replace(/ \d+$/, ''), row.value],
          [byInflux, writtenByInflux],
        ] as const) {
          const [read] = (decode('influx', line) as Rows).rows;
          expect({ value: read.value, labels: { ...read.labels } }).toEqual({ ...row, value: written });
        }
      }
    );
    assert(points, { numRuns: RUNS });
  });
});

describe('Sparkplug B', () => {
  /** A birth and data, encoded by sparkplug-payload 1.0.3 (EPL-2.0, so only what it wrote is here). */
  const BIRTH =
    '08a0a2c7b2f831120b0a05626453657120085807121a0a144e6f646520436f6e74726f6c2f52656269727468200b7000' +
    '120e0a0269381001200150fbffffff0f120f0a036931361002200250d4fdffff0f120f0a03693332100320035090ddfbff0f' +
    '12140a036936341004200458ffffffffffffffefff01120b0a0275381005200550c801120d0a037531361006200650e0d403' +
    '120f0a03753332100720075880d0acf30e12140a037536341008200858ffffffffffffffffff01' +
    '12210a0166100920094a130a07656e67556e69741208080c420464656743650000ac4112100a0164100a200a699a9999999999b93f' +
    '12090a0162100b200b7001120e0a0173100c200c7a056772c3bc6e120f0a026474100d200d58a0a2c7b2f831' +
    '12090a016e100e20033801122d0a026473100f20108a012208021201611201621803180c22090a0208010a0332017822090a0208020a03320179' +
    '120d0a02627910102011820102ff001800';
  const DATA = '0888aac7b2f8311210100918a4a9c7b2f8312009650000b241120a1003200350faffffff0f1801';

  test('of sparkplug-payload', () => {
    const decoder = createDecoder('sparkplug');
    const read = (hex: string, topic: string): Array<[unknown, number | undefined]> => {
      const decoded = decoder(Uint8Array.from(Buffer.from(hex, 'hex')), topic) as Rows;
      expect(decoded.problems).toEqual([]);
      return decoded.rows.map(({ value, time }) => [value, time]);
    };
    const at = 1_715_945_460_000;
    const [[value, time], ...others] = read(BIRTH, 'spBv1.0/G/NBIRTH/E');
    expect([others, time]).toEqual([[], at]);
    expect(value).toMatchObject({
      i8: -5,
      i16: -300,
      i32: -70_000,
      i64: '-9007199254740993',
      u8: 200,
      u16: 60_000,
      u32: 4_000_000_000,
      u64: '18446744073709551615',
      f: 21.5,
      d: 0.1,
      b: true,
      s: 'grün',
      dt: '2024-05-17T11:31:00Z',
      n: null,
      ds: [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
      by: '/wA=',
    });
    expect(read(DATA, 'spBv1.0/G/NDATA/E')).toEqual(
      expect.arrayContaining([
        [{ f: 22.25 }, at + 900],
        [{ i32: -6 }, at + 1_000],
      ])
    );
  });

  /** The part of sparkplug_b.proto that plain metrics need (Sparkplug 3.0, 6.4.1). */
  const { root } = protobuf.parse(`syntax = "proto2";
    message Metric {
      optional string name = 1; optional uint64 alias = 2; optional uint64 timestamp = 3; optional uint32 datatype = 4;
      optional bool is_historical = 5; optional bool is_null = 7;
      oneof value {
        uint32 int_value = 10; uint64 long_value = 11; float float_value = 12; double double_value = 13;
        bool boolean_value = 14; string string_value = 15;
      }
    }
    message Payload { optional uint64 timestamp = 1; repeated Metric metrics = 2; optional uint64 seq = 3; }`);
  const Payload = root.lookupType('Payload');

  test('of protobufjs: any metrics', () => {
    assert(
      property(
        dictionary(string({ minLength: 1 }), double({ noNaN: true, noDefaultInfinity: true }), { minKeys: 1 }),
        (values) => {
          const metrics = Object.entries(values).map(([key, doubleValue]) => ({
            name: key,
            datatype: 10,
            doubleValue,
          }));
          const bytes = Payload.encode(Payload.fromObject({ timestamp: 1_715_945_460_000, metrics, seq: 0 })).finish();
          const decoded = createDecoder('sparkplug')(Uint8Array.from(bytes), 'spBv1.0/G/NBIRTH/E') as Rows;
          expect(decoded.rows.flatMap(({ value }) => Object.entries(value as object))).toEqual(Object.entries(values));
        }
      ),
      { numRuns: RUNS }
    );
  });

  test('of protobufjs: an Int32 that is negative, and a historical value', () => {
    const bytes = Payload.encode(
      Payload.fromObject({
        timestamp: 1_715_945_460_000,
        metrics: [
          { name: 'i', datatype: 3, intValue: 0xff_ff_ff_fb },
          { name: 'h', datatype: 9, floatValue: 2.5, timestamp: 1_715_945_400_000, isHistorical: true },
        ],
        seq: 0,
      })
    ).finish();
    const { rows } = createDecoder('sparkplug')(Uint8Array.from(bytes), 'spBv1.0/G/NBIRTH/E') as Rows;
    expect(rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ value: { i: -5 } }),
        expect.objectContaining({ value: { h: 2.5 }, time: 1_715_945_400_000, historical: true }),
      ])
    );
  });
});

// Recorded: there is no library of SenML on npm, and these are of Python.
describe('SenML', () => {
  const labels = { bn: 'dev:' };
  const at = 1_715_945_400_000;

  test('of senml 0.1.0 (PyPI), which writes the version of a draft', () => {
    const payload = `[{"bver": 5, "bn": "urn:dev:ow:10e2073a01080063:", "bt": 1715945400.0, "bu": "V", "bv": 1.0, "n": "temp", "t": 5.0, "u": "Cel", "v": 23.5},
      {"n": "door", "t": 5.0, "vb": true}, {"n": "note", "t": 5.0, "vs": "grün"}, {"n": "count", "t": -5.0, "s": 7.0}]`;
    const bn = { bn: 'urn:dev:ow:10e2073a01080063:' };
    const read = decode('senml', payload) as Rows;
    expect(read.problems).toEqual([]);
    expect(read.rows).toEqual([
      {
        value: { temp: 24.5, door: true, note: 'grün' },
        units: new Map([['temp', 'Cel']]),
        labels: bn,
        time: at + 5_000,
      },
      // Without a value, a record has the base value (RFC 8428, 4.5.1), and a sum is over seconds.
      {
        value: { count: 1, 'count sum': 7 },
        units: new Map([
          ['count', 'V'],
          ['count sum', 'Vs'],
        ]),
        labels: bn,
        time: at - 5_000,
      },
    ]);
    expect(decode('auto', payload)).toEqual(read);
  });

  const rows = [
    // A base sum is that of each record (RFC 8428, 4.5.1).
    { value: { temp: 23.5, 'temp sum': 1_000, door: true, 'door sum': 1_000 }, labels, time: at },
    { value: { 'energy sum': 1_234 }, units: new Map([['energy sum', 'Js']]), labels, time: at + 10_000 },
  ];

  // micropython-senml 0.1.1 writes the same bytes.
  test('of kpn-senml 1.0.1 (PyPI) in JSON', () => {
    const payload =
      '[{"n": "temp", "v": 23.5, "t": 0, "bn": "dev:", "bu": "Cel", "bs": 1000, "bt": 1715945400}, {"n": "door", "vb": true, "t": 0}, {"n": "energy", "s": 234, "t": 10, "u": "J"}]';
    expect(decode('senml', payload)).toMatchObject({ problems: [], rows });
    expect(decode('auto', payload)).toMatchObject({ problems: [], rows });
  });

  test('of kpn-senml 1.0.1 (PyPI) in CBOR', () => {
    const bytes = fromHex(
      '83a7006474656d7002fb4037800000000000060021646465763a236343656c2f1903e8221a66473fb8a30064646f6f7204f50600a40066656e657267790518ea060a01614a'
    )!;
    expect(decode('senml', bytes)).toMatchObject({ problems: [], rows });
  });
});

// Recorded with mosquitto 2.0, of the first session of a node.
describe('Sparkplug B of mqtt-spb-wrapper 2.1.2 (PyPI)', () => {
  const birth =
    '08dda0ffe8a23412120a05626453657118e397ffe8a2342004580112230a10415454522f6465736372697074696f6e18839cffe8a234200e7a0661206e6f646512240a10444154412f74656d706572617475726518839cffe8a234200a69000000000080354012250a18434d442f4e6f646520436f6e74726f6c2f5265626972746818839cffe8a234200b70001800';
  const data = '0889a3ffe8a234121f0a0b74656d70657261747572651889a3ffe8a234200a6900000000000036401801';
  const will = '12120a05626453657118e397ffe8a23420045800';

  const read = (...messages: ReadonlyArray<readonly [kind: string, hex: string]>): Rows[] => {
    const decoder = createDecoder('sparkplug');
    return messages.map(([kind, hex]) => decoder(fromHex(hex)!, `spBv1.0/Plant/${kind}/Edge`) as Rows);
  };

  test('the birth and the data are read, and of its will, whose bdSeq does not match, that it is not used', () => {
    const [born, changed, died] = read(['NBIRTH', birth], ['NDATA', data], ['NDEATH', will]);
    expect(born.rows.map(({ value }) => value)).toEqual([
      expect.objectContaining({ 'ATTR/description': 'a node', 'DATA/temperature': 21.5 }),
    ]);
    expect(changed.rows.map(({ value }) => value)).toEqual([{ temperature: 22 }]);
    expect(died.rows).toEqual([]);
    expect(died.problems.join()).toMatch(/its bdSeq is 0, and that of the birth is 1/);
  });

  test('without a birth, the will ends the series', () => {
    const [changed, died] = read(['NDATA', data], ['NDEATH', will]);
    expect(changed.rows).toHaveLength(1);
    expect(died.rows.map(({ value }) => value)).toEqual([CLEARED]);
  });
});
