import { encode } from 'cborg';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rows } from '../rows/rows';
import { readCbor } from './cbor';
import { decodeHex, reasonOf, RUNS } from '../../testing/decode';

describe('CBOR, the examples of RFC 8949, appendix A', () => {
  test.each<[string, unknown]>([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', '18446744073709551615'],
    ['c249010000000000000000', '18446744073709551616'],
    ['3bffffffffffffffff', '-18446744073709551616'],
    ['c349010000000000000000', '-18446744073709551617'],
    ['20', -1],
    ['3863', -100],
    ['3903e7', -1000],
    ['f90000', 0],
    ['f98000', -0],
    ['f93c00', 1],
    ['fb3ff199999999999a', 1.1],
    ['f97bff', 65_504],
    ['fa47c35000', 100_000],
    ['fa7f7fffff', 3.4028234663852886e38],
    ['fb7e37e43c8800759c', 1e300],
    ['f90001', 5.960464477539063e-8],
    ['f90400', 0.00006103515625],
    ['f9c400', -4],
    ['fbc010666666666666', -4.1],
    ['f97c00', Infinity],
    ['f97e00', NaN],
    ['f9fc00', -Infinity],
    ['fb7ff0000000000000', Infinity],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', null],
    ['f0', 'simple(16)'],
    ['f8ff', 'simple(255)'],
    ['c074323031332d30332d32315432303a30343a30305a', '2013-03-21T20:04:00Z'],
    ['c11a514b67b0', '2013-03-21T20:04:00Z'],
    ['c1fb41d452d9ec200000', '2013-03-21T20:04:00.5Z'],
    ['d74401020304', '01020304'],
    ['d818456449455446', 'IETF'],
    ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', 'http://www.example.com'],
    ['40', ''],
    ['4401020304', 'AQIDBA=='],
    ['60', ''],
    ['6161', 'a'],
    ['62225c', '"\\'],
    ['62c3bc', 'ü'],
    ['63e6b0b4', '水'],
    ['64f0908591', '\ud800\udd51'],
    ['80', []],
    ['83010203', [1, 2, 3]],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a0', {}],
    ['a201020304', { 1: 2, 3: 4 }],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['826161a161626163', ['a', { b: 'c' }]],
    ['5f42010243030405ff', 'AQIDBAU='],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9fff', []],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['83018202039f0405ff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['bf6346756ef563416d7421ff', { Fun: true, Amt: -2 }],
  ])('%s', (hex, value) => {
    expect(decodeHex('cbor', hex)).toEqual(value);
  });
});

describe('tags', () => {
  test.each<[string, unknown]>([
    ['c4 82 21 196ab3', 273.15],
    ['c4 82 1903e8 01', '1e1000'],
    ['c5 82 20 03', 1.5],
    ['c5 82 1907d0 01', '1*2^2000'],
    ['c4 01', 1],
    ['c2 41 05', 5],
    ['c2 40', 0],
    ['c2 48 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['c3 41 04', -5],
    ['d5 43 fbff00', '-_8A'],
    ['d6 41 ff', '/w=='],
    ['d825 50 00112233445566778899aabbccddeeff', '00112233-4455-6677-8899-aabbccddeeff'],
    ['d825 41 ff', '/w=='],
    ['d840 43 0180ff', [1, 128, 255]],
    ['d848 42 80ff', [-128, -1]],
    ['d841 44 0001ff00', [1, 65_280]],
    ['d845 44 0001ff00', [256, 255]],
    ['d849 42 fffe', [-2]],
    ['d842 44 ffffffff', [4_294_967_295]],
    ['d84a 44 ffffffff', [-1]],
    ['d843 48 ffffffffffffffff', ['18446744073709551615']],
    ['d847 48 0500000000000000', [5]],
    ['d84b 48 fffffffffffffffb', [-5]],
    ['d850 42 3c00', [1]],
    ['d854 42 003c', [1]],
    ['d851 44 41ac0000', [21.5]],
    ['d855 44 0000ac41', [21.5]],
    ['d852 48 4035800000000000', [21.5]],
    ['d856 48 0000000000803540', [21.5]],
    ['d852 43 010203', 'AQID'],
    ['d903ec 6a323032342d30352d3137', '2024-05-17'],
    ['d864 3929b3', '1940-10-09'],
    ['d864 190f9a', '1980-12-08'],
    ['d9d9f7 a16161 01', { a: 1 }],
    ['d90102 82 01 02', [1, 2]],
    ['dbffffffffffffffff 01', 1],
    ['d818 43 a10102', { 1: 2 }],
    ['d818 42 ffff', '//8='],
    ['c1 fb7ff0000000000000', Infinity],
    ['c1 fbc1d0000000000000', '1935-12-23T10:22:56Z'],
  ])('%s', (hex, value) => {
    expect(decodeHex('cbor', hex)).toEqual(value);
  });
});

describe('values and texts that a payload refers to', () => {
  test.each<[string, string, unknown]>([
    ['a shared list', 'd81c a2 6161 d81c 82 01 02 6162 d81d 01', { a: [1, 2], b: [1, 2] }],
    ['a shared value of cbor-x', 'b90002 6161 d81c b90001 6178 01 6162 d81d 190000', { a: { x: 1 }, b: { x: 1 } }],
    ['a shared number', '83 d81c 05 d81d 00 d81d 00', [5, 5, 5]],
    ['shared values that contain each other', '83 d81c 81 01 d81c 82 d81d 00 02 d81d 01', [[1], [[1], 2], [[1], 2]]],
    ['shared bytes', '82 d81c 43 010203 d81d 00', ['AQID', 'AQID']],
    [
      'texts that come again',
      'd90100 82 a2 6474656d70 01 6368756d 02 a2 d81900 03 d81901 04',
      [
        { temp: 1, hum: 2 },
        { temp: 3, hum: 4 },
      ],
    ],
    ['only texts that are longer than a reference', 'd90100 84 6161 63616161 6162 d81900', ['a', 'aaa', 'b', 'aaa']],
    ['bytes that come again', 'd90100 83 43 010203 63616263 d81900', ['AQID', 'abc', 'AQID']],
    [
      'texts in a namespace of their own',
      'd90100 83 63616161 d90100 82 63626262 d81900 d81900',
      ['aaa', ['bbb', 'bbb'], 'aaa'],
    ],
  ])('%s', (_, hex, value) => {
    expect(decodeHex('cbor', hex)).toEqual(value);
  });

  test('the 24th and later texts need a byte more', () => {
    const texts = Array.from({ length: 24 }, (_, i) => `63${'61'.repeat(2)}${(0x61 + i).toString(16)}`).join('');
    expect((decodeHex('cbor', `d90100 981b ${texts} 637a7a7a 647a7a7a7a d8191818`) as string[]).at(-1)).toBe('zzzz');
  });

  test.each([
    ['d81d 00', /refers to the value 0, which it does not contain/],
    ['82 d81c 01 d81d 01', /refers to the value 1/],
    ['d81c 81 d81d 00', /a value that contains itself/],
    ['d81d 6161', /refers to the value "a"/],
    ['d81900', /a text outside of any namespace/],
    ['d90100 d81900', /refers to the value 0/],
    ['d81c ff', /a break in place of an item/],
    ['d8338481647465787480 80 82d9dfff8319e0008163616161e0d9e00081e0', /cannot be read: it is packed/],
  ])('%s is refused', (hex, reason) => {
    expect(reasonOf(decodeHex('cbor', hex))).toMatch(reason);
  });

  test('a few bytes are not billions of values', () => {
    const ten = (i: number): string => `d81c 8a ${`d81d${i.toString(16).padStart(2, '0')}`.repeat(10)}`;
    const bomb = `8a d81c 01 ${[0, 1, 2, 3, 4, 5, 6, 7, 8].map(ten).join('')}`;
    expect(reasonOf(decodeHex('cbor', bomb))).toMatch(/refers to more than 100,000 values/);
  });

  test('values do not nest deeper because they refer to each other', () => {
    const deep = (ref: string): string => `d81c ${'81'.repeat(100)} ${ref}`;
    const nested = `84 ${deep('01')} ${deep('d81d00')} ${deep('d81d01')} 01`;
    expect(reasonOf(decodeHex('cbor', nested))).toMatch(/more than 250 levels/);
  });
});

describe('records of cbor-x', () => {
  test.each<[string, string, unknown]>([
    ['one', 'd9dfff8419e000826474656d706368756d0708', { temp: 7, hum: 8 }],
    [
      'several, of one kind',
      '82d9dfff8419e000826161616201d9e000820203d9e000820304',
      [
        { a: 1, b: { a: 2, b: 3 } },
        { a: 3, b: 4 },
      ],
    ],
    ['with a key of every name', 'd9dfff8319e00081695f5f70726f746f5f5f01', JSON.parse('{"__proto__":1}')],
    ['with a key twice', 'd9dfff8419e00082616161610102', { a: 1, 'a 2': 2 }],
  ])('%s', (_, hex, value) => {
    expect(decodeHex('cbor', hex)).toEqual(value);
  });

  test.each([
    ['whose keys were sent before', 'd9e00082184602', 'set useRecords to false'],
    [
      'with bundled texts',
      'd9dfff8419e00082636161616162d9dff9821a00000009cf126178607274657874206f6e652074776f207468726565',
      'set bundleStrings to false',
    ],
    ['without keys', 'd9dfff8119e000', 'without a tag and keys'],
    ['that are no list', 'd9dfff01', 'without a tag and keys'],
    ['whose keys are no text', 'd9dfff8319e000810501', 'not a list of texts'],
  ])('%s are refused, and the reason names the option', (_, hex, reason) => {
    expect(reasonOf(decodeHex('cbor', hex))).toMatch(reason);
  });
});

test('several objects or lists are a row each', () => {
  expect(decodeHex('cbor', 'a16161 01 a16161 02')).toEqual(new Rows([{ value: { a: 1 } }, { value: { a: 2 } }]));
  expect(decodeHex('cbor', '8101 8102 03')).toEqual(
    new Rows([{ value: [1] }, { value: [2] }], ['Left out: 1 byte after the value.'])
  );
  expect(readCbor(Uint8Array.of(0xa0, 0xa0, 0xa0), 2)).toMatchObject({
    rows: [{}, {}],
    problems: [expect.stringContaining('beyond the first 2')],
  });
});

test('keys that are no text, and no key is lost', () => {
  expect(decodeHex('cbor', 'a5 01 6161 f5 6162 f6 6163 8101 6164 4101 6165')).toEqual({
    '1': 'a',
    true: 'b',
    null: 'c',
    '[1]': 'd',
    'AQ==': 'e',
  });
  expect(decodeHex('cbor', 'a2 01 6161 6131 6162')).toEqual({ '1': 'a', '1 2': 'b' });
  expect(decodeHex('cbor', 'a2 6131 6161 01 6162')).toEqual({ '1': 'a', '1 2': 'b' });
});

test('names that objects have', () => {
  const value = decodeHex('cbor', 'a2 695f5f70726f746f5f5f a1617801 68746f537472696e67 02');
  expect(Object.entries(value as object)).toEqual([
    ['__proto__', { x: 1 }],
    ['toString', 2],
  ]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test('what comes behind is left out, and that is said', () => {
  expect(decodeHex('cbor', 'a16161 01 0203')).toEqual(
    new Rows([{ value: { a: 1 } }], ['Left out: 2 bytes after the value.'])
  );
});

test.each<[string, RegExp]>([
  ['ff', /^The payload is not CBOR: it begins with a break\.$/],
  ['1c', /byte 0 has the length code 28/],
  ['fc', /byte 0 begins no value/],
  ['19 ff', /at byte 1 it needs 2 bytes, but only 1 is left/],
  ['65 6162', /it needs 5 bytes, but only 2 are left/],
  ['82 01', /it needs 2 items, but only 1 byte is left/],
  ['9bffffffffffffffff', /it needs [\d,]+ items/],
  ['bbffffffffffffffff', /it needs [\d,]+ items/],
  ['5bffffffffffffffff', /it needs [\d,]+ bytes/],
  ['7f 01 ff', /a piece of a text is not a text/],
  ['7f 7f ff ff', /a piece of a text is not a text/],
  ['7f 6161', /it needs/],
  ['9f 01', /it needs/],
  ['82 01 ff', /there is a break in place of an item/],
  ['bf 01 ff', /there is a break in place of an item/],
  ['a1 ff 01', /there is a break in place of an item/],
  ['c1 ff', /there is a break in place of an item/],
  ['9f c1 ff', /there is a break/],
  ['c1', /it needs/],
  [`${'81'.repeat(251)}01`, /more than 250 levels of nesting/],
  ['9f'.repeat(10_000), /more than 250 levels of nesting/],
  [`${'c1'.repeat(10_000)}01`, /more than 250 levels of nesting/],
  [`c2 590101 ${'ff'.repeat(257)}`, /an integer of 257 bytes, and at most 256/],
])('%.40s is refused', (hex, reason) => {
  expect(reasonOf(decodeHex('cbor', hex))).toMatch(reason);
});

test('reads what cborg writes', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('any')),
      fc.dictionary(fc.string(), tie('any'), { noNullPrototype: true })
    ),
  })).any;
  fc.assert(
    fc.property(value, (value) => {
      // cborg writes whole floats as integers, so that the sign of zero is lost.
      expect(readCbor(encode(value))).toEqual(JSON.parse(JSON.stringify({ value }, replacer), reviver).value);
    }),
    { numRuns: RUNS }
  );
});

/** A value in a form that JSON can write. */
function replacer(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `number ${value}` : value;
}

function reviver(_: string, value: unknown): unknown {
  return typeof value === 'string' && /^number (NaN|-?Infinity)$/.test(value) ? Number(value.slice(7)) : value;
}
