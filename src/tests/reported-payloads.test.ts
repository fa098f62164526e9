import { describe, expect, test } from 'vitest';
import { fromHex } from '../payload/formats/bytes';
import '../testing/parts';
import { ARRIVAL, TestPanel } from '../testing/test-panel';
import type { MqttQuery } from '../types';

// Payloads of devices and libraries of others, as they were reported, read by a whole query. The variants of each kind
// are with what reads them.

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** Little endian, with its byte order mark. */
const utf16 = (text: string): Uint8Array => Uint8Array.from([0xff, 0xfe, ...Buffer.from(text, 'utf16le')]);
const bytes = (hex: string): Uint8Array => fromHex(hex)!;

type Sent = string | Uint8Array | object;
type Case = [what: string, query: Partial<MqttQuery>, payload: Sent, fields: Record<string, unknown[]>];

/** The fields of the first frame without the time, and the labels of all frames. */
function read(query: Partial<MqttQuery>, payload: Sent, topic = 't'): TestPanel {
  return new TestPanel(query).send({ topic, payload, at: ARRIVAL });
}

function fieldsOf(panel: TestPanel): Record<string, unknown[]> {
  const { Time: _, ...others } = panel.fields();
  return others;
}

describe('nothing is lost or falsified', () => {
  test.each<Case>([
    [
      'rows of one message that are the same',
      { rows: 'v', time: { from: 'path', path: 't' } },
      { t: ARRIVAL, v: [5, 5, 5, 6] },
      { Value: [5, 5, 5, 6] },
    ],
    ['a doubled backslash in a tag', { format: 'influx' }, String.raw`m,p=\\srv\share v=1`, { v: [1] }],
    ['a doubled backslash before a comma', { format: 'influx' }, String.raw`m,p=a\\,b v=1`, { v: [1] }],
    [
      'a shared value of CBOR',
      { format: 'cbor' },
      bytes('d81ca26161d81c8201026162d81d01'),
      { 'a[0]': [1], 'a[1]': [2], 'b[0]': [1], 'b[1]': [2] },
    ],
    ['a record of msgpackr', { format: 'msgpack' }, bytes('d4724092a474656d70a368756d0708'), { temp: [7], hum: [8] }],
    [
      'a record of cbor-x',
      { format: 'cbor' },
      bytes('d9dfff8419e000826474656d706368756d0708'),
      { temp: [7], hum: [8] },
    ],
    ['undefined of msgpackr', { format: 'msgpack' }, bytes('d40000'), { Value: [null] }],
    [
      'CSV as pandas writes it',
      { format: 'csv' },
      ',time,temp\n0,2024-05-17 11:31:00,21.5\n',
      { '1': [0], temp: [21.5], time: ['2024-05-17 11:31:00'] },
    ],
    ['a header of CSV alone', { format: 'csv' }, 'time,temp\n', {}],
    [
      'a column called nan, and True',
      { format: 'csv' },
      'temp,nan,ok\n1,2,True\n',
      { temp: [1], nan: [2], ok: [true] },
    ],
    [
      'the base sum of SenML in CBOR',
      { format: 'senml' },
      // [{-16: 1000, 0: "e", 5: 234}], as micropython-senml writes it.
      bytes('81a32f1903e80061650518ea'),
      { 'e sum': [1234] },
    ],
    [
      'SenML in auto',
      {},
      [
        { n: 'temp', v: 21 },
        { n: 'hum', v: 48 },
      ],
      { temp: [21], hum: [48] },
    ],
  ])('%s', (_, query, payload, fields) => {
    const panel = read(query, payload);
    expect(panel.frames.length === 0 ? {} : fieldsOf(panel)).toEqual(fields);
    expect(panel.notices).toEqual([]);
  });

  test('the tags of line protocol', () => {
    const tag = (payload: string): unknown => read({ format: 'influx' }, payload).labels[0]['p'];
    expect(tag(String.raw`m,p=\\srv\share v=1`)).toBe(String.raw`\\srv\share`);
    expect(tag(String.raw`m,p=a\\,b v=1`)).toBe(String.raw`a\,b`);
  });

  test('an epoch number draws no line', () => {
    const panel = read({}, { val: 12, lc: 1_715_940_000_000 });
    expect(panel.typedFields()).toMatchObject({ 'val: number': [12], 'lc: time': [1_715_940_000_000] });
  });
});

describe('what is not read as it is has a reason', () => {
  test.each<Case>([
    ['a comma at the end', {}, '{"a":1,}', { a: [1] }],
    ['typographic quotes', {}, '{“a”: 1}', { a: [1] }],
    ['Python', {}, "{'a': True}", { a: [true] }],
    ['keys without quotes', {}, '{a: 1}', { a: [1] }],
    ['a control character in a text', {}, '{"a":"x\ty"}', { a: ['x\ty'] }],
    ['a path into almost JSON', { fields: [{ path: 'a' }] }, '{"a":1,}', { a: [1] }],
    ['JSON in a text', { fields: [{ path: 'm.t' }] }, { m: '{"t":1}' }, { 'm.t': [1] }],
    [
      'bytes in JSON in a text',
      { format: 'uint8', formatOptions: { unwrap: { encoding: 'hex', path: 'm.d' } } },
      { m: '{"d":"07"}' },
      { Value: [7] },
    ],
    ['UTF-16', {}, utf16('{"t":21.5}'), { t: [21.5] }],
    ['the unit in Latin-1', { format: 'number' }, latin1('21.5 °C'), { 'Value [celsius]': [21.5] }],
    ['ONLINE of a Sparkplug host', {}, 'ONLINE', { Value: ['ONLINE'] }],
  ])('%s', (_, query, payload, fields) => {
    const panel = read(query, payload, _.includes('Sparkplug') ? 'spBv1.0/G/STATE/x' : 't');
    expect(fieldsOf(panel)).toEqual(fields);
    expect(panel.notices).toEqual([]);
  });

  test.each<[string, string, unknown]>([
    ['a comma at the end', '{"t":1,}', 1],
    ['Python', "{'t': True}", true],
    ['typographic quotes', '{“t”: 1}', 1],
    ['keys without quotes', ' {t: 1, u: [2,]}', 1],
    ['a control character', '{"u":"a\tb","t":1}', 1],
    ['nan', '{"t":nan}', NaN],
    ['long integers', '{"t":12345678901234567890,}', '12345678901234567890'],
    ['a text in a text', `{'t': 1, 'u': '{x: 2}'}`, 1],
  ])('almost JSON in a text is read: %s', (_, m, t) => {
    const field = read({ fields: [{ path: 'm.t' }] }, { m });
    expect(fieldsOf(field)).toEqual({ 'm.t': [t] });
    expect(field.notices).toEqual([]);
    const whole = read({ fields: [{ path: 't' }] }, JSON.stringify(m));
    expect(fieldsOf(whole)).toEqual({ t: [t] });
    const row = read({ rows: 'm', fields: [{ path: 't' }] }, { m: `[${m}]` });
    expect(fieldsOf(row)).toEqual({ t: [t] });
    const label = read({ labels: [{ path: 'm.t' }] }, { m, v: 1 });
    expect(label.labels).toEqual([{ t: String(t) }]);
  });

  test('almost JSON in a text has the time, and bytes', () => {
    const time = read({ time: { from: 'path', path: 'm.at' } }, { m: `{at: ${ARRIVAL - 1_000}}`, v: 1 });
    expect(time.fields()['Time']).toEqual([ARRIVAL - 1_000]);
    const unwrap = { encoding: 'hex', path: 'm.d' } as const;
    for (const payload of [{ m: "{'d': '07',}" }, `{m: "{'d': '07'}"}`]) {
      const panel = read({ format: 'uint8', formatOptions: { unwrap } }, payload);
      expect(fieldsOf(panel)).toEqual({ Value: [7] });
      expect(panel.notices).toEqual([]);
    }
  });

  test.each<[string, Partial<MqttQuery>, string | object, RegExp]>([
    [
      'cut off',
      { fields: [{ path: 'v' }, { path: 'm.t' }] },
      { v: 1, m: '{"t": 1, "u": ' },
      /The text at "m" is not JSON: expected a value at character 15, but it ends/,
    ],
    [
      'leading zeros',
      { fields: [{ path: 'v' }, { path: 'a.m.t' }] },
      { v: 1, a: { m: '{"t": 007}' } },
      /The text at "a.m" is not JSON: expected a value at character 7, but found "007}"/,
    ],
    [
      'a list',
      { fields: [{ path: 'v' }, { path: 'list[0].m.t' }] },
      { v: 1, list: [{ m: "{'t' 1}" }] },
      /The text at "list\[0\].m" is not JSON: expected ":" at character 6/,
    ],
    [
      'a label',
      { labels: [{ path: 'm.t' }] },
      { v: 1, m: '{"t": 1' },
      /The text at "m" is not JSON: .* at character 8/,
    ],
    [
      'something behind it',
      { fields: [{ path: 'v' }, { path: 'm.t' }] },
      { v: 1, m: '{"t": 1} and so on' },
      /The text at "m" has 9 characters after its JSON: "and so on"/,
    ],
    [
      'bytes',
      { format: 'uint8', formatOptions: { unwrap: { encoding: 'hex', path: 'm.d' } } },
      { m: '{"d": "07"' },
      /The text at "m" is not JSON: expected .* at character 11, but it ends/,
    ],
  ])('almost JSON in a text that is not read has the reason and the place: %s', (_, query, payload, reason) => {
    const panel = read(query, payload);
    expect(panel.notices.join()).toMatch(reason);
    // What is not in the text is there.
    expect(panel.fields()['v'] ?? [1]).toEqual([1]);
    expect(panel.send({ payload: { v: 2, m: '{"t":1,"d":"07"}' } }).notices.join()).toMatch(reason);
  });

  test('other text in brackets is not said to be JSON', () => {
    const panel = read({ fields: [{ path: 'v' }, { path: 'm.t' }] }, { v: 1, m: '[12:00] started' });
    expect(panel.notices.join()).not.toContain('JSON');
  });

  test.each<[MqttQuery['format'] & string, string, Record<string, unknown[]>]>([
    ['auto', '21.5 °C', { Value: ['21.5 °C'] }],
    ['text', '21.5 °C', { Value: ['21.5 °C'] }],
    ['json', '{"t":"21.5 °C"}', { t: ['21.5 °C'] }],
    ['auto', '{"t":21.5,"u":"°C"}', { t: [21.5], u: ['°C'] }],
    ['csv', '21.5;°C', { '1': [21.5], '2': ['°C'] }],
    ['regex', '21.5 °C', { t: [21.5], u: ['°C'] }],
    ['influx', 'm v="21.5 °C"', { v: ['21.5 °C'] }],
    ['senml', '[{"n":"t","vs":"21.5 °C"}]', { t: ['21.5 °C'] }],
  ])('one byte of Latin-1 does not lose the message, and is said: %s', (format, text, fields) => {
    const options = format === 'regex' ? { formatOptions: { pattern: '(?<t>[\\d.]+) (?<u>.*)' } } : {};
    const panel = read({ format, ...options }, latin1(text));
    const shown = Object.fromEntries(
      Object.entries(fieldsOf(panel)).map(([name, v]) => [name.replace(/ \[.*/, ''), v])
    );
    expect(shown).toEqual(fields);
    expect(panel.notices.join()).toContain('Latin-1');
  });

  test.each([
    ['{temp: 21.5, hum: ', 19],
    ['{a: 1, b}', 9],
    ['{a: "x" b: 2}', 9],
    ['{ a: {b: 007}}', 10],
    ['[{a: 1}, {a: ]', 14],
  ])('almost JSON with keys without quotes has the place where it ends to be JSON: %s', (payload, place) => {
    expect(read({}, payload).notices.join()).toContain(`at character ${place}`);
  });

  test.each(['{status: ok}', '{user} logged in', '{a, b}', '{time: now} started', '{a: b: 1}'])(
    'other text in braces is text: %s',
    (payload) => {
      const panel = read({}, payload);
      expect(fieldsOf(panel)).toEqual({ Value: [payload] });
      expect(panel.notices).toEqual([]);
    }
  );

  test('the will of mqtt-spb-wrapper 2.1.2, whose bdSeq does not match, is told', () => {
    const panel = new TestPanel({ topic: 'spBv1.0/#' });
    const node = (kind: string, hex: string) => ({ topic: `spBv1.0/Plant/${kind}/Edge`, payload: bytes(hex) });
    panel.send(
      node('NBIRTH', '0880d0d2a4f83112120a056264536571188080d3a4f831200458011800'),
      node('NDEATH', '12120a056264536571188080d3a4f83120045800')
    );
    expect(panel.notices.join()).toMatch(/its bdSeq is 0, and that of the birth is 1/);
  });

  test('JSON that is cut off has the place', () => {
    expect(read({}, '{"a": 1, "b": ').notices.join()).toMatch(/not JSON: .* at character 15/);
  });
});

describe('what a query can say', () => {
  test.each<Case>([
    ['zeros before a number', { format: 'number' }, '00.155', { Value: [0.155] }],
    ['zeros and a unit', { format: 'number' }, '+0001.23 kg', { 'Value [masskg]': [1.23] }],
    ['a star before the unit', { format: 'number' }, '000123.4*kWh', { 'Value [kwatth]': [123.4] }],
    [
      'a quantity as a number',
      { fields: [{ path: 't', type: 'number' }] },
      { t: '21.5 °C' },
      { 't [celsius]': [21.5] },
    ],
    ['zeros as a number', { fields: [{ path: 't', type: 'number' }] }, { t: '00.155' }, { t: [0.155] }],
    [
      'an object by times',
      { rowsAs: 'times' },
      { '2024-05-17T11:59:00Z': [12.8, 21.5] },
      { '[0]': [12.8], '[1]': [21.5] },
    ],
    ['parallel lists', { rowsAs: 'columns' }, { time: [ARRIVAL], temperature: [21.5] }, { temperature: [21.5] }],
    [
      'a list of pairs',
      { rowsAs: 'items', time: { from: 'path', path: '[0]' } },
      [[ARRIVAL, 5]],
      { '[0]': [ARRIVAL], '[1]': [5] },
    ],
    [
      'registers CDAB',
      { format: 'float32', formatOptions: { byteOrder: 'cdab' } },
      bytes('000041ac'),
      { Value: [21.5] },
    ],
    [
      'registers BADC',
      { format: 'float32', formatOptions: { byteOrder: 'badc' } },
      bytes('ac410000'),
      { Value: [21.5] },
    ],
    ['several values of MessagePack', { format: 'msgpack' }, bytes('81a1610181a16102'), { a: [1, 2] }],
    ['several values of CBOR', { format: 'cbor' }, bytes('a1616101a1616102'), { a: [1, 2] }],
    ['units of Tasmota', {}, { ENERGY: { Power: 5 } }, { 'ENERGY.Power [watt]': [5] }],
    ['units of Shelly', {}, { temperature: { tC: 21.5 } }, { 'temperature.tC [celsius]': [21.5] }],
  ])('%s', (_, query, payload, fields) => {
    const panel = read(query, payload);
    expect(fieldsOf(panel)).toEqual(fields);
    expect(panel.notices).toEqual([]);
  });

  test.each<[string, MqttQuery['time'], object]>([
    ['a date and a time of day', { path: 'd', clockPath: 't', zone: 'UTC' }, { d: '2024-05-17', t: '11:31:00' }],
    ['minutes', { path: 'd', format: 'min' }, { d: 28_599_091 }],
    ['days of a spreadsheet', { path: 'd', format: 'excel', zone: 'UTC' }, { d: 45_429 + 691 / 1_440 }],
    ['RFC 1123', { path: 'd' }, { d: 'Fri, 17 May 2024 11:31:00 GMT' }],
    ['.NET', { path: 'd' }, { d: '/Date(1715945460000)/' }],
  ])('a time: %s', (_, time, payload) => {
    const panel = read({ time: { from: 'path', ...time } }, { ...payload, v: 1 });
    expect(panel.fields()).toEqual({ Time: [1_715_945_460_000], v: [1] });
  });

  test('ids as labels', () => {
    const panel = read({ rowsAs: 'keys' }, { a: { v: 1 }, b: { v: 2 } });
    expect(panel.labels).toEqual([{ key: 'a' }, { key: 'b' }]);
  });
});
