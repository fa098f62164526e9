import { encode } from '@msgpack/msgpack';
import * as fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { Rows } from '../rows/rows';
import { readMsgpack } from './msgpack';
import { decodeHex, reasonOf, RUNS } from '../../testing/decode';

describe('MessagePack, each form of the specification', () => {
  test.each<[string, unknown]>([
    ['00', 0],
    ['7f', 127],
    ['ff', -1],
    ['e0', -32],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['cc ff', 255],
    ['cd ffff', 65_535],
    ['ce ffffffff', 4_294_967_295],
    ['cf 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['cf 0020000000000001', '9007199254740993'],
    ['cf ffffffffffffffff', '18446744073709551615'],
    ['d0 80', -128],
    ['d1 8000', -32_768],
    ['d2 80000000', -2_147_483_648],
    ['d3 fffffffffffffffb', -5],
    ['d3 8000000000000000', '-9223372036854775808'],
    ['d3 ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['ca 41ac0000', 21.5],
    ['cb 4035800000000000', 21.5],
    ['cb 7ff8000000000000', NaN],
    ['a0', ''],
    ['a3 4b c3b6', 'Kö'],
    ['d9 03 616263', 'abc'],
    ['da 0003 616263', 'abc'],
    ['db 00000003 616263', 'abc'],
    ['a2 fffe', '//4='],
    ['c4 03 010203', 'AQID'],
    ['c5 0001 ff', '/w=='],
    ['c6 00000000', ''],
    ['90', []],
    ['93 01 c0 a161', [1, null, 'a']],
    ['dc 0001 05', [5]],
    ['dd 00000001 05', [5]],
    ['80', {}],
    ['81 a161 01', { a: 1 }],
    ['de 0001 a161 01', { a: 1 }],
    ['df 00000001 a161 01', { a: 1 }],
    ['d6 ff 66473ff4', '2024-05-17T11:31:00Z'],
    ['d7 ff 1d6f3454 66473ff4', '2024-05-17T11:31:00.123456789Z'],
    ['c7 0c ff 00000001 ffffffffffffffff', '1969-12-31T23:59:59.000000001Z'],
    ['c7 0c ff 00000000 7fffffffffffffff', { type: -1, data: 'AAAAAH//////////' }],
    ['d4 05 aa', { type: 5, data: 'qg==' }],
    ['d5 05 aabb', { type: 5, data: 'qrs=' }],
    ['d8 05 000102030405060708090a0b0c0d0e0f', { type: 5, data: 'AAECAwQFBgcICQoLDA0ODw==' }],
    ['c8 0001 05 aa', { type: 5, data: 'qg==' }],
    ['c9 00000001 05 aa', { type: 5, data: 'qg==' }],
  ])('%s', (hex, value) => {
    expect(decodeHex('msgpack', hex)).toEqual(value);
  });

  test('keys that are no text, and no key is lost', () => {
    expect(decodeHex('msgpack', '85 01 a161 c3 a162 c0 a163 9101 a164 cb3ff8000000000000 a165')).toEqual({
      '1': 'a',
      true: 'b',
      null: 'c',
      '[1]': 'd',
      '1.5': 'e',
    });
    expect(decodeHex('msgpack', '82 01 a161 a131 a162')).toEqual({ '1': 'a', '1 2': 'b' });
    expect(decodeHex('msgpack', '82 a131 a161 01 a162')).toEqual({ '1': 'a', '1 2': 'b' });
  });

  test('names that objects have', () => {
    const value = readMsgpack(
      Uint8Array.of(
        0x82,
        0xa9,
        ...new TextEncoder().encode('__proto__'),
        0x81,
        0xa1,
        0x78,
        1,
        0xab,
        ...new TextEncoder().encode('constructor'),
        2
      )
    );
    expect(Object.entries(value as object)).toEqual([
      ['__proto__', { x: 1 }],
      ['constructor', 2],
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  test('what comes behind is left out, and that is said', () => {
    expect(decodeHex('msgpack', '81a16101 0203')).toEqual(
      new Rows([{ value: { a: 1 } }], ['Left out: 2 bytes after the value.'])
    );
  });

  test.each<[string, RegExp]>([
    ['c1', /^The payload is not MessagePack: byte 0 is 0xc1, which begins no value\.$/],
    ['cd ff', /at byte 1 it needs 2 bytes, but only 1 is left/],
    ['a5 6162', /at byte 1 it needs 5 bytes, but only 2 are left/],
    ['92 01', /at byte 1 it needs 2 items, but only 1 byte is left/],
    ['dd ffffffff 01', /it needs 4,294,967,295 items/],
    ['df ffffffff 01', /it needs 8,589,934,590 items/],
    ['c6 ffffffff 01', /it needs 4,294,967,295 bytes/],
    ['82 a161 01 a1', /it needs/],
    [`${'91'.repeat(251)}01`, /more than 250 levels of nesting/],
    [`${'81a161'.repeat(10_000)}01`, /more than 250 levels of nesting/],
    // Each level says that it has 16 million items: room for them all would be gigabytes.
    ['dd01000000'.repeat(200), /it needs 16,777,216 items, but only 995 bytes are left/],
  ])('%.40s is refused', (hex, reason) => {
    expect(reasonOf(decodeHex('msgpack', hex))).toMatch(reason);
  });

  test('250 levels are taken', () => {
    let levels = 0;
    for (let value = decodeHex('msgpack', `${'91'.repeat(250)}01`); Array.isArray(value); value = value[0]) {
      levels++;
    }
    expect(levels).toBe(250);
  });
});

describe('what msgpackr writes', () => {
  test.each([
    ['an error', new TypeError('boom'), 'TypeError: boom'],
    ['a regular expression', /a+\/b/gi, '/a+\\/b/gi'],
  ])('%s moves no later value', (_, value, text) => {
    for (const useRecords of [true, false]) {
      const packed = new Packr({ moreTypes: true, useRecords }).pack({ value, temp: 21.5, hum: 48 });
      expect(decodeHex('msgpack', packed.toString('hex'))).toEqual({ value: text, temp: 21.5, hum: 48 });
    }
  });

  test.each<[string, string, unknown]>([
    ['a record', 'd4724092a474656d70a368756d0708', { temp: 7, hum: 8 }],
    [
      'records of several kinds, in one another',
      '92d4724092a161a16201914002cc404003cc64',
      [
        { a: 1, b: [{ a: 2, b: 64 }] },
        { a: 3, b: 100 },
      ],
    ],
    ['undefined', 'd40000', null],
    ['a field that is undefined', 'de0002a161d40000a16201', { a: null, b: 1 }],
    ['a set', 'de0002a173d47300920102a16e05', { s: [1, 2], n: 5 }],
    ['a large integer', 'de0001a16ed84200000000000000400000000000000000', { n: '1180591620717411303424' }],
    ['a negative one', 'd842ffffffffffffffc00000000000000000', '-1180591620717411303424'],
    ['a shared object', 'de0002a161d66900000001de0001a17801a162d67000000001', { a: { x: 1 }, b: { x: 1 } }],
    ['keys with every name', 'd4724091a95f5f70726f746f5f5f01', JSON.parse('{"__proto__":1}')],
    ['a record with two bytes, and again', '92d572600191a16105600107', [{ a: 5 }, { a: 7 }]],
    ['numbers where there is no record', '93404142', [64, 65, 66]],
  ])('%s', (_, hex, value) => {
    expect(decodeHex('msgpack', hex)).toEqual(value);
  });

  test.each([
    ['bundled texts', 'd4724092a3616161a162d66200000008c112a178a0b274657874206f6e65', 'set bundleStrings to false'],
    ['a value that contains itself', 'd6690000000191d67000000001', 'contains itself'],
  ])('%s is refused', (_, hex, reason) => {
    expect(reasonOf(decodeHex('msgpack', hex))).toMatch(reason);
  });

  test('a record whose keys were sent before is not the number of the record', () => {
    for (const hex of ['40cc4602', '7f05', '4007']) {
      expect(reasonOf(decodeHex('msgpack', hex))).toBe(
        'The MessagePack cannot be read: it begins like a record of msgpackr whose keys were in an earlier payload: ' +
          'set useRecords to false in the sender.'
      );
    }
    // A word, such as the will of a sender of MessagePack, is no number either.
    expect(reasonOf(decodeHex('msgpack', Buffer.from('offline').toString('hex')))).toContain('begins like a record');
    expect(decodeHex('msgpack', '40')).toBe(64);
    expect(decodeHex('msgpack', '3f05')).toEqual(new Rows([{ value: 63 }], ['Left out: 1 byte after the value.']));
  });

  test.each([
    ['d47205', { type: 0x72, data: 'BQ==' }],
    ['d47240', { type: 0x72, data: 'QA==' }],
    ['d40001', { type: 0, data: 'AQ==' }],
    ['d47300', { type: 0x73, data: 'AA==' }],
    ['d66900000001', { type: 0x69, data: 'AAAAAQ==' }],
    ['d67000000001', { type: 0x70, data: 'AAAAAQ==' }],
  ])('%s is an extension of another sender', (hex, value) => {
    expect(decodeHex('msgpack', hex)).toEqual(value);
  });

  test.each(['d4724091a161', 'd47300 91', 'd66900000001 91'])('%s, again and again, is refused', (hex) => {
    expect(reasonOf(decodeHex('msgpack', hex.repeat(5_000)))).toMatch(/more than 250 levels/);
  });
});

test('several objects or lists are a row each', () => {
  expect(decodeHex('msgpack', '81a16101 81a16102')).toEqual(new Rows([{ value: { a: 1 } }, { value: { a: 2 } }]));
  expect(decodeHex('msgpack', '9101 9102 81a16103')).toEqual(
    new Rows([{ value: [1] }, { value: [2] }], ['Left out: 4 bytes after the value.'])
  );
  expect(decodeHex('msgpack', '81a16101 81a161')).toEqual(
    new Rows([{ value: { a: 1 } }], ['Left out: 3 bytes after the value.'])
  );
});

test('reads what @msgpack/msgpack writes', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      // The library writes whole floats as integers, so that the sign of zero is lost.
      fc.double().map((number) => (number === 0 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('any')),
      // The library refuses __proto__ only when it reads.
      fc.dictionary(fc.string(), tie('any'), { noNullPrototype: true })
    ),
  })).any;
  fc.assert(
    fc.property(value, (value) => {
      expect(readMsgpack(encode(value))).toStrictEqual(value);
    }),
    { numRuns: RUNS }
  );
});
