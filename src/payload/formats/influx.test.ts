import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDecoder, type DecodeFailure } from '../decode';
import { type Row, Rows } from '../rows/rows';
import { costOf } from '../../testing/baseline';
import { decodeText } from '../../testing/decode';
import { InfluxReader } from './influx';
import '../../testing/parts';

const labels = { measurement: 'm' };

describe('line protocol', () => {
  test.each<[string, object]>([
    ['m f=1', { value: { f: 1 }, labels }],
    ['m f=1i,g=2u,h=-1.5e3,i=.5', { value: { f: 1, g: 2, h: -1500, i: 0.5 }, labels }],
    [
      'm f=9223372036854775807i,g=18446744073709551615u',
      { value: { f: '9223372036854775807', g: '18446744073709551615' }, labels },
    ],
    [
      'm a=t,b=T,c=true,d=True,e=TRUE,f=f,g=F,h=false,i=False,j=FALSE',
      {
        value: { a: true, b: true, c: true, d: true, e: true, f: false, g: false, h: false, i: false, j: false },
        labels,
      },
    ],
    ['m f="a text, with = and \\"quotes\\" and \\\\"', { value: { f: 'a text, with = and "quotes" and \\' }, labels }],
    ['m f="two\nlines",g=1', { value: { f: 'two\nlines', g: 1 }, labels }],
    ['m f="\\n"', { value: { f: '\\n' }, labels }],
    ['m f=nan', { value: { f: NaN }, labels }],
    [
      'cpu,host=web,cpu=cpu0 idle=97.5',
      { value: { idle: 97.5 }, labels: { measurement: 'cpu', host: 'web', cpu: 'cpu0' } },
    ],
    [
      'my\\ m\\,x,a\\ b=c\\=d\\,e f\\ g\\=h=1',
      { value: { 'f g=h': 1 }, labels: { measurement: 'my m,x', 'a b': 'c=d,e' } },
    ],
    // As influxdb's own parsers for Go and Python read, and five writers write.
    ...[
      ['p=C:\\dir', { p: 'C:\\dir' }],
      ['p=a\\\\b', { p: 'a\\\\b' }],
      ['p=\\\\srv\\share', { p: '\\\\srv\\share' }],
      ['p=a\\\\,b', { p: 'a\\,b' }],
      ['p=a\\\\\\ b', { p: 'a\\\\ b' }],
      ['p=\\\\srv\\the\\ share,q=1', { p: '\\\\srv\\the share', q: '1' }],
      ['a\\\\\\=b=c', { 'a\\\\=b': 'c' }],
    ].map(([tags, labels]): [string, Row] => [
      `m,${tags as string} f=1`,
      { value: { f: 1 }, labels: { measurement: 'm', ...(labels as Row['labels']) } },
    ]),
    ['m\\\\x f="a\\\\",g="\\\\\\""', { value: { f: 'a\\', g: '\\"' }, labels: { measurement: 'm\\\\x' } }],
    // Without tags, as influxdb-client-go writes it.
    ['m, f=1', { value: { f: 1 }, labels }],
    ['m,t="x" f=1', { value: { f: 1 }, labels: { measurement: 'm', t: '"x"' } }],
    ['m,measurement=x f=1', { value: { f: 1 }, labels: { _measurement: 'm', measurement: 'x' } }],
    ...[
      'm,measurement=x,_measurement=y f=1',
      'm,_measurement=y,measurement=x f=1',
      'm,measurement=z,_measurement=y,measurement=x f=1',
    ].map((line): [string, Row] => [
      line,
      { value: { f: 1 }, labels: { __measurement: 'm', _measurement: 'y', measurement: 'x' } },
    ]),
    [
      'm,__measurement=z,_measurement=y,measurement=x f=1',
      { value: { f: 1 }, labels: { ___measurement: 'm', __measurement: 'z', _measurement: 'y', measurement: 'x' } },
    ],
    ['m,_measurement=y f=1', { value: { f: 1 }, labels: { measurement: 'm', _measurement: 'y' } }],
    [
      'wetter,ort=Köln temp=1,🌧="ja"',
      { value: { temp: 1, '🌧': 'ja' }, labels: { measurement: 'wetter', ort: 'Köln' } },
    ],
    ['m f=1 1465839830', { value: { f: 1 }, labels, time: 1465839830000 }],
    ['m f=1 1465839830100', { value: { f: 1 }, labels, time: 1465839830100 }],
    ['m f=1 1465839830100250', { value: { f: 1 }, labels, time: 1465839830100.25 }],
    ['m f=1 1465839830100250000', { value: { f: 1 }, labels, time: 1465839830100.25 }],
    ['m f=1 -1465839830100250000', { value: { f: 1 }, labels, time: -1465839830100.25 }],
    // The limits between the units: the year 5138 in seconds, 1973 in milliseconds, and so on.
    ['m f=1 99999999999', { value: { f: 1 }, labels, time: 99_999_999_999_000 }],
    ['m f=1 100000000000', { value: { f: 1 }, labels, time: 1e11 }],
    ['m f=1 99999999999999', { value: { f: 1 }, labels, time: 99_999_999_999_999 }],
    ['m f=1 100000000000000', { value: { f: 1 }, labels, time: 1e11 }],
    ['m f=1 99999999999999984', { value: { f: 1 }, labels, time: 99_999_999_999_999 + 0.984 }],
    ['m f=1 100000000000000000', { value: { f: 1 }, labels, time: 1e11 }],
    ['m f=1 0', { value: { f: 1 }, labels, time: 0 }],
    ['  m f=1   1465839830  \r', { value: { f: 1 }, labels, time: 1465839830000 }],
    ['m f="x"\r', { value: { f: 'x' }, labels }],
    ['m f=1,f=2', { value: { f: 2 }, labels }],
  ])('%j', (line, row) => {
    expect(decodeText('influx', line)).toEqual(new Rows([row as never]));
  });

  test('each line is a row; blank lines and comments are none', () => {
    expect(
      decodeText('influx', '# comment with "quotes\nm,t="a f=1 1465839830\r\n\n  \nm,t="b f=2 1465839831\n')
    ).toEqual(
      new Rows([
        { value: { f: 1 }, labels: { measurement: 'm', t: '"a' }, time: 1465839830000 },
        { value: { f: 2 }, labels: { measurement: 'm', t: '"b' }, time: 1465839831000 },
      ])
    );
  });

  test('an invalid line is reported, and the other lines are read', () => {
    expect(decodeText('influx', 'm f=1\nnot a line\nm f=x\nm f="open\nm f=4')).toEqual(
      new Rows(
        [
          { value: { f: 1 }, labels },
          { value: { f: 4 }, labels },
        ],
        [
          'A line is no InfluxDB line protocol: the field "a" has no value.',
          'A line is no InfluxDB line protocol: the value of the field "f" is neither a number, a boolean nor text in quotes.',
          'A line is no InfluxDB line protocol: the value of the field "f" is neither a number, a boolean nor text in quotes.',
        ]
      )
    );
  });

  test.each<[string, RegExp]>([
    ['m', /^The payload is not InfluxDB line protocol: a field has no name/],
    ['m ', /a field has no name/],
    ['m f', /the field "f" has no value/],
    ['m f=', /value of the field "f"/],
    ['m f=1x', /value of the field "f"/],
    ['m f=1 2 3', /its time "2 3" is not a whole number/],
    ['m f=1 1.5', /its time "1.5" is not a whole number/],
    ['m f="x"y', /its time "y" is not/],
    [',t=1 f=1', /there is no measurement/],
    ['m,t f=1', /the tag "t" has no value/],
    ['{"a":1}', /a field has no name/],
    ['# nothing', /it is blank, or has comments only/],
    ['\n\n', /it is blank/],
  ])('%j is none', (line, reason) => {
    expect((decodeText('influx', line) as DecodeFailure).reason).toMatch(reason);
  });

  test('names that objects have', () => {
    const decoded = decodeText('influx', 'm,__proto__=a,constructor=b __proto__=1,toString=2') as Rows;
    expect(Object.entries(decoded.rows[0].value as object)).toEqual([
      ['__proto__', 1],
      ['toString', 2],
    ]);
    expect(Object.entries(decoded.rows[0].labels!)).toEqual([
      ['measurement', 'm'],
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    expect(Object.getPrototypeOf(decoded.rows[0].value)).toBe(Object.prototype);
  });

  test('rows and problems are bounded', () => {
    const many = decodeText('influx', 'm f=1\n'.repeat(10_001)) as Rows;
    expect(many.rows).toHaveLength(10_000);
    expect(many.problems).toEqual([
      expect.stringMatching(/^Left out: the lines beyond the first 10,000\. Have the sender send fewer/),
    ]);
    expect((decodeText('influx', `m f=1\n${'x\n'.repeat(1_000)}`) as Rows).problems).toHaveLength(5);
  });

  test.each(['m f="', '"', '\\', 'm f="x', 'm,', '= "', 'm f=1\n', '\n', ' "=\n'])(
    'a megabyte of %j takes no time',
    (part) => {
      const text = part.repeat(1_000_000 / part.length);
      expect(costOf(text.length, 200, () => decodeText('influx', text))).toBeLessThan(200);
    }
  );
});

describe('a line like the last one of its topic', () => {
  const field = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map((value) => `${value}i`),
    fc.constantFrom(
      '1',
      '-0',
      '-0i',
      '5.',
      '.5',
      '-',
      '1.2.3',
      '007',
      't',
      'F',
      'true',
      'i',
      '12u',
      '"a b"',
      '"a\\"b"',
      'nan',
      ''
    )
  );
  const stamp = fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** 20n }).map((time) => ` ${time}`),
    fc.constantFrom(
      '',
      ' ',
      '  5',
      ' 5 ',
      ' 007',
      ' -5',
      ' 1700000000',
      ' 1700000000123456',
      ' 1700000000123456789\n',
      '\r\n',
      '\nm b=2'
    )
  );

  test('is read from its bytes as its text would be', () => {
    let similar = 0;
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(
        fc.constantFrom('m', 'm,host=web', 'm,host=a\\ b', 'm,measurement=x', 'other'),
        fc.array(field, { minLength: 1, maxLength: 4 }),
        stamp,
        (begin, values, end) => {
          const write = (texts: readonly string[]): string =>
            `${begin} ${texts.map((text, i) => `f${i}=${text}`).join(',')}`;
          const reader = new InfluxReader();
          reader.readSimilar(new Uint8Array(1), 'topic');
          reader.read(write(values.map(() => '1')));
          const line = `${write(values)}${end}`;
          const found = reader.readSimilar(encoder.encode(line), 'topic');
          if (found !== undefined) {
            similar++;
            expect(found).toEqual(new InfluxReader().read(line));
          }
        }
      ),
      { numRuns: 5_000, seed: 5 }
    );
    expect(similar).toBeGreaterThan(200);
  });

  test('is found again after others, and each topic has its own', () => {
    const decode = createDecoder('influx');
    const read = (topic: string, text: string): Rows => decode(new TextEncoder().encode(text), topic) as Rows;
    for (let i = 0; i < 50; i++) {
      for (const topic of ['a', 'b']) {
        expect(read(topic, `m,host=${topic} f=${i}i 1700000000${i % 10}`).rows).toEqual([
          { value: { f: i }, labels: { measurement: 'm', host: topic }, time: (17_000_000_000 + (i % 10)) * 1_000 },
        ]);
      }
      expect(read('a', `n g=${i}`).rows).toEqual([{ value: { g: i }, labels: { measurement: 'n' } }]);
    }
  });
});
