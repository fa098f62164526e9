import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure } from '../decode';
import { Rows } from '../rows/rows';
import { decodeHex, decodeText, RUNS } from '../../testing/decode';
import { SenmlReader } from './senml';
import { ARRIVAL, TestPanel } from '../../testing/test-panel';

const decode = (pack: unknown): unknown => decodeText('senml', JSON.stringify(pack));
const units = (entries: Record<string, string>): Map<string, string> => new Map(Object.entries(entries));

describe('SenML, the examples of RFC 8428', () => {
  test('5.1.1: one value', () => {
    expect(decode([{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 }])).toEqual(
      new Rows([
        { value: { 'urn:dev:ow:10e2073a01080063': 23.1 }, units: units({ 'urn:dev:ow:10e2073a01080063': 'Cel' }) },
      ])
    );
  });

  test('5.1.2: several values of one device are one row where their time is the same', () => {
    expect(
      decode([
        { bn: 'urn:dev:ow:10e2073a01080063:', n: 'voltage', u: 'V', v: 120.1 },
        { n: 'current', u: 'A', v: 1.2 },
      ])
    ).toEqual(
      new Rows([
        {
          value: { voltage: 120.1, current: 1.2 },
          units: units({ voltage: 'V', current: 'A' }),
          labels: { bn: 'urn:dev:ow:10e2073a01080063:' },
        },
      ])
    );
  });

  test('5.1.3: base time, base unit and times relative to the base', () => {
    const decoded = decode([
      { bn: 'urn:dev:ow:10e2073a0108006:', bt: 1.276020076001e9, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
      { n: 'current', t: -5, v: 1.2 },
      { n: 'current', t: -4, v: 1.3 },
      { n: 'current', v: 1.7 },
    ]) as Rows;
    const labels = { bn: 'urn:dev:ow:10e2073a0108006:' };
    expect(decoded).toEqual(
      new Rows([
        { value: { voltage: 120.1 }, units: units({ voltage: 'V' }), labels, time: 1276020076001 },
        { value: { current: 1.2 }, units: units({ current: 'A' }), labels, time: 1276020071001 },
        { value: { current: 1.3 }, units: units({ current: 'A' }), labels, time: 1276020072001 },
        { value: { current: 1.7 }, units: units({ current: 'A' }), labels, time: 1276020076001 },
      ])
    );
  });

  test('5.1.4: text, booleans and bytes have no unit', () => {
    expect(
      decode([
        { bn: 'd:', bu: 'Cel', n: 'temp', v: 23.1 },
        { n: 'label', vs: 'Machine Room' },
        { n: 'open', vb: false },
        { n: 'nfv', vd: 'aGkgCg' },
      ])
    ).toEqual(
      new Rows([
        {
          value: { temp: 23.1, label: 'Machine Room', open: false, nfv: 'aGkgCg' },
          units: units({ temp: 'Cel' }),
          labels: { bn: 'd:' },
        },
      ])
    );
  });

  test('12.1: C and F are no temperatures', () => {
    expect(
      decode([
        { bu: 'C', n: 'charge', v: 3 },
        { n: 'capacity', u: 'F', v: 1e-6 },
        { n: 't', u: 'Cel', v: 5 },
      ])
    ).toEqual(
      new Rows([
        {
          value: { charge: 3, capacity: 1e-6, t: 5 },
          units: units({ charge: 'coulomb', capacity: 'farad', t: 'Cel' }),
        },
      ])
    );
  });

  test('4.5.3: times below 2^28 are seconds from now, and zero is now', () => {
    expect(
      decode([
        { n: 'a', t: -5.5, v: 1 },
        { n: 'a', t: 0, v: 2 },
        { n: 'a', t: 60, v: 3 },
        { n: 'a', t: 268435455, v: 4 },
        { n: 'a', t: 268435456, v: 5 },
      ])
    ).toEqual(
      new Rows([
        { value: { a: 1 }, offset: -5500 },
        { value: { a: 2 } },
        { value: { a: 3 }, offset: 60_000 },
        { value: { a: 4 }, offset: 268435455000 },
        { value: { a: 5 }, time: 268435456000 },
      ])
    );
  });

  test('4.1: base value and base sum are added, and stand for what is missing', () => {
    expect(
      decode([
        { bn: 'd', bv: 20, bs: 100, n: 'a', u: 'W', v: 1.5, s: 5 },
        { n: 'b', v: -1 },
        { n: 'c', s: 7 },
        { n: 'd', vs: 'x' },
      ])
    ).toEqual(
      new Rows([
        {
          value: { a: 21.5, 'a sum': 105, b: 19, 'b sum': 100, c: 20, 'c sum': 107, d: 'x', 'd sum': 100 },
          units: units({ a: 'W', 'a sum': 'Ws' }),
          labels: { bn: 'd' },
        },
      ])
    );
  });

  test('a record that sets the base only has no value', () => {
    expect(
      decode([
        { bn: 'd', bt: 1.7e9, bv: 1 },
        { n: 'a', v: 1 },
      ])
    ).toEqual(new Rows([{ value: { a: 2 }, labels: { bn: 'd' }, time: 1.7e12 }]));
    expect(decode([{ bn: 'd' }])).toEqual(
      new DecodeFailure('The SenML has no value: each of its records sets base values only.')
    );
  });

  test('a name of the base alone', () => {
    expect(decode([{ bn: 'urn:dev:mac:1', u: 'Cel', v: 21 }])).toEqual(
      new Rows([{ value: { value: 21 }, units: units({ value: 'Cel' }), labels: { bn: 'urn:dev:mac:1' } }])
    );
  });

  test('a value that comes twice at one time is two rows', () => {
    expect(
      decode([
        { n: 'a', v: 1 },
        { n: 'a', v: 2 },
      ])
    ).toEqual(new Rows([{ value: { a: 1 } }, { value: { a: 2 } }]));
  });

  test('in CBOR, with numbers for keys (6)', () => {
    // [{-2: "d:", -3: 1.7e9, 0: "t", 1: "Cel", 2: 21.5}, {0: "t", 6: -5, 4: true}]
    expect(
      decodeHex('senml', '82 a5 21 62643a 22 fb41d954fc40000000 00 6174 01 6343656c 02 f94d60 a3 00 6174 06 24 04 f5')
    ).toEqual(
      new Rows([
        { value: { t: 21.5 }, units: units({ t: 'Cel' }), labels: { bn: 'd:' }, time: 1.7e12 },
        { value: { t: true }, labels: { bn: 'd:' }, time: 1.7e12 - 5_000 },
      ])
    );
  });

  test.each<[unknown, RegExp]>([
    [{ n: 'a', v: 1 }, /not SenML, which is an array of objects/],
    [[1], /not SenML/],
    [[[]], /not SenML/],
    [[], /has no value/],
    [[{ n: 'a', v: 1, x_: 2 }], /has "x_", an extension that this plugin does not support/],
  ])('%j is refused', (pack, reason) => {
    expect((decode(pack) as DecodeFailure).reason).toMatch(reason);
  });

  test('names that objects have, and digits', () => {
    const decoded = decodeText('senml', '[{"n":"__proto__","v":1},{"n":"toString","v":18446744073709551615}]') as Rows;
    expect(Object.entries(decoded.rows[0].value as object)).toEqual([
      ['__proto__', 1],
      ['toString', '18446744073709551615'],
    ]);
  });

  test('rows are bounded', () => {
    const decoded = decode(Array.from({ length: 10_001 }, (_, i) => ({ n: 'a', t: -i - 1, v: i }))) as Rows;
    expect(decoded.rows).toHaveLength(10_000);
    expect(decoded.problems).toEqual([
      expect.stringMatching(/^Left out: the rows beyond the first 10,000\. Have the sender send fewer/),
    ]);
  });
});

describe('SenML in `auto`', () => {
  const auto = (pack: unknown): unknown => decodeText('auto', JSON.stringify(pack));

  test.each([
    [
      'with a base name',
      [
        { bn: 'urn:dev:1:', n: 'temp', u: 'Cel', v: 21 },
        { n: 'hum', u: '%RH', v: 48 },
      ],
    ],
    [
      'without one',
      [
        { n: 'temp', v: 21 },
        { n: 'door', vb: true, t: -5 },
      ],
    ],
    ['of one record', [{ n: 'temp', u: 'Cel', v: 21 }]],
    [
      'with a record of base values alone',
      [
        { bn: 'urn:dev:1:', bt: 1.7e9, bu: 'Cel' },
        { n: 'temp', v: 21 },
      ],
    ],
    ['with a sum', [{ n: 'energy', s: 5 }]],
  ])('is read as SenML: %s', (_, pack) => {
    const decoded = auto(pack);
    expect(decoded).toBeInstanceOf(Rows);
    expect(decoded).toEqual(decode(pack));
  });

  test.each([
    ['another key', [{ n: 'temp', v: 21, id: 1 }]],
    ['no name', [{ v: 21, t: 5 }]],
    ['no value', [{ n: 'a' }]],
    ['something that is no object', [{ n: 'temp', v: 21 }, 5]],
    ['a list', [{ bn: 'temp', v: 21 }, []]],
    ['nothing', []],
  ])('is a list with %s', (_, list) => {
    expect(auto(list)).toEqual(list);
  });

  const LEFT_OUT = (key: string): string =>
    `Left out: "${key}", a key that SenML does not have (RFC 8428). Choose the format json to see it, or senml to read SenML without this notice.`;

  test.each([
    [
      'of one record, after a base name',
      [
        { bn: 'd:', n: 'temp', u: 'Cel', v: 21, extra: 1 },
        { n: 'h', u: '%RH', v: 48 },
      ],
    ],
    [
      'of each record, after a base name',
      [
        { bn: 'd:', n: 'temp', v: 21, extra: 1 },
        { n: 'h', v: 48, extra: 2 },
      ],
    ],
    [
      'of one record, next to one without it',
      [
        { n: 'temp', v: 21 },
        { n: 'h', v: 48, extra: { a: 1 } },
      ],
    ],
    [
      'of each record, if they have units',
      [
        { n: 'temp', u: 'Cel', v: 21, extra: 1 },
        { n: 'h', u: '%RH', v: 48, extra: 'x' },
      ],
    ],
  ])('is read as SenML without a key that it does not have, and that is said: %s', (_, pack) => {
    const { rows, problems } = auto(pack) as Rows;
    expect(problems).toEqual([LEFT_OUT('extra')]);
    // The format that is chosen ignores it, as RFC 8428 has it (4.4).
    expect(decode(pack)).toEqual(new Rows(rows));
    expect(Object.keys(rows[0].value as object)).toEqual(['temp', 'h']);
  });

  test('is not read if it has an extension that must be understood', () => {
    const reason = 'The SenML has "x_", an extension that this plugin does not support.';
    expect(auto([{ bn: 'd:', n: 'temp', v: 21, x_: 1 }])).toEqual(new DecodeFailure(reason));
  });

  test.each([
    [
      'records with other keys and without units',
      [
        { n: 'temp', v: 21, id: 1 },
        { n: 'h', v: 48, id: 2 },
      ],
    ],
    ['a record of other keys alone', [{ bn: 'd:', n: 'temp', v: 21 }, { id: 1 }]],
    [
      'a key that looks like an extension',
      [
        { n: 'temp', v: 21, x_: 1 },
        { n: 'h', v: 48 },
      ],
    ],
  ])('is a list of objects: %s', (_, list) => {
    expect(auto(list)).toEqual(list);
  });

  test('is not looked for if the query reads the records itself', () => {
    const pack = [
      { bn: 'dev/', n: 'temp', v: 21 },
      { n: 'hum', v: 48 },
    ];
    const found = new TestPanel().send({ payload: pack });
    expect(found.fields()).toEqual({ Time: [ARRIVAL], temp: [21], hum: [48] });
    const labelled = new TestPanel({ labels: [{ path: 'n' }] }).send({ payload: pack });
    expect(labelled.labels).toEqual([{ n: 'hum' }, { n: 'temp' }]);
  });
});

describe('SenML of the drafts before RFC 8428', () => {
  const SAID =
    'The SenML is of a draft from before RFC 8428: its records are in "e". It is read as the draft has it. Have the sender send SenML of RFC 8428.';

  test.each(['auto', 'senml'] as const)('is read and said: %s', (format) => {
    // draft-jennings-senml-10, 6.1.2 to 6.1.4, in one.
    const decoded = decodeText(
      format,
      JSON.stringify({
        e: [
          { n: 'temp', v: 23.5 },
          { n: 'label', sv: 'Machine Room' },
          { n: 'open', bv: false },
          { n: 'current', t: -5, u: 'A', v: 1.2 },
        ],
        bn: 'http://[2001:db8::1]/',
        bt: 1320078429,
        bu: 'Cel',
        ver: 1,
      })
    );
    const labels = { bn: 'http://[2001:db8::1]/' };
    expect(decoded).toEqual(
      new Rows(
        [
          {
            value: { temp: 23.5, label: 'Machine Room', open: false },
            units: units({ temp: 'Cel' }),
            labels,
            time: 1320078429000,
          },
          { value: { current: 1.2 }, units: units({ current: 'A' }), labels, time: 1320078424000 },
        ],
        [SAID]
      )
    );
  });

  test('without base fields', () => {
    const text = '{"e":[{"n":"urn:dev:ow:10e2073a01080063","v":23.5}]}';
    expect(decodeText('auto', text)).toEqual(new Rows([{ value: { 'urn:dev:ow:10e2073a01080063': 23.5 } }], [SAID]));
  });

  test.each([
    ['another key', { bn: 'd', e: [{ n: 'a', v: 1 }], id: 1 }],
    ['a record with another key', { bn: 'd', e: [{ n: 'a', v: 1, id: 1 }] }],
    ['a record without a value', { bn: 'd', e: [{ n: 'a' }] }],
    ['no record', { bn: 'd', e: [] }],
    ['numbers', { bt: 5, e: [1, 2] }],
    ['no list', { bn: 'd', e: { n: 'a', v: 1 } }],
  ])('is not: %s', (_, value) => {
    expect(decodeText('auto', JSON.stringify(value))).toEqual(value);
    expect(decode(value)).toBeInstanceOf(DecodeFailure);
  });

  test('is not looked for if the query reads the records itself', () => {
    const payload = { bn: 'd:', e: [{ n: 'a', v: 1 }] };
    const panel = new TestPanel({ rows: 'e', labels: [{ path: 'n' }] }).send({ payload });
    expect(panel.fields().v).toEqual([1]);
    expect(panel.notices).toEqual([]);
  });
});

test('the base sum of micropython-senml and kpn-senml is under -16', () => {
  // [{-2: "d", -16: 1000, 0: "e", 5: 234}]
  const decoded = decodeHex('senml', '81a4216164 2f1903e8 006165 0518ea');
  expect(decoded).toEqual(new Rows([{ value: { 'e sum': 1234 }, labels: { bn: 'd' } }]));
});

describe('a pack like the last one of its topic', () => {
  const encoder = new TextEncoder();

  test.each<[string, string, string]>([
    [
      'other numbers',
      '[{"bn":"d:","bt":1.5,"n":"t","v":1},{"n":"h","v":2}]',
      '[{"bn":"d:","bt":2.25,"n":"t","v":-3.5},{"n":"h","v":0}]',
    ],
    ['another name', '[{"n":"t","v":1}]', '[{"n":"u","v":1}]'],
    ['another record', '[{"n":"t","v":1}]', '[{"n":"t","v":1},{"n":"u","v":2}]'],
    ['a truth that changes', '[{"n":"t","vb":true},{"n":"u","v":1}]', '[{"n":"t","vb":false},{"n":"u","v":1}]'],
    ['numbers in a text', '[{"n":"t1","vs":"5","v":1}]', '[{"n":"t1","vs":"6","v":1}]'],
    ['an escape', '[{"n":"t\\"5","v":1}]', '[{"n":"t\\"5","v":2}]'],
    ['an exponent', '[{"n":"t","v":1e3}]', '[{"n":"t","v":2e3}]'],
    ['many digits', '[{"n":"t","v":1}]', '[{"n":"t","v":12345678901234567890}]'],
    ['a key twice', '[{"n":"t","v":1,"v":2}]', '[{"n":"t","v":3,"v":4}]'],
    ['an extension', '[{"n":"t","v":1,"x":2}]', '[{"n":"t","v":1,"x":3}]'],
    ['an object', '[{"n":"t","v":{"v":1}}]', '[{"n":"t","v":{"v":2}}]'],
    ['no JSON: a point at the end', '[{"n":"t","v":1}]', '[{"n":"t","v":1.}]'],
    ['no JSON: zeros', '[{"n":"t","v":1}]', '[{"n":"t","v":01}]'],
    ['no JSON: no number', '[{"n":"t","v":1}]', '[{"n":"t","v":}]'],
    ['cut off', '[{"n":"t","v":1}]', '[{"n":"t","v":1'],
    ['more behind it', '[{"n":"t","v":1}]', '[{"n":"t","v":1}]x'],
    ['letters of other languages', '[{"n":"höhe","v":1}]', '[{"n":"höhe","v":2}]'],
    ['base values only', '[{"bn":"a","bt":5}]', '[{"bn":"a","bt":6}]'],
  ])('is what its text is: %s', (_, first, second) => {
    const read = createDecoder('senml');
    for (const text of [first, second, first, second]) {
      expect(read(encoder.encode(text), 'a')).toEqual(decodeText('senml', text));
      expect(read(encoder.encode(text), 'a')).toEqual(decodeText('senml', text));
    }
  });

  test('is what its text is, whatever comes after whatever', () => {
    const record = fc.record(
      {
        bn: fc.constantFrom('d:', 'e'),
        bt: fc.oneof(fc.integer({ min: 0, max: 2e9 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
        n: fc.constantFrom('t', 'h', '', '1'),
        u: fc.constantFrom('Cel', 'C'),
        v: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('x', true)),
        t: fc.integer({ min: -10, max: 10 }),
        s: fc.integer(),
      },
      { requiredKeys: ['n'] }
    );
    const pack = fc.array(record, { minLength: 1, maxLength: 3 });
    let quick = 0;
    fc.assert(
      fc.property(
        pack,
        fc.array(fc.integer({ min: -99, max: 9_999 }), { minLength: 20, maxLength: 20 }),
        (records, numbers) => {
          const reader = new SenmlReader();
          const changed = numbers.reduce<typeof records>(
            (before, number, i) =>
              before.map((each, j) =>
                j === i % before.length && typeof each.v === 'number' ? { ...each, v: number / 4 } : each
              ),
            records
          );
          for (const each of [records, changed, records]) {
            const text = JSON.stringify(each);
            const similar = reader.readSimilar(encoder.encode(text), 'a');
            const whole = new SenmlReader().read(text);
            if (similar !== undefined) {
              quick++;
              expect(similar).toEqual(whole);
            }
            expect(reader.read(text)).toEqual(whole);
          }
        }
      ),
      { numRuns: RUNS }
    );
    expect(quick).toBeGreaterThan(RUNS / 4);
  });
});
