import { describe, expect, test } from 'vitest';
import { type DecodeFailure, CLEARED } from '../decode';
import type { FormatOptions } from '.';
import { Rows } from '../rows/rows';
import { fromBase64, fromHex } from './bytes';
import { decodeHex, decodeText } from '../../testing/decode';

describe('bytes in text', () => {
  test.each<[string, FormatOptions['unwrap'], unknown]>([
    ['CSkC', { encoding: 'base64' }, 2345],
    ['CSk\n', { encoding: 'base64' }, 2345],
    ['CSk=', { encoding: 'base64' }, 2345],
    ['__8', { encoding: 'base64' }, -1],
    ['//8=', { encoding: 'base64' }, -1],
    ['0929', { encoding: 'hex' }, 2345],
    ['0x0929', { encoding: 'hex' }, 2345],
    ['09 29', { encoding: 'hex' }, 2345],
    ['FF:38', { encoding: 'hex' }, -200],
    ['{"data":"CSk="}', { encoding: 'base64', path: 'data' }, 2345],
    ['{"up":{"frm_payload":"CSk="}}', { encoding: 'base64', path: 'up.frm_payload' }, 2345],
    ['{"a.b":["","0929"]}', { encoding: 'hex', path: '["a.b"][1]' }, 2345],
    ['"CSk="', { encoding: 'base64', path: '' }, 'The text is not base64'],
    ['', { encoding: 'base64' }, CLEARED],
    ['CSkC!', { encoding: 'base64' }, 'The text is not base64: "CSkC!"'],
    ['CSkCA', { encoding: 'base64' }, 'is not base64'],
    ['092', { encoding: 'hex' }, 'The text is not hex'],
    ['xx', { encoding: 'hex' }, 'is not hex'],
    ['{"data":5}', { encoding: 'base64', path: 'data' }, 'There is no text at the path "data" of this payload.'],
    ['{"x":1}', { encoding: 'base64', path: 'data' }, 'There is no text at the path "data"'],
    ['{"x":1', { encoding: 'base64', path: 'data' }, 'The payload is not JSON'],
    ['{"x":1}', { encoding: 'base64', path: 'toString' }, 'There is no text at the path'],
    ['{"x":1}', { encoding: 'base64', path: 'a..b' }, 'a..b'],
    ['CSk=', { encoding: 'base32' as 'hex' }, 'There is no encoding "base32"'],
    ['CQ==', { encoding: 'base64' }, 'too short'],
  ])('%j with %j', (text, unwrap, value) => {
    const decoded = decodeText('int16', text, { unwrap });
    if (typeof value === 'string') {
      expect((decoded as DecodeFailure).reason).toContain(value);
    } else if (decoded instanceof Rows) {
      expect(decoded.rows).toEqual([{ value, whole: JSON.parse(text) }]);
    } else {
      expect(decoded).toBe(value);
    }
  });

  test('of any format', () => {
    expect(decodeText('json', btoa('{"a":1}'), { unwrap: { encoding: 'base64' } })).toEqual({ a: 1 });
    expect(decodeText('auto', '32312e35', { unwrap: { encoding: 'hex' } })).toBe(21.5);
    expect(decodeText('text', '', { unwrap: { encoding: 'hex' } })).toBe(CLEARED);
  });

  test('in JSON, keeps that for what the bytes do not have', () => {
    const options: FormatOptions = { unwrap: { encoding: 'base64', path: 'data' } };
    const whole = { name: 'Cellar', data: btoa('m,host=a f=1i 1715945460\nx') };
    expect(decodeText('influx', JSON.stringify(whole), options)).toEqual(
      new Rows(
        [{ value: { f: 1 }, labels: { measurement: 'm', host: 'a' }, time: 1_715_945_460_000, whole }],
        [expect.stringMatching(/^A line is no InfluxDB/)]
      )
    );
    // Of no bytes, too, it says whose they are.
    const empty = { name: 'Cellar', data: '' };
    expect(decodeText('int16', JSON.stringify(empty), options)).toEqual(new Rows([{ value: CLEARED, whole: empty }]));
  });

  test('in JSON that is in a text of JSON', () => {
    const payload = JSON.stringify({ message: JSON.stringify({ data: 'CSkC' }) });
    const decoded = decodeText('int16', payload, { unwrap: { encoding: 'base64', path: 'message.data' } }) as Rows;
    expect(decoded.rows[0].value).toBe(2345);
  });

  test('binary is no text', () => {
    expect((decodeHex('int16', 'ff38', { unwrap: { encoding: 'base64' } }) as DecodeFailure).reason).toMatch(
      /is binary/
    );
  });
});

test('hex and base64 read what is written', () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
    const buffer = Buffer.from(bytes);
    expect(fromHex(buffer.toString('hex'))).toEqual(bytes);
    expect(fromBase64(buffer.toString('base64'))).toEqual(bytes);
    expect(fromBase64(buffer.toString('base64url'))).toEqual(bytes);
  }
});
