import { describe, expect, test } from 'vitest';
import { createDecoder, DecodeFailure, type Format, GONE } from './decode';

const encoder = new TextEncoder();

const decode = (format: Format, payload: string | number[]): unknown =>
  createDecoder(format)(typeof payload === 'string' ? encoder.encode(payload) : Uint8Array.from(payload));

const FORMATS: Format[] = ['auto', 'json', 'number', 'text'];

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
    '21.5 °C',
    '21.5abc',
    '5 6',
    '1,5',
    '1.2.3',
    '007',
    '00',
    '-01',
    '01.5',
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
    'NaN',
    'nan',
    'Infinity',
    '-Infinity',
    '1n',
    '２１',
    '٣',
    '2024-01-01',
    '12:30',
    '192.168.0.1',
    'abc',
    '/5',
    ',5',
    ' ',
    '21.5\0',
    '1e400',
    '-1e400',
    `1${'0'.repeat(400)}.0`,
  ])('%j is text, and no number', (text) => {
    expect(decode('auto', text)).toBe(text);
    expect(decode('number', text)).toBeInstanceOf(DecodeFailure);
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
    ['{"a":1', '{"a":1'],
    ['{"a":1}x', '{"a":1}x'],
    ['{"a":NaN}', '{"a":NaN}'],
    [' {a:1} ', ' {a:1} '],
    ['[INFO] started', '[INFO] started'],
    ['"half', '"half'],
    ['"a" "b"', '"a" "b"'],
    ['{"a":"b\\ud800"}', { a: 'b\ud800' }],
    ['$GPGGA,172814.0,3723', '$GPGGA,172814.0,3723'],
    ['wetter 🌧', 'wetter 🌧'],
  ])('%j', (text, value) => {
    expect(decode('auto', text)).toEqual(value);
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

  test.each(['ON', '{"a":1', '+5', ' ', '{"a":NaN}'])('%j is a failure with the reason', (text) => {
    const failure = decode('json', text);
    expect(failure).toBeInstanceOf(DecodeFailure);
    expect((failure as DecodeFailure).reason).toMatch(/^The payload is not JSON: ./);
  });
});

test.each(['21.5', '{"a":1}', ' x ', 'null'])('text leaves %j as it is', (text) => {
  expect(decode('text', text)).toBe(text);
});

describe.each(FORMATS)('%s', (format) => {
  test('an empty payload is gone [MQTT-3.3.1-10]', () => {
    expect(decode(format, '')).toBe(GONE);
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
    expect(decoder(Uint8Array.from(bytes))).toEqual(
      new DecodeFailure(`The payload is binary (${bytes.length} bytes that are not UTF-8 text).`)
    );
    expect(decoder(encoder.encode('5'))).toBe(format === 'text' ? '5' : 5);
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
    expect(decode('json', text)).toEqual(new DecodeFailure('The payload is JSON of more than 250 levels of nesting.'));
  });

  test('what is not too deep can be sent', () => {
    const [fits, not] = [nested('[', ']', 250), nested('[', ']', 251)];
    expect(structuredClone(decode('auto', fits))).toEqual(JSON.parse(fits));
    expect(decode('auto', not)).toBe(not);
    // Brackets in text are not levels.
    expect(decode('json', JSON.stringify(['['.repeat(1_000)]))).toEqual(['['.repeat(1_000)]);
  });

  test('a megabyte of anything is looked at in no time', () => {
    const start = performance.now();
    for (const part of ['1', 'x', '[', ' ', '{"a":', '1e', '.', '"', '\\']) {
      const text = part.repeat(1_000_000 / part.length);
      for (const format of FORMATS) {
        expect(() => decode(format, text)).not.toThrow();
      }
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('random bytes never throw', () => {
    let state = 7;
    const decoders = FORMATS.map(createDecoder);
    const alphabet = encoder.encode('{}[]",:0123456789.eE+-truefalsn \\u00\x80\xff');
    for (let i = 0; i < 5_000; i++) {
      const bytes = Uint8Array.from({ length: 1 + (i % 12) }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return alphabet[(state >>> 16) % alphabet.length];
      });
      for (const decoder of decoders) {
        expect(() => decoder(bytes)).not.toThrow();
      }
    }
  });
});
