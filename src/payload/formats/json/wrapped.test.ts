import { describe, expect, test } from 'vitest';
import { DecodeFailure } from '../../decode';
import { decodeText, reasonOf } from '../../../testing/decode';
import { TestPanel } from '../../../testing/test-panel';
import { Rows } from '../../rows/rows';

/** A text as it stands in the source of a program. */
const raw = String.raw;

describe('auto: what shells and Python put around JSON', () => {
  test.each<[string, unknown]>([
    // str(b'...') in Python 3.
    [`b'{"a":1}'`, { a: 1 }],
    [`b'{"a":1}'\n`, { a: 1 }],
    [`b"{'a': True}"`, { a: true }],
    [raw`b'{"ort":"K\xc3\xbcche"}'`, { ort: 'Küche' }],
    [raw`b'{"ort":"K\xfcche"}'`, { ort: 'Küche' }],
    [raw`b'{"a":"it\'s","b":"two\\nlines"}'`, { a: "it's", b: 'two\nlines' }],
    [raw`b'{"a": 1,\n "b": 2}\r\n'`, { a: 1, b: 2 }],
    [`b'[1,2]'`, [1, 2]],
    [`b'[{"a":1},{"a":2}]'`, [{ a: 1 }, { a: 2 }]],
    [raw`b'{"a":1}\n{"a":2}\n'`, new Rows([{ value: { a: 1 } }, { value: { a: 2 } }])],
    // repr(u'...') in Python 2.
    [raw`u'{"ort":"K\xfcche \u20ac"}'`, { ort: 'Küche €' }],
    // Quotes that cmd.exe and configuration files leave.
    [`'{"a":1}'`, { a: 1 }],
    [` '{"a":1}' \r\n`, { a: 1 }],
    [`'{a:1}'`, { a: 1 }],
    [raw`'{"a":"two\nlines"}'`, { a: 'two\nlines' }],
    [`'[1,2]'`, [1, 2]],
    [`"{"a":1}"`, { a: 1 }],
    [`"[{"a":1}]"`, [{ a: 1 }]],
    // Quotes that were escaped for another shell.
    [raw`{\"a\":1}`, { a: 1 }],
    [raw`{ \"a\": \"it\\\"s \\\\ two\\nlines\" }`, { a: 'it"s \\ two\nlines' }],
    [raw`[{\"a\":1}]`, [{ a: 1 }]],
    [raw`[\"a\",1]`, ['a', 1]],
    [raw`'{\"a\":1}'`, { a: 1 }],
    // Encoded twice.
    [JSON.stringify('{"a":1}'), { a: 1 }],
    [JSON.stringify('[1,2]'), [1, 2]],
    [JSON.stringify("{'a': True}"), { a: true }],
  ])('%j is read', (text, value) => {
    expect(decodeText('auto', text)).toEqual(value);
  });

  test.each([
    '{a: on}',
    '{a=1, b=2}',
    "'{a: on}'",
    "'{start}'",
    "b'ON'",
    "b'21.5'",
    "'on'",
    `'{"a":1}' received`,
    `'{"a":1}' and '{"a":2}'`,
    `'[5] started'`,
    `"{"a":1}" received`,
    `'{}'`,
    `b'[]'`,
    raw`\{"a":1}`,
    raw`[\d+] is a pattern`,
    raw`{\section}`,
  ])('%j is text', (text) => {
    expect(decodeText('auto', text)).toBe(text);
  });

  test.each([
    [JSON.stringify('{"a":'), '{"a":'],
    [JSON.stringify('[5] started'), '[5] started'],
    ['"{}"', '{}'],
    ['"[]"', '[]'],
  ])('%j is the text in it', (text, value) => {
    expect(decodeText('auto', text)).toBe(value);
  });

  test.each([
    [`b'{"a":1`, 'expected "," or "}" at character 9, but it ends'],
    [`b'{"a":1,"b`, 'expected a text that ends with quotes at character 10, but found "\\"b"'],
    [`'{"a": 007}'`, 'expected a value at character 8, but found "007}"'],
    [`'[1,,2]'`, 'expected a value at character 5, but found ",2]"'],
    [raw`{\"a\": 007}`, 'without its backslashes, expected a value at character 7, but found "007}"'],
    [raw`{\"a\":1`, 'without its backslashes, expected "," or "}" at character 7, but it ends'],
  ])('%j is a failure with the place', (text, reason) => {
    expect(decodeText('auto', text)).toEqual(new DecodeFailure(`The payload is not JSON: ${reason}.`));
  });

  test('of a megabyte takes no time', () => {
    for (const begin of ["'{", "b'[", '{\\"', '"{"a', 'b\'{"a']) {
      const text = begin + '\\"'.repeat(500_000);
      const start = performance.now();
      decodeText('auto', text);
      expect(performance.now() - start).toBeLessThan(2_000);
    }
  });
});

test('json says that it is no JSON', () => {
  for (const text of [`b'{"a":1}'`, `'{"a":1}'`, raw`{\"a\":1}`]) {
    expect(reasonOf(decodeText('json', text))).toMatch(/^The payload is not JSON: .* at character [12], but/);
  }
});

describe('a path into such a text', () => {
  test.each([`b'{"t":21.5}'`, `'{"t":21.5}'`, raw`{\"t\":21.5}`, `"{"t":21.5}"`])('%j is read', (m) => {
    const panel = new TestPanel({ fields: [{ path: 'v' }, { path: 'm.t' }] });
    panel.send({ payload: { v: 1, m } }).send({ payload: { v: 1, m } });
    expect(panel.fields()['m.t']).toEqual([21.5, 21.5]);
    expect(panel.notices).toEqual([]);
  });

  test('says where it stops being JSON', () => {
    const panel = new TestPanel({ fields: [{ path: 'v' }, { path: 'm.t' }] });
    panel.send({ payload: { v: 1, m: `b'{"t":` } });
    expect(panel.notices.join()).toContain('The text at "m" is not JSON: expected a value at character 8, but it ends');
  });
});
