import { PbfWriter } from 'pbf';
import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure, type Decoder, CLEARED } from '../../decode';
import { SPARKPLUG } from '../../../testing/payloads';
import { type Row, Rows } from '../../rows/rows';
import { fromHex } from '../bytes';
import '../../../testing/parts';

interface Metric {
  name?: string;
  alias?: number;
  timestamp?: number;
  type?: number;
  historical?: boolean;
  isNull?: boolean;
  properties?: Record<string, string | number>;
  int?: number;
  long?: bigint;
  float?: number;
  double?: number;
  bool?: boolean;
  text?: string;
  bytes?: string;
  dataSet?: (pbf: PbfWriter) => void;
  template?: (pbf: PbfWriter) => void;
}

/** An integer of 64 bits, which pbf cannot write: as its decimal would be, bit by bit. */
function writeLong(pbf: PbfWriter, tag: number, value: bigint): void {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | 128);
  }
  bytes.push(Number(rest));
  pbf.writeTag(tag, 0);
  pbf.realloc(bytes.length);
  pbf.buf.set(bytes, pbf.pos);
  pbf.pos += bytes.length;
}

function writeMetric(metric: Metric, pbf: PbfWriter): void {
  const { name, alias, timestamp, type, properties, int, long, float, double, bool, text, bytes } = metric;
  if (name !== undefined) pbf.writeStringField(1, name);
  if (alias !== undefined) pbf.writeVarintField(2, alias);
  if (timestamp !== undefined) pbf.writeVarintField(3, timestamp);
  if (type !== undefined) pbf.writeVarintField(4, type);
  if (metric.historical !== undefined) pbf.writeBooleanField(5, metric.historical);
  if (metric.isNull !== undefined) pbf.writeBooleanField(7, metric.isNull);
  if (properties !== undefined) {
    pbf.writeMessage(
      9,
      (set: typeof properties, pbf) => {
        for (const key of Object.keys(set)) {
          pbf.writeStringField(1, key);
        }
        for (const value of Object.values(set)) {
          pbf.writeMessage(
            2,
            (value: string | number, pbf) => {
              pbf.writeVarintField(1, typeof value === 'string' ? 12 : 3);
              if (typeof value === 'string') {
                pbf.writeStringField(8, value);
              } else {
                pbf.writeVarintField(3, value);
              }
            },
            value
          );
        }
      },
      properties
    );
  }
  if (int !== undefined) writeLong(pbf, 10, BigInt.asUintN(32, BigInt(int)));
  if (long !== undefined) writeLong(pbf, 11, long);
  if (float !== undefined) pbf.writeFloatField(12, float);
  if (double !== undefined) pbf.writeDoubleField(13, double);
  if (bool !== undefined) pbf.writeBooleanField(14, bool);
  if (text !== undefined) pbf.writeStringField(15, text);
  if (bytes !== undefined) pbf.writeBytesField(16, fromHex(bytes)!);
  if (metric.dataSet !== undefined)
    pbf.writeMessage(17, (write: (pbf: PbfWriter) => void, pbf) => write(pbf), metric.dataSet);
  if (metric.template !== undefined)
    pbf.writeMessage(18, (write: (pbf: PbfWriter) => void, pbf) => write(pbf), metric.template);
}

interface Message {
  timestamp?: number;
  seq?: number;
  uuid?: string;
  metrics?: Metric[];
}

function encode({ timestamp, seq, uuid, metrics = [] }: Message): Uint8Array {
  const pbf = new PbfWriter();
  if (timestamp !== undefined) pbf.writeVarintField(1, timestamp);
  for (const metric of metrics) pbf.writeMessage(2, writeMetric, metric);
  if (seq !== undefined) pbf.writeVarintField(3, seq);
  if (uuid !== undefined) pbf.writeStringField(4, uuid);
  return pbf.finish();
}

/** A stream that has seen nothing yet. */
class Host {
  readonly #decode: Decoder = createDecoder('sparkplug');

  see(topic: string, message: Message, retained = false): unknown {
    return this.#decode(encode(message), `spBv1.0/Plant/${topic}`, retained);
  }

  /** The values of the rows, where there is nothing else to say. */
  values(topic: string, metrics: Metric[]): unknown[] {
    const decoded = this.see(topic, { metrics });
    if (!(decoded instanceof Rows) || decoded.problems.length > 0) {
      throw new Error(`There is something to say: ${JSON.stringify(decoded)}`);
    }
    return decoded.rows.map(({ value }) => value);
  }
}

const problems = (decoded: unknown): readonly string[] => (decoded as Rows).problems;
const rowsOf = (decoded: unknown): readonly Row[] => (decoded as Rows).rows;

const NODE = { topic: 'spBv1.0/Plant/NDATA/Edge', labels: { group: 'Plant', node: 'Edge' } };
const PUMP = { topic: 'spBv1.0/Plant/DDATA/Edge/Pump', labels: { group: 'Plant', node: 'Edge', device: 'Pump' } };
const T = 1_715_945_460_000;

test('the life of a node and its device', () => {
  const decode = createDecoder('sparkplug');
  expect(SPARKPLUG.map(({ bytes, topic }) => decode(bytes, topic))).toEqual([
    new Rows([
      {
        ...NODE,
        time: T,
        value: { 'Node Control/Rebirth': false, Temperature: 21.5, Offset: -5, Total: -5 },
        units: new Map([['Temperature', 'degC']]),
      },
    ]),
    new Rows([
      { ...PUMP, time: T + 10, value: { 'Flow/Rate': 1.5, Running: true }, units: new Map([['Flow/Rate', 'l/s']]) },
    ]),
    new Rows([
      { ...NODE, time: T + 1_000, value: { Temperature: 22.25, Total: -6 }, units: new Map([['Temperature', 'degC']]) },
    ]),
    new Rows([
      { ...PUMP, time: T + 2_000, value: { 'Flow/Rate': 1.75, Running: null }, units: new Map([['Flow/Rate', 'l/s']]) },
      {
        ...PUMP,
        time: T - 60_000,
        historical: true,
        value: { 'Flow/Rate': 0.5 },
        units: new Map([['Flow/Rate', 'l/s']]),
      },
    ]),
    new Rows([{ ...PUMP, time: T + 3_000, value: CLEARED }]),
    new Rows([{ ...NODE, value: CLEARED }]),
  ]);
});

describe('datatypes', () => {
  test.each<[string, Metric, unknown]>([
    ['Int8', { type: 1, int: -5 }, -5],
    ['Int8 of eight bits', { type: 1, int: 0xfb }, -5],
    ['Int16', { type: 2, int: -300 }, -300],
    ['Int32', { type: 3, int: -2_147_483_648 }, -2_147_483_648],
    ['Int32 in 64 bits', { type: 3, long: -5n }, -5],
    ['Int64', { type: 4, long: -5n }, -5],
    ['Int64, beyond what is exact', { type: 4, long: -9_007_199_254_740_993n }, '-9007199254740993'],
    ['UInt8', { type: 5, int: 255 }, 255],
    ['UInt32', { type: 7, int: -1 }, 4_294_967_295],
    ['UInt32 in 64 bits', { type: 7, long: 4_294_967_295n }, 4_294_967_295],
    ['UInt64', { type: 8, long: 2n ** 64n - 1n }, '18446744073709551615'],
    ['Float', { type: 9, float: 21.5 }, 21.5],
    ['Double', { type: 10, double: 1.1 }, 1.1],
    ['Double, NaN', { type: 10, double: NaN }, NaN],
    ['Boolean', { type: 11, bool: true }, true],
    ['Boolean in an integer', { type: 11, int: 1 }, true],
    ['String', { type: 12, text: 'Kö🌧' }, 'Kö🌧'],
    ['DateTime', { type: 13, long: 1_715_945_460_123n }, '2024-05-17T11:31:00.123Z'],
    ['DateTime that is none', { type: 13, long: 2n ** 63n }, '-9223372036854775808'],
    ['Text', { type: 14, text: 'a text' }, 'a text'],
    ['UUID', { type: 15, text: '00112233-4455-6677-8899-aabbccddeeff' }, '00112233-4455-6677-8899-aabbccddeeff'],
    ['Bytes', { type: 17, bytes: '00ff' }, 'AP8='],
    ['File', { type: 18, bytes: 'ffd8' }, '/9g='],
    ['Int8Array', { type: 22, bytes: 'ff01' }, [-1, 1]],
    ['Int16Array', { type: 23, bytes: 'feff0100' }, [-2, 1]],
    ['Int32Array', { type: 24, bytes: 'feffffff' }, [-2]],
    ['Int64Array', { type: 25, bytes: 'fbffffffffffffff' }, [-5]],
    ['UInt8Array', { type: 26, bytes: 'ff' }, [255]],
    ['UInt16Array', { type: 27, bytes: 'feff' }, [65_534]],
    ['UInt32Array', { type: 28, bytes: 'feffffff' }, [4_294_967_294]],
    ['UInt64Array', { type: 29, bytes: 'ffffffffffffffff' }, ['18446744073709551615']],
    ['FloatArray', { type: 30, bytes: '0000ac41' }, [21.5]],
    ['DoubleArray', { type: 31, bytes: '0000000000803540' }, [21.5]],
    // The example of the specification, 6.4.16: [false, false, true, true, false, true, false, false, true, true, false, true]
    [
      'BooleanArray',
      { type: 32, bytes: '0c00000034d0' },
      [false, false, true, true, false, true, false, false, true, true, false, true],
    ],
    ['StringArray', { type: 33, bytes: '41424300 68656c6c6f00' }, ['ABC', 'hello']],
    ['DateTimeArray', { type: 34, bytes: '9bd151868f010000' }, ['2024-05-17T11:31:00.123Z']],
    ['an array cut short', { type: 23, bytes: 'feff01' }, '/v8B'],
    ['a BooleanArray that lies', { type: 32, bytes: 'ffffffff34' }, '/////zQ='],
    ['null', { type: 9, isNull: true }, null],
    ['null that has a value', { type: 9, isNull: true, float: 1 }, null],
    ['no value', { type: 9 }, null],
    ['an unknown datatype', { type: 99, int: 5 }, 5],
    ['no datatype', { long: 5n }, 5],
  ])('%s', (_, metric, value) => {
    expect(new Host().values('NBIRTH/Edge', [{ name: 'm', ...metric }])).toEqual([{ m: value }]);
  });

  test('data sets are arrays of objects', () => {
    const dataSet = (pbf: PbfWriter): void => {
      pbf.writeVarintField(1, 3);
      for (const column of ['a', 'b', '__proto__']) pbf.writeStringField(2, column);
      pbf.writePackedVarint(3, [3, 12, 11]);
      const cell = (field: (pbf: PbfWriter) => void) => (_: undefined, pbf: PbfWriter) =>
        pbf.writeMessage(1, (_: undefined, pbf) => field(pbf), undefined);
      const row = (_: undefined, pbf: PbfWriter): void => {
        cell((pbf) => pbf.writeVarintField(1, 4_294_967_291))(undefined, pbf);
        cell((pbf) => pbf.writeStringField(6, 'x'))(undefined, pbf);
        cell((pbf) => pbf.writeBooleanField(5, true))(undefined, pbf);
      };
      pbf.writeMessage(4, row, undefined);
      pbf.writeMessage(4, (_: undefined, pbf) => cell(() => undefined)(undefined, pbf), undefined);
    };
    const [value] = new Host().values('NBIRTH/Edge', [{ name: 'set', type: 16, dataSet }]) as Array<{ set: object[] }>;
    expect(value.set.map((row) => Object.entries(row))).toEqual([
      [
        ['a', -5],
        ['b', 'x'],
        ['__proto__', true],
      ],
      [['a', null]],
    ]);
  });

  test('templates are objects of their metrics and parameters', () => {
    const template = (pbf: PbfWriter): void => {
      pbf.writeMessage(2, writeMetric, { name: 'Speed', type: 3, int: -5 });
      pbf.writeMessage(2, writeMetric, { name: 'Stopped', type: 11, isNull: true });
      pbf.writeMessage(2, writeMetric, {
        name: 'Inner',
        type: 19,
        template: (pbf: PbfWriter) => pbf.writeMessage(2, writeMetric, { name: 'Depth', type: 9, float: 0.5 }),
      });
      pbf.writeMessage(
        3,
        (_: undefined, pbf) => {
          pbf.writeStringField(1, 'Index');
          pbf.writeVarintField(2, 12);
          pbf.writeStringField(8, '7');
        },
        undefined
      );
      pbf.writeStringField(4, 'Motor');
    };
    expect(new Host().values('NBIRTH/Edge', [{ name: 'Motor 1', type: 19, template }])).toEqual([
      { 'Motor 1': { Speed: -5, Stopped: null, Inner: { Depth: 0.5 }, Index: '7' } },
    ]);
  });
});

describe('templates', () => {
  /** A template of these members; of those with `of`, a template again. */
  interface Member extends Metric {
    readonly of?: readonly Member[];
  }
  const template =
    (members: readonly Member[], isDefinition?: boolean) =>
    (pbf: PbfWriter): void => {
      for (const { of, ...member } of members) {
        const metric = of === undefined ? member : { ...member, type: 19, template: template(of) };
        pbf.writeMessage(2, writeMetric, metric);
      }
      pbf.writeStringField(4, 'Motor');
      if (isDefinition !== undefined) pbf.writeBooleanField(5, isDefinition);
    };
  const motor: readonly Member[] = [
    { name: 'RPM', alias: 2, type: 3, int: -5 },
    { name: 'Amps', alias: 3, type: 9, float: 1.5 },
    { name: 'Bearing', alias: 4, of: [{ name: 'T', alias: 5, type: 1, int: -7 }] },
  ];

  /** A host that has seen the birth of a motor, as metric and alias 1. */
  const born = (): Host => {
    const host = new Host();
    const birth: Metric = { name: 'M1', alias: 1, type: 19, template: template(motor, false) };
    expect(host.values('NBIRTH/Edge', [birth])).toEqual([{ M1: { RPM: -5, Amps: 1.5, Bearing: { T: -7 } } }]);
    return host;
  };
  const data = (members: readonly Member[]): Metric[] => [{ alias: 1, template: template(members) }];

  test('have members whose datatype is that of the birth', () => {
    expect(
      born().values(
        'NDATA/Edge',
        data([
          { name: 'RPM', int: -6 },
          { name: 'Bearing', of: [{ name: 'T', int: 0xf8 }] },
        ])
      )
    ).toEqual([{ M1: { RPM: -6, Bearing: { T: -8 } } }]);
  });

  test('have members by alias, also within one another', () => {
    const members: Member[] = [
      { alias: 2, int: -6 },
      { alias: 3, float: 2.5 },
      { alias: 4, of: [{ alias: 5, int: 0xf8 }] },
    ];
    expect(born().values('NDATA/Edge', data(members))).toEqual([{ M1: { RPM: -6, Amps: 2.5, Bearing: { T: -8 } } }]);
    // The names in one template say nothing of those in another, nor of the metrics next to it.
    const other = born().see('NDATA/Edge', {
      metrics: [{ name: 'M2', type: 19, template: template([{ alias: 2, int: 1 }]) }],
    });
    expect(other).toMatchObject({
      rows: [{ value: { M2: {} } }],
      problems: [expect.stringMatching(/^Alias 2 of Plant\/Edge is unknown/)],
    });
    expect(born().see('NDATA/Edge', { metrics: [{ alias: 2, int: 1 }] })).toMatchObject({
      reason: expect.stringMatching(/^Alias 2/),
    });
  });

  test('are read as far as they say themselves where no birth was seen', () => {
    const host = new Host();
    const decoded = host.see('NDATA/Edge', {
      metrics: [
        { name: 'M1', template: template([{ name: 'RPM', type: 3, int: -6 }, { alias: 3, float: 1 }, { int: 5 }]) },
      ],
    });
    expect(decoded).toMatchObject({
      rows: [{ value: { M1: { RPM: -6, '': 5 } } }],
      problems: [expect.stringMatching(/^Alias 3/)],
    });
  });

  test('that are definitions are no values', () => {
    const host = new Host();
    const definition: Metric = { name: '_types_/Motor', type: 19, template: template(motor, true) };
    expect(host.values('NBIRTH/Edge', [definition, { name: 'On', type: 11, bool: true }])).toEqual([{ On: true }]);
    expect(host.see('NBIRTH/Edge', { metrics: [definition] })).toEqual(new Rows([]));
  });

  test('that are null are null, and their members are not remembered beyond a rebirth', () => {
    const host = born();
    expect(host.values('NDATA/Edge', [{ alias: 1, isNull: true }])).toEqual([{ M1: null }]);
    host.see('NBIRTH/Edge', { metrics: [{ name: 'M1', alias: 1, type: 19, template: template([]) }] });
    expect(host.see('NDATA/Edge', { metrics: data([{ alias: 2, int: 1 }]) })).toMatchObject({
      problems: [expect.stringMatching(/^Alias 2/)],
    });
  });

  test('count with the names of their members towards what is remembered', () => {
    const decode = createDecoder('sparkplug');
    const small = encode({ metrics: [{ name: 'a', alias: 1, type: 3, int: 1 }] });
    const members = Array.from({ length: 100_001 }, (_, i) => ({ name: `m${i}`, alias: i, type: 3, int: 1 }));
    const knows = (topic: string): boolean =>
      decode(encode({ metrics: [{ alias: 1, int: 2 }] }), topic) instanceof Rows;
    decode(small, 'spBv1.0/Plant/NBIRTH/Edge');
    expect(knows('spBv1.0/Plant/NDATA/Edge')).toBe(true);
    decode(encode({ metrics: [{ name: 'M', type: 19, template: template(members) }] }), 'spBv1.0/Plant/NBIRTH/Huge');
    expect(knows('spBv1.0/Plant/NDATA/Edge')).toBe(false);
  });
});

describe('names and aliases', () => {
  const births: Metric[] = [{ name: 'Level', alias: 7, type: 3, int: 1, properties: { quality: 192, engUnit: 'mm' } }];

  test('data by alias has the name, the datatype and the unit of the birth', () => {
    const host = new Host();
    host.see('DBIRTH/Edge/Tank', { metrics: births });
    const [row] = rowsOf(host.see('DDATA/Edge/Tank', { metrics: [{ alias: 7, int: -1 }] }));
    expect(row).toMatchObject({ value: { Level: -1 }, units: new Map([['Level', 'mm']]) });
  });

  test('data by name has the datatype of the birth', () => {
    const host = new Host();
    host.see('DBIRTH/Edge/Tank', { metrics: births });
    expect(host.values('DDATA/Edge/Tank', [{ name: 'Level', int: -1 }])).toEqual([{ Level: -1 }]);
  });

  test('an alias means what the birth of its own device says', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', { metrics: [{ name: 'Node level', alias: 7, type: 3, int: 1 }] });
    host.see('DBIRTH/Edge/Tank', { metrics: births });
    host.see('DBIRTH/Other/Tank', { metrics: [{ name: 'Other', alias: 7, type: 3, int: 1 }] });
    expect(host.values('NDATA/Edge', [{ alias: 7, int: 2 }])).toEqual([{ 'Node level': 2 }]);
    expect(host.values('DDATA/Edge/Tank', [{ alias: 7, int: 3 }])).toEqual([{ Level: 3 }]);
    expect(host.values('DDATA/Other/Tank', [{ alias: 7, int: 4 }])).toEqual([{ Other: 4 }]);
  });

  test('an unknown alias is reported, with what to do', () => {
    expect((new Host().see('DDATA/Edge/Tank', { metrics: [{ alias: 7, int: 1 }] }) as DecodeFailure).reason).toBe(
      'Alias 7 of Plant/Edge/Tank is unknown, because no DBIRTH that defines it has arrived. ' +
        'Request a rebirth of the node: publish an NCMD to Edge with "Node Control/Rebirth" true, ' +
        'or turn on "Ask Sparkplug nodes for a rebirth" in the settings of the data source.'
    );
  });

  test('several unknown aliases are reported in one sentence, which names the first ones', () => {
    const unknown = (length: number): Metric[] => Array.from({ length }, (_, alias) => ({ alias, int: 1 }));
    const reasonOf = (metrics: Metric[]) => (new Host().see('NDATA/Edge', { metrics }) as DecodeFailure).reason;
    expect(reasonOf(unknown(3))).toBe(
      'Aliases 0, 1, 2 of Plant/Edge are unknown, because no NBIRTH that defines them has arrived. ' +
        'Request a rebirth of the node: publish an NCMD to Edge with "Node Control/Rebirth" true, ' +
        'or turn on "Ask Sparkplug nodes for a rebirth" in the settings of the data source.'
    );
    expect(reasonOf(unknown(1_000))).toMatch(/^Aliases 0, 1, 2, 3, .* and 9\d\d more of Plant\/Edge are unknown/);
  });

  test('an alias that nobody knows takes no other metric with it', () => {
    const decoded = new Host().see('NDATA/Edge', {
      metrics: [{ alias: 7, int: 1 }, { name: 'a', int: 5 }, { int: 1 }],
    });
    expect(rowsOf(decoded).map(({ value }) => value)).toEqual([{ a: 5 }]);
    expect(problems(decoded)).toEqual([
      expect.stringMatching(/^Alias 7 of Plant\/Edge is unknown, because no NBIRTH/),
      'A metric of Plant/Edge has neither a name nor an alias.',
    ]);
  });

  test('a birth resets the node: metrics that it leaves out are forgotten', () => {
    const host = new Host();
    host.see('DBIRTH/Edge/Tank', { metrics: births });
    host.see('DBIRTH/Edge/Tank', { metrics: [{ name: 'Other', alias: 8, type: 3, int: 1 }] });
    expect(host.see('DDATA/Edge/Tank', { metrics: [{ alias: 7, int: 1 }] })).toBeInstanceOf(DecodeFailure);
    host.see('NBIRTH/Edge', { seq: 0 });
    expect(host.see('DDATA/Edge/Tank', { metrics: [{ alias: 8, int: 1 }] })).toBeInstanceOf(DecodeFailure);
  });

  test('a metric that says its name and alias in data is known from then on', () => {
    const host = new Host();
    host.values('NDATA/Edge', [{ name: 'a', alias: 1, type: 3, int: -1 }]);
    expect(host.values('NDATA/Edge', [{ alias: 1, int: -2 }])).toEqual([{ a: -2 }]);
  });

  test('names that objects have', () => {
    const [value] = new Host().values('NBIRTH/Edge', [
      { name: '__proto__', type: 3, int: 1 },
      { name: 'constructor', type: 3, int: 2 },
    ]);
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });
});

describe('rows', () => {
  test('metrics of one time are one row; a metric that comes twice at one time is two', () => {
    expect(
      rowsOf(
        new Host().see('NBIRTH/Edge', {
          timestamp: T,
          metrics: [
            { name: 'a', type: 3, int: 1, timestamp: T + 1 },
            { name: 'b', type: 3, int: 2, timestamp: T + 1 },
            { name: 'c', type: 3, int: 3 },
            { name: 'a', type: 3, int: 4, timestamp: T + 1 },
            { name: 'd', type: 3, int: 5, timestamp: T + 1 },
          ],
        })
      ).map(({ time, value }) => [time, value])
    ).toEqual([
      [T + 1, { a: 1, b: 2 }],
      [T, { c: 3 }],
      [T + 1, { a: 4, d: 5 }],
    ]);
  });

  test('without a time, or with zero for one, arrival holds', () => {
    const [row] = rowsOf(new Host().see('NBIRTH/Edge', { timestamp: 0, metrics: [{ name: 'a', type: 3, int: 1 }] }));
    expect(row).not.toHaveProperty('time');
  });

  test('are bounded', () => {
    const metrics = Array.from({ length: 10_001 }, (_, i) => ({ name: 'a', type: 3, int: i, timestamp: T + i }));
    const decoded = new Host().see('NBIRTH/Edge', { metrics });
    expect(rowsOf(decoded)).toHaveLength(10_000);
    expect(problems(decoded)).toEqual([
      expect.stringMatching(/^Left out: the rows beyond the first 10,000\. Have the sender send fewer/),
    ]);
  });
});

describe('deaths', () => {
  const session = (n: number): Metric => ({ name: 'bdSeq', type: 4, long: BigInt(n) });

  test('of a node is that of its devices', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', { metrics: [session(1)] });
    host.see('DBIRTH/Edge/Pump', { metrics: [{ name: 'a', type: 3, int: 1 }] });
    host.see('DBIRTH/Other/Pump', { metrics: [{ name: 'a', type: 3, int: 1 }] });
    expect(host.see('NDEATH/Edge', { timestamp: T, metrics: [session(1)] })).toEqual(
      new Rows([
        { ...NODE, value: CLEARED },
        { ...PUMP, value: CLEARED },
      ])
    );
    expect(host.see('NDEATH/Edge', { metrics: [] })).toEqual(new Rows([{ ...NODE, value: CLEARED }]));
  });

  test('of another session is not used, and that is said', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', { metrics: [session(2), { name: 'a', alias: 1, type: 3, int: 1 }] });
    expect(host.see('NDEATH/Edge', { metrics: [session(1)] })).toEqual(
      new Rows([], [expect.stringContaining('its bdSeq is 1, and that of the birth is 2') as string])
    );
    expect(host.values('NDATA/Edge', [{ alias: 1, int: 5 }])).toEqual([{ a: 5 }]);
  });

  test('of no bytes at all is one, and no bytes anywhere else say nothing', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', { metrics: [session(1)] });
    host.see('DBIRTH/Edge/Pump', { metrics: [{ name: 'a', type: 3, int: 1 }] });
    expect(host.see('NBIRTH/Edge', {})).toEqual(new Rows([]));
    expect(host.see('NDATA/Edge', {})).toEqual(new Rows([]));
    expect(host.see('DDEATH/Edge/Pump', {})).toEqual(new Rows([{ ...PUMP, value: CLEARED }]));
    expect(host.see('NDEATH/Edge', {})).toEqual(new Rows([{ ...NODE, value: CLEARED }]));
    expect(createDecoder('auto')(new Uint8Array(), 'spBv1.0/Plant/NDEATH/Edge')).toEqual(
      new Rows([{ ...NODE, value: CLEARED }])
    );
    expect(createDecoder('sparkplug')(new Uint8Array(), 'spBv1.0/STATE/host')).toBe(CLEARED);
    expect(createDecoder('sparkplug')(new Uint8Array(), 'my/own/topic')).toBe(CLEARED);
  });

  test('of a node that nobody met', () => {
    expect(new Host().see('NDEATH/Edge', { metrics: [session(1)] })).toEqual(new Rows([{ ...NODE, value: CLEARED }]));
  });

  test('end what is known of aliases', () => {
    const host = new Host();
    host.see('DBIRTH/Edge/Pump', { metrics: [{ name: 'a', alias: 1, type: 3, int: 1 }] });
    host.see('DDEATH/Edge/Pump', {});
    expect(host.see('DDATA/Edge/Pump', { metrics: [{ alias: 1, int: 1 }] })).toMatchObject({
      reason: expect.stringMatching(/Alias 1/),
    });
  });
});

describe('seq', () => {
  const data = (seq: number): Message => ({ seq, metrics: [{ name: 'a', type: 3, int: 1 }] });

  test('a gap is reported once', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', data(0));
    expect(problems(host.see('DBIRTH/Edge/Pump', data(1)))).toEqual([]);
    expect(problems(host.see('NDATA/Edge', data(4)))).toEqual([
      'Messages of the node of Plant/Edge are missing: seq is 4 and should be 2. They were lost, or the topics of the query leave out some of its devices.',
    ]);
    expect(problems(host.see('DDATA/Edge/Pump', data(5)))).toEqual([]);
    expect(problems(host.see('DDEATH/Edge/Pump', { seq: 7 }))).toHaveLength(1);
  });

  test('wraps at 256, and starts again with a birth', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', data(254));
    expect(problems(host.see('NDATA/Edge', data(255)))).toEqual([]);
    expect(problems(host.see('NDATA/Edge', data(0)))).toEqual([]);
    expect(problems(host.see('NBIRTH/Edge', data(0)))).toEqual([]);
    expect(problems(host.see('NDATA/Edge', data(1)))).toEqual([]);
  });

  test('means nothing without the birth of the node, nor after one that was retained', () => {
    const host = new Host();
    expect(problems(host.see('DDATA/Edge/Pump', data(5)))).toEqual([]);
    expect(problems(host.see('DDATA/Edge/Pump', data(9)))).toEqual([]);
    host.see('NBIRTH/Edge', data(0), true);
    expect(problems(host.see('NDATA/Edge', data(9)))).toEqual([]);
  });
});

describe('topics', () => {
  test('levels before the namespace, and devices with levels of their own, are taken', () => {
    const decode = createDecoder('sparkplug');
    const bytes = encode({ metrics: [{ name: 'a', type: 3, int: 1 }] });
    expect(rowsOf(decode(bytes, 'site/1/spBv1.0/Plant/DBIRTH/Edge/Pump/2'))[0]).toMatchObject({
      topic: 'site/1/spBv1.0/Plant/DDATA/Edge/Pump/2',
      labels: { group: 'Plant', node: 'Edge', device: 'Pump/2' },
    });
  });

  test('any other topic is a device of its own', () => {
    const decode = createDecoder('sparkplug');
    const [row] = rowsOf(decode(encode({ metrics: [{ name: 'a', alias: 1, type: 3, int: 1 }] }), 'my/own/topic'));
    expect(row).toEqual({ value: { a: 1 } });
    expect(rowsOf(decode(encode({ metrics: [{ alias: 1, int: -1 }] }), 'my/own/topic'))[0].value).toEqual({ a: -1 });
  });

  test('commands stay with their own topic, and are no values of the node', () => {
    const host = new Host();
    host.see('NBIRTH/Edge', { metrics: [{ name: 'Set point', alias: 1, type: 3, int: 1 }], seq: 0 });
    const [row] = rowsOf(host.see('NCMD/Edge', { metrics: [{ alias: 1, int: -7 }] }));
    expect(row).toEqual({ value: { 'Set point': -7 } });
    host.see('DCMD/Edge/Ghost', { metrics: [{ name: 'a', type: 3, int: 1 }] });
    expect(rowsOf(host.see('NDEATH/Edge', {}))).toHaveLength(1);
  });

  test('what hosts say of themselves', () => {
    const decode = createDecoder('sparkplug');
    const state = (text: string, topic: string): unknown => decode(new TextEncoder().encode(text), topic);
    expect(state('{"online":true,"timestamp":1715945460000}', 'spBv1.0/STATE/host')).toEqual({
      online: true,
      timestamp: T,
    });
    expect(state('OFFLINE', 'STATE/host')).toBe('OFFLINE');
    // As nodes of Sparkplug 2.2 see hosts of their group.
    expect(state('ONLINE', 'spBv1.0/G/STATE/x')).toBe('ONLINE');
    expect(createDecoder('auto')(new TextEncoder().encode('ONLINE'), 'spBv1.0/G/STATE/x')).toBe('ONLINE');
  });
});

describe('what is no Sparkplug', () => {
  test.each<[string, string, RegExp]>([
    ['a length beyond the end', '12ff7f', /a field ends at byte/],
    ['a length of exabytes', '12ffffffffffffffff7f', /ends at byte/],
    ['cut off in a metric', '12050a0361', /ends at byte 7, but the payload has only 5 bytes/],
    ['text beyond its metric', '12030a0961 0000000000000000000000', /continues after byte 5/],
    ['an integer that does not end', '08ffffffffffffffffffffff', /does not end/],
    ['an integer cut off', '08ff', /does not end/],
    ['a group', '3b', /Unimplemented type/],
    ['field 0', '000800', /continues after byte 3/],
    ['JSON', '7b2261223a317d', /./],
    ['a double cut off', '1203690000', /./],
    ['compressed', '2212535042 56312e305f434f4d50524553534544', /is compressed/],
  ])('%s', (_, hex, reason) => {
    const failure = createDecoder('sparkplug')(fromHex(hex)!, 'spBv1.0/Plant/NDATA/Edge') as DecodeFailure;
    expect(failure.reason).toMatch(reason);
  });

  test('10,000 levels of templates', () => {
    let inner: Uint8Array<ArrayBuffer> | Uint8Array = new Uint8Array();
    const wrap = (field: number, bytes: Uint8Array): Uint8Array => {
      const pbf = new PbfWriter();
      pbf.writeBytesField(field, bytes);
      return pbf.finish();
    };
    for (let i = 0; i < 2_000; i++) {
      inner = wrap(2, wrap(18, inner));
    }
    const failure = createDecoder('sparkplug')(inner, 'spBv1.0/Plant/NDATA/Edge') as DecodeFailure;
    expect(failure.reason).toMatch(/more than 250 levels of nesting/);
  });

  test('nodes, devices and metrics that are ever new are not remembered for ever', () => {
    const decode = createDecoder('sparkplug');
    const data = encode({ metrics: [{ alias: 1, int: 2 }] });
    const knows = (topic: string): boolean => decode(data, topic) instanceof Rows;
    const birth = encode({ metrics: [{ name: 'a', alias: 1, type: 3, int: 1 }] });
    // A node takes 12 of 200,000.
    for (let i = 0; i < 17_000; i++) {
      decode(birth, `spBv1.0/Plant/NBIRTH/Edge${i}`);
    }
    expect(knows('spBv1.0/Plant/NDATA/Edge0')).toBe(false);
    expect(knows('spBv1.0/Plant/NDATA/Edge1000')).toBe(true);
    expect(knows('spBv1.0/Plant/NDATA/Edge16999')).toBe(true);
    // A node has at most 5,000 devices.
    for (let i = 0; i < 5_001; i++) {
      decode(birth, `spBv1.0/Plant/DBIRTH/Other/${i}`);
    }
    expect(knows('spBv1.0/Plant/DDATA/Other/0')).toBe(false);
    expect(knows('spBv1.0/Plant/DDATA/Other/5000')).toBe(true);
    // One birth of very many metrics drives out the others, and itself.
    const metrics = Array.from({ length: 100_001 }, (_, i) => ({ name: `m${i}`, alias: i, type: 3, int: 1 }));
    decode(encode({ metrics }), 'spBv1.0/Plant/NBIRTH/Huge');
    expect(knows('spBv1.0/Plant/DDATA/Other/5000')).toBe(false);
    expect(knows('spBv1.0/Plant/NDATA/Huge')).toBe(false);
    decode(birth, 'spBv1.0/Plant/NBIRTH/Edge');
    expect(knows('spBv1.0/Plant/NDATA/Edge')).toBe(true);
    // Names that are none are read, and not remembered.
    const long = encode({ metrics: [{ name: 'x'.repeat(501), alias: 2, type: 3, int: 1 }] });
    expect(decode(long, 'spBv1.0/Plant/NBIRTH/Edge')).toBeInstanceOf(Rows);
    expect(decode(encode({ metrics: [{ alias: 2, int: 2 }] }), 'spBv1.0/Plant/NDATA/Edge')).not.toBeInstanceOf(Rows);
  });
});
