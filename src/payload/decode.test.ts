import { describe, expect, test, vi } from 'vitest';
import { createDecoder, DecodeFailure, CLEARED } from './decode';
import type { PayloadFormat } from './formats';
import { SPARKPLUG } from '../testing/payloads';
import { fromHex } from './formats/bytes';
import { Rows } from './rows/rows';
import { TestPanel } from '../testing/test-panel';
import { costOf } from '../testing/baseline';
import '../testing/parts';

const encoder = new TextEncoder();

const decode = (format: PayloadFormat, payload: string | number[]): unknown =>
  createDecoder(format)(typeof payload === 'string' ? encoder.encode(payload) : Uint8Array.from(payload), 'a/topic');

const FORMATS: PayloadFormat[] = ['auto', 'json', 'number', 'text'];

describe('numbers, by the whole text', () => {
  test.each<[string, number]>([
    ['21.5', 21.5],
    ['0', 0],
    ['-0', -0],
    ['+5', 5],
    ['-12', -12],
    ['.5', 0.5],
    ['-.5', -0.5],
    ['5.', 5],
    ['0.0', 0],
    ['1e5', 100_000],
    ['1E+5', 100_000],
    ['1.5e-3', 0.0015],
    [' 21.5\n', 21.5],
    ['\t7\r\n', 7],
    ['\uFEFF21.5', 21.5],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['-9007199254740991', Number.MIN_SAFE_INTEGER],
    ['12345678901234567890.5', 12345678901234567000],
    ['1e-400', 0],
  ])('%j is %d', (text, number) => {
    expect(decode('auto', text)).toBe(number);
    expect(decode('number', text)).toBe(number);
  });

  test.each([
    '5 6',
    '1.2.3',
    '0x10',
    '0b1',
    '1_000',
    '1e',
    '1e5.5',
    'e5',
    '.',
    '+',
    '-',
    '+-5',
    '- 5',
    '--5',
    '２１',
    '٣',
    '2024-01-01',
    '12:30',
    '192.168.0.1',
    'abc',
    '/5',
    ',5',
    ' ',
    '21.5\0x',
    '1e400',
    '-1e400',
    `1${'0'.repeat(400)}.0`,
  ])('%j is text, and no number', (text) => {
    expect(decode('auto', text)).toBe(text);
    expect(decode('number', text)).toBeInstanceOf(DecodeFailure);
  });

  test.each(['21.5 °C', '21.5abc', '1,5', '1n', '007', '00', '-01', '01.5'])(
    '%j is text, unless a number is asked for',
    (text) => {
      expect(decode('auto', text)).toBe(text);
      expect(decode('number', text)).not.toBeInstanceOf(DecodeFailure);
    }
  );

  test.each<[string, number]>([
    ['nan', NaN],
    ['NaN', NaN],
    ['-nan', NaN],
    [' NAN\n', NaN],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['+inf', Infinity],
  ])('%j is what printf and others print for %d', (text, number) => {
    expect(decode('auto', text)).toBe(number);
    expect(decode('number', text)).toBe(number);
  });

  test.each(['nano', 'in', 'info', 'n', 'Nan', 'infinite', 'i', '-', 'nanananana'])('%j is text', (text) => {
    expect(decode('auto', text)).toBe(text);
  });

  test.each([
    '9007199254740993',
    '-9007199254740993',
    '18446744073709551615',
    `1${'0'.repeat(400)}`,
    `1${'0'.repeat(1_000_000)}`,
  ])('%.20s… is an integer too large to be exact: its text', (text) => {
    expect(decode('auto', text)).toBe(text);
  });

  test('an integer too large to be exact is the nearest number where a number is asked for', () => {
    expect(decode('number', '18446744073709551615')).toBe(2 ** 64);
    expect(decode('number', `1${'0'.repeat(400)}`)).toBeInstanceOf(DecodeFailure);
  });

  test('what is no number says so, in short', () => {
    const { reason } = decode('number', 'x'.repeat(50)) as DecodeFailure;
    expect(reason).toBe(`The payload is not a number: "${'x'.repeat(40)}…".`);
  });
});

describe('auto', () => {
  test.each<[string, unknown]>([
    ['ON', 'ON'],
    ['Online', 'Online'],
    ['  padded  ', '  padded  '],
    ['"on"', 'on'],
    ['"21.5"', '21.5'],
    [' "a\\u00e9" ', 'aé'],
    ['true', true],
    [' false\n', false],
    ['null', null],
    ['True', 'True'],
    ['truely', 'truely'],
    ['{"a":1}', { a: 1 }],
    ['\r\n {"a":1}\n', { a: 1 }],
    ['\uFEFF{"a":1}', { a: 1 }],
    ['[1,"2",null]', [1, '2', null]],
    [' []', []],
    ['{}', {}],
    ['{"a":NaN}', { a: NaN }],
    ['[nan, -nan, inf, -Infinity]', [NaN, NaN, Infinity, -Infinity]],
    ['[INFO] started', '[INFO] started'],
    ['[5] started', '[5] started'],
    ['{} started', '{} started'],
    ['\u001b[0;32m[I] ready\u001b[0m', '[I] ready'],
    ['\u001b[0;32m{"a":1}\u001b[0m', '{"a":1}'],
    ['"half', '"half'],
    ['"a" "b"', '"a" "b"'],
    ['{"a":"b\\ud800"}', { a: 'b\ud800' }],
    ['$GPGGA,172814.0,3723', '$GPGGA,172814.0,3723'],
    ['wetter 🌧', 'wetter 🌧'],
  ])('%j', (text, value) => {
    expect(decode('auto', text)).toEqual(value);
  });
});

describe('auto: text that is almost JSON', () => {
  test.each<[string, unknown]>([
    ['{"a":1,}', { a: 1 }],
    ['[1,2,]', [1, 2]],
    ['[{"a":1,},]', [{ a: 1 }]],
    ['{"a":"two\nlines\ttab\u0001"}', { a: 'two\nlines\ttab\u0001' }],
    ['{“temp”: 21.5, „s‟: ‘x’}', { temp: 21.5, s: 'x' }],
    ["{'a': True, 'b': None, 'c': False}", { a: true, b: null, c: false }],
    ["{'a': 'it\\'s', 'b': \"it's\"}", { a: "it's", b: "it's" }],
    [' {a:1} ', { a: 1 }],
    ['{temp: 21.5, $x_1: "y", up-time: 5}', { temp: 21.5, $x_1: 'y', 'up-time': 5 }],
    ["['a', True, nan]", ['a', true, NaN]],
    ['{"a": +5, "b": .5, "c": 5.}', { a: 5, b: 0.5, c: 5 }],
    ["{'id': 18446744073709551615}", { id: '18446744073709551615' }],
    ["{'__proto__': 1, 'a': {'b': [1,]}}", JSON.parse('{"__proto__":1,"a":{"b":[1]}}')],
    ['{"a":"\\x41\\u00e9\\n",}', { a: 'Aé\n' }],
    ['{1: 21.5, 2: 22}', { 1: 21.5, 2: 22 }],
    ["{u'a': 1, u'b': u'x', 'c': b'y'}", { a: 1, b: 'x', c: 'y' }],
    ['{a.b: 1, größe: 2}', { 'a.b': 1, größe: 2 }],
    ['{"a": undefined}', { a: null }],
    [
      "{'a': np.float64(21.5), 'b': Decimal('1.50'), 'c': (1, 2,), 'd': np.float32(nan)}",
      { a: 21.5, b: 1.5, c: [1, 2], d: NaN },
    ],
    ['[np.float64(1.5), np.int64(2)]', [1.5, 2]],
    ['{"a": 1, /* volts */ "b": 2 // watts\n}', { a: 1, b: 2 }],
  ])('%j is read', (text, value) => {
    expect(decode('auto', text)).toEqual(value);
  });

  test.each([
    ['{"a":1', 'expected "," or "}" at character 7, but it ends'],
    ['{"a":1,"b', 'expected a text that ends with quotes at character 8, but found "\\"b"'],
    ['[{"a":1', 'expected "," or "}" at character 8, but it ends'],
    ['{"a": 007}', 'expected a value at character 7, but found "007}"'],
    ['{"a": 1 "b": 2}', 'expected "," or "}" at character 9, but found "\\"b\\": 2}"'],
    ['{"a" 1}', 'expected ":" at character 6, but found "1}"'],
    ["{'a': yes}", 'expected a value at character 7, but found "yes}"'],
    ['{"a": {"b": unknown}}', 'expected a value at character 13, but found "unknown}}"'],
    ['{1: 21.5', 'expected "," or "}" at character 9, but it ends'],
    ["{u'a': 1", 'expected "," or "}" at character 9, but it ends'],
    ['{a.b: 1, c', 'expected ":" at character 11, but it ends'],
    ['[1,2', 'expected "," or "]" at character 5, but it ends'],
    ['[1,', 'expected a value at character 4, but it ends'],
    ['["a","b', 'expected a text that ends with quotes at character 6, but found "\\"b"'],
    ['["a', 'expected a text that ends with quotes at character 2, but found "\\"a"'],
    ['[1,,2]', 'expected a value at character 4, but found ",2]"'],
    ["{'a': Decimal('x')}", 'expected a number at character 15, but found "\'x\')}"'],
  ])('%j is a failure with the place', (text, reason) => {
    expect(decode('auto', text)).toEqual(new DecodeFailure(`The payload is not JSON: ${reason}.`));
  });

  test.each([
    '{hello: world}',
    '{start}',
    '{{ value }}',
    '[12:30:01] boot',
    '{12:30:01} boot',
    '[1,eth0] link up',
    '[1,2] started',
    '[2024-05-17 11:31:00,123] INFO up',
    '["a", b] c',
    '// {"a": 1}',
    '[-] off',
    '["a" is b]',
    '[a, b]',
    '[1 2]',
    "['a'] x",
    '{}x',
  ])('%j is text', (text) => {
    expect(decode('auto', text)).toBe(text);
  });

  test('several, and what comes behind', () => {
    expect(decode('auto', "{'a': 1}\n{'a': 2}")).toEqual(new Rows([{ value: { a: 1 } }, { value: { a: 2 } }]));
    expect(decode('auto', '{"a": 1}\n{\'a\': 2}')).toEqual(new Rows([{ value: { a: 1 } }, { value: { a: 2 } }]));
    expect(decode('auto', "{'a': 1} ok")).toEqual(
      new Rows([{ value: { a: 1 } }], ['Left out: 2 characters after the JSON: "ok".'])
    );
  });

  test('is spoken of where a query asks for a field in it', () => {
    const panel = new TestPanel({ fields: [{ path: 'a' }] }).send({ payload: '{"a":1' }, { payload: "{'a': 5}" });
    expect(panel.fields()).toMatchObject({ a: [5] });
    expect(panel.notices.join()).toContain('at character 7, but it ends');
  });
});

describe('text in other encodings', () => {
  const bytesOf = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

  test.each<[PayloadFormat, string, unknown]>([
    ['auto', '21.5 \u00b0C', '21.5 °C'],
    ['text', '21.5 \u00b0C', '21.5 °C'],
    ['json', '{"t":"21.5 \u00b0C"}', { t: '21.5 °C' }],
    ['auto', '{"unit":"\u00b0C","v":5}', { unit: '°C', v: 5 }],
    ['csv', '21.5,\u00b0C', { 1: 21.5, 2: '°C' }],
    ['auto', 'K\u00fcche', 'Küche'],
  ])('Latin-1 is read and said: %s %j', (format, text, value) => {
    const decoded = decode(format, bytesOf(text)) as Rows;
    expect(decoded.rows.map((row) => row.value)).toEqual([value]);
    expect(decoded.problems.join()).toContain('read as Latin-1');
  });

  test('a list in Latin-1 is as many rows, also at a path', () => {
    const list = [{ v: 1, u: '\u00b0C' }, { v: 2 }];
    for (const [query, payload] of [
      [{}, list],
      [{ rows: 'l' }, { l: list }],
    ] as const) {
      const panel = new TestPanel(query).send({ payload: Uint8Array.from(bytesOf(JSON.stringify(payload))) });
      expect(panel.fields().v).toEqual([1, 2]);
      expect(panel.notices.join()).toContain('Latin-1');
    }
  });

  test.each<[PayloadFormat, 'utf16le' | 'utf16be', string, unknown]>([
    ['auto', 'utf16le', '21.5', 21.5],
    ['auto', 'utf16be', '{"a":"°"}', { a: '°' }],
    ['json', 'utf16le', '{"a":1}\0', { a: 1 }],
    ['number', 'utf16be', '21.5 °C', new Rows([{ value: 21.5, units: new Map([['', '°C']]) }])],
    ['text', 'utf16le', 'wetter 🌧', 'wetter 🌧'],
  ])('UTF-16 with a byte order mark is read: %s %s %j', (format, order, text, value) => {
    const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le');
    expect(decode(format, [...(order === 'utf16le' ? bytes : bytes.swap16())])).toEqual(value);
  });

  test.each([
    ['CBOR', 'a1 61 61 62 6262'],
    ['a float', '41 2c cc cd'],
    ['control characters', '31 32 b0 07 31'],
    ['UTF-16 that is cut off', 'fffe 3200 31'],
  ])('%s is binary', (_, hex) => {
    expect(createDecoder('auto')(fromHex(hex)!, 'a/topic')).toBeInstanceOf(DecodeFailure);
  });
});

describe('json', () => {
  test.each<[string, unknown]>([
    ['21.5', 21.5],
    ['"on"', 'on'],
    [' {"a":[1]} ', { a: [1] }],
  ])('%j', (text, value) => {
    expect(decode('json', text)).toEqual(value);
  });

  test.each([
    'ON',
    '{"a":1',
    '+5',
    ' ',
    '{"a":01}',
    '5 6',
    '"a" "b"',
    '[1,]',
    '{"a":.5}',
    "{'a':1}",
    '{"a" 1}',
    '"a\nb"',
  ])('%j is a failure with the reason', (text) => {
    const failure = decode('json', text);
    expect(failure).toBeInstanceOf(DecodeFailure);
    expect((failure as DecodeFailure).reason).toMatch(/^The payload is not JSON: ./);
  });
});

test.each(['21.5', '{"a":1}', ' x ', 'null'])('text leaves %j as it is', (text) => {
  expect(decode('text', text)).toBe(text);
});

describe('several streams decode one message', () => {
  test('its text is read once', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const payload = new TextEncoder().encode('{"shared":[1,{"by":"all"}]}');
    const decoded = Array.from({ length: 20 }, (_, n) => createDecoder(n < 10 ? 'json' : 'auto')(payload, 'a'));
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
    expect(new Set(decoded.map((value) => JSON.stringify(value)))).toEqual(new Set(['{"shared":[1,{"by":"all"}]}']));
  });

  test('two messages are told apart where one has taken the memory of the other', () => {
    const chunk = new TextEncoder().encode('{"v":1}');
    const decode = createDecoder('json');
    expect(decode(chunk.subarray(0), 'a')).toEqual({ v: 1 });
    chunk.set(new TextEncoder().encode('{"v":2}'));
    expect(decode(chunk.subarray(0), 'a')).toEqual({ v: 2 });
  });
});

describe.each(FORMATS)('%s', (format) => {
  test('an empty payload is gone [MQTT-3.3.1-10]', () => {
    expect(decode(format, '')).toBe(CLEARED);
  });

  test.each<[string, number[]]>([
    ['a continuation byte alone', [0x80]],
    ['a continuation byte among text', [0x32, 0x31, 0xbf]],
    ['a sequence cut short', [0xe6, 0xb8]],
    ['an overlong "/"', [0xc0, 0xaf]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a JPEG', [0xff, 0xd8, 0xff, 0xe0]],
    ['protobuf', [0x08, 0x96, 0x01]],
  ])('%s is binary, and the next payload is not hurt by it', (_, bytes) => {
    const decoder = createDecoder(format);
    const failure = decoder(Uint8Array.from(bytes), 'a/topic');
    expect(failure).toBeInstanceOf(DecodeFailure);
    const size = bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`;
    expect((failure as DecodeFailure).reason).toMatch(`The payload is binary (${size}, no UTF-8 text). `);
    expect(decoder(encoder.encode('5'), 'a/topic')).toBe(format === 'text' ? '5' : 5);
  });
});

describe('the zero that ends a text in C', () => {
  test.each<[PayloadFormat, string, unknown]>([
    ['auto', '12.5\0', 12.5],
    ['auto', 'ON\0\0', 'ON'],
    ['auto', '{"a":1}\0', { a: 1 }],
    ['auto', '{"a":nan}\0', { a: NaN }],
    ['auto', ' [1] \0', [1]],
    ['json', '{"a":1}\0', { a: 1 }],
    ['json', '5\0', 5],
    ['number', '12.5\0', 12.5],
    ['number', '007.5 V\0', new Rows([{ value: 7.5, units: new Map([['', 'V']]) }])],
    ['text', 'a b\0', 'a b'],
    ['csv', '1,2\0', { '1': 1, '2': 2 }],
    // One within is part of the text, and nothing but zeros is no text that ends.
    ['auto', 'a\0b', 'a\0b'],
    ['text', '\0', '\0'],
    ['auto', '\0\0', '\0\0'],
  ])('%s: %j', (format, payload, value) => {
    expect(decode(format, payload)).toEqual(value);
  });
});

describe('what binary may be', () => {
  test.each<[string, string, RegExp]>([
    ['ffd8ffe000104a464946', 'a/topic', /It looks like it is a JPEG picture/],
    ['89504e470d0a1a0a', 'a/topic', /a PNG picture/],
    ['28b52ffd2004210000', 'a/topic', /compressed with Zstandard/],
    ['425a683931415926535900ff', 'a/topic', /compressed with bzip2/],
    ['fd377a585a000004', 'a/topic', /compressed with xz/],
    ['789c4b4c', 'a/topic', /compressed with zlib/],
    ['4f626a010416ff', 'a/topic', /an Avro file/],
    ['4152524f5731000000ff', 'a/topic', /an Arrow file/],
    ['ffffffff780000001000000000000a00', 'a/topic', /an Arrow stream/],
    ['5041523115048a', 'a/topic', /a Parquet file/],
    ['934e554d5059010076', 'a/topic', /an array of NumPy/],
    ['82a474656d70cb4035800000000000a26964cf0020000000000001', 'a/topic', /It can be read as MessagePack: choose that/],
    ['a26474656d70fb403580000000000062696405', 'a/topic', /It can be read as CBOR: choose that format/],
    ['81a2006474656d7002f94d60', 'a/topic', /It can be read as SenML: choose that format/],
    ['81a30061610218ea2162643a', 'a/topic', /It can be read as SenML/],
    // The base sum as micropython-senml has it.
    ['81a32f1903e80061650518ea', 'a/topic', /It can be read as SenML/],
    ['81a2006161096162', 'a/topic', /It can be read as CBOR/],
    ['81a1024a00000000000000000000', 'a/topic', /It can be read as CBOR/],
    ['0896011205666f6f6261', 'a/topic', /can be read as Protobuf/],
    [
      '08a0a2c7b2f8311800',
      'site/spBv1.0/Plant/NDATA/Edge',
      /By its topic it is Sparkplug B: choose the format "sparkplug"/,
    ],
    ['80ff', 'a/topic', /may be a number: choose one of the formats int8 to float64/],
    ['80ff00', 'a/topic', /Choose the format that the sensor sends, or hex/],
  ])('%s on %s', (hex, topic, words) => {
    const { reason } = createDecoder('auto')(fromHex(hex)!, topic) as DecodeFailure;
    expect(reason).toMatch(words);
  });

  test.each(['auto', 'json', 'number'] as const)('is found out once for a topic and length: %s', (format) => {
    const decoder = createDecoder(format);
    const reasonOf = (hex: string, topic: string): string => (decoder(fromHex(hex)!, topic) as DecodeFailure).reason;
    const [msgpack, cbor, longer] = ['81a161c3', 'a16161f5', 'a161616162'];
    expect(reasonOf(msgpack, 'a')).toMatch(/4 bytes.* as MessagePack/);
    // Not looked at again, where it would be found to be something else.
    expect(reasonOf(cbor, 'a')).toMatch(/4 bytes.* as MessagePack/);
    expect(reasonOf(cbor, 'b')).toMatch(/as CBOR/);
    expect(reasonOf(longer, 'a')).toMatch(/5 bytes.* as CBOR/);
    // A length that is ever new does not help.
    for (let i = 0; i < 20; i++) {
      reasonOf('ff'.repeat(10 + i), 'a');
    }
    expect(reasonOf(msgpack, 'a')).toMatch(/may be a number/);
    expect(reasonOf('ffd8ffe0', 'a')).toMatch(/a JPEG/);
  });
});

test('Sparkplug needs no format where its topic says it', () => {
  const [birth] = SPARKPLUG;
  const decoded = createDecoder('auto')(birth.bytes, birth.topic);
  expect(decoded).toEqual(createDecoder('sparkplug')(birth.bytes, birth.topic));
  expect(decoded).toBeInstanceOf(Rows);
  // The messages of hosts about themselves below the same topic are JSON.
  expect(createDecoder('auto')(encoder.encode('{"online":true,"timestamp":1}'), 'spBv1.0/STATE/host')).toEqual({
    online: true,
    timestamp: 1,
  });
});

const nested = (open: string, close: string, depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`;

describe('hostile payloads', () => {
  test.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"a":', '}]'],
  ])('10,000 levels of %s, which could not be sent to the page, are text', (_, open, close) => {
    const text = nested(open, close, 10_000);
    expect(decode('auto', text)).toBe(text);
    expect(decode('auto', ` ${text}`)).toBe(` ${text}`);
    expect(decode('json', text)).toEqual(
      new DecodeFailure('The payload is not JSON: it has more than 250 levels of nesting.')
    );
  });

  test('what is not too deep can be sent', () => {
    const [fits, not] = [nested('[', ']', 250), nested('[', ']', 251)];
    expect(structuredClone(decode('auto', fits))).toEqual(JSON.parse(fits));
    expect(decode('auto', not)).toBe(not);
    // Brackets in text are not levels.
    expect(decode('json', JSON.stringify(['['.repeat(1_000)]))).toEqual(['['.repeat(1_000)]);
  });

  test('a megabyte of anything is looked at in no time', () => {
    for (const part of ['1', 'x', '[', ' ', '{"a":', '1e', '.', '"', '\\']) {
      const text = part.repeat(1_000_000 / part.length);
      for (const format of FORMATS) {
        expect(costOf(1_000_000, 50, () => decode(format, text))).toBeLessThan(50);
      }
    }
  });
});
