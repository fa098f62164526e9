/** Units that messages name, from their bytes to the fields of a panel. */
import { describe, expect, test } from 'vitest';
import { ARRIVAL, type TestMessage, TestPanel } from '../testing/test-panel';
import type { MqttQuery } from '../types';

const MISSING = undefined;
const times = (n: number): number[] => Array.from({ length: n }, (_, i) => ARRIVAL + i * 1_000);

describe('a value in another unit than its field', () => {
  test.each<[string, Partial<MqttQuery>, ReadonlyArray<TestMessage['payload']>, Record<string, unknown[]>]>([
    [
      'behind the number',
      { format: 'number' },
      ['21 °C', '70 °F', '22', '23 C', '71 F'],
      {
        'Value [celsius]': [21, MISSING, 22, 23, MISSING],
        'Value (°F) [fahrenheit]': [MISSING, 70, MISSING, MISSING, 71],
      },
    ],
    [
      'in SenML',
      { format: 'senml' },
      [[{ n: 'a', u: 'Cel', v: 21 }], [{ n: 'a', u: 'K', v: 294 }], [{ n: 'a', v: 22 }]],
      { 'a [celsius]': [21, MISSING, 22], 'a (K) [kelvin]': [MISSING, 294, MISSING] },
    ],
    [
      'in JSON',
      {},
      [
        { value: 21, unit: 'C' },
        { value: 40, unit: '%' },
        { value: 22 },
        { value: 23, unit: '°C' },
        { value: 41, unit: '%' },
      ],
      {
        'value [celsius]': [21, MISSING, 22, 23, MISSING],
        unit: ['C', '%', MISSING, '°C', '%'],
        'value (%) [percent]': [MISSING, 40, MISSING, MISSING, 41],
      },
    ],
    [
      'for all below',
      {},
      [
        { TempUnit: 'C', a: { Temperature: 20 }, Power: 5 },
        { TempUnit: 'F', a: { Temperature: 68 }, b: { Temperature: 69 }, Power: 6 },
        { TempUnit: 'C', a: { Temperature: 21 }, b: { Temperature: 22 }, Power: 7 },
      ],
      {
        TempUnit: ['C', 'F', 'C'],
        'a.Temperature [celsius]': [20, MISSING, 21],
        Power: [5, 6, 7],
        'b.Temperature [fahrenheit]': [MISSING, 69, MISSING],
        'a.Temperature (F) [fahrenheit]': [MISSING, 68, MISSING],
        'b.Temperature (C) [celsius]': [MISSING, MISSING, 22],
      },
    ],
    [
      'under another key than before',
      {},
      [
        { value: 21, unit: 'C' },
        { value: 294, uom: 'K' },
        { value: 295, uom: 'K' },
      ],
      {
        'value [celsius]': [21, MISSING, MISSING],
        unit: ['C', MISSING, MISSING],
        uom: [MISSING, 'K', 'K'],
        'value (K) [kelvin]': [MISSING, 294, 295],
      },
    ],
    [
      'in a field that the query names, with its name; the unit that the query names is that of the first',
      { fields: [{ path: 'value', name: 'T', unit: 'fahrenheit' }] },
      [
        { value: 70, unit: 'F' },
        { value: 21, unit: 'C' },
        { value: null, unit: 'F' },
        { value: null, unit: 'C' },
      ],
      { 'T [fahrenheit]': [70, MISSING, null, MISSING], 'T (C) [celsius]': [MISSING, 21, MISSING, null] },
    ],
    [
      'with what is left out filled up: that which came last',
      { fill: 'previous', fields: [{ path: 'value' }, { path: 'n' }] },
      [{ value: 21, unit: 'C', n: 1 }, { n: 2 }, { value: 70, unit: 'F' }, { n: 3 }],
      {
        'value [celsius]': [21, 21, MISSING, MISSING],
        n: [1, 2, 2, 3],
        'value (F) [fahrenheit]': [MISSING, MISSING, 70, 70],
      },
    ],
    [
      'as far as it is one',
      {},
      [
        { value: 21, unit: 'C' },
        { value: 22, unit: 'Kitchen' },
        { value: 23, unit: 5 },
        { value: 24, unit: null },
      ],
      {
        'value [celsius]': [21, 22, 23, 24],
        unit: ['C', 'Kitchen', MISSING, null],
        'unit (number)': [MISSING, MISSING, 5, MISSING],
      },
    ],
  ])('%s, is in a sibling field', (_, query, payloads, fields) => {
    const sent = payloads.map((payload) => ({ payload }));
    const [whole, single] = [new TestPanel(query).send(...sent), new TestPanel(query)];
    sent.forEach((each) => single.send(each));
    expect(whole.fields()).toEqual({ Time: times(sent.length), ...fields });
    expect(single.fields()).toEqual(whole.fields());
  });

  test('is counted, and that is said', () => {
    const shown = new TestPanel({ format: 'number' });
    shown.send({ payload: '21 °C' }, { payload: '70 °F' }).send({ payload: '71 °F' });
    expect(shown.notices).toEqual([
      '2 values have another unit than the field, and are in a separate field, such as "Value (°F)". If the values measure different things, add a label that distinguishes them.',
    ]);
    expect(shown.stream.stats.siblingValues).toBe(0);
  });

  test('is none where a label tells the two apart', () => {
    const shown = new TestPanel({ labels: [{ path: 'what' }] }).send(
      { payload: { what: 't', value: 21, unit: 'C' } },
      { payload: { what: 'h', value: 40, unit: '%' } }
    );
    expect(shown.frames.map((_, i) => Object.keys(shown.fields(i)))).toEqual([
      ['Time', 'value [percent]', 'unit'],
      ['Time', 'value [celsius]', 'unit'],
    ]);
    expect(shown.notices).toEqual([]);
  });

  test.each(['table', 'latest'] as const)('has a column of its own in a %s, with those of other series', (shape) => {
    const shown = new TestPanel({ format: 'number', shape }).send(
      { topic: 'a', payload: '21 °C' },
      { topic: 'a', payload: '70 °F' },
      { topic: 'b', payload: '20 °C' },
      { topic: 'b', payload: '69 F' }
    );
    const { 'Value [celsius]': C, 'Value (°F) [fahrenheit]': F } = shown.fields();
    expect([C, F]).toEqual(
      shape === 'latest'
        ? [
            [21, 20],
            [70, 69],
          ]
        : [
            [null, 20, null, 21],
            [69, null, 70, null],
          ]
    );
  });

  test('that are ever new open no more fields than there may be, and are in none of the others', () => {
    const shown = new TestPanel({ format: 'number' });
    shown.send(
      ...Array.from({ length: 600 }, (_, i) => ({
        payload: `${i} u${String.fromCharCode(97 + (i % 26), 97 + ((i / 26) | 0))}`,
      }))
    );
    const fields = Object.values(shown.fields());
    expect(fields).toHaveLength(501);
    expect(fields.slice(1).map((values) => values.filter((each) => each !== undefined).length)).toEqual(
      Array.from({ length: 500 }, () => 1)
    );
    expect(shown.stream.stats.refusedValues).toBe(100);
  });
});

test('text with a unit is a number in that unit where the query asks for a number', () => {
  const shown = new TestPanel({ fields: [{ path: 't', type: 'number' }] }).send(
    { payload: { t: '21.5 °C' } },
    { payload: { t: 22 } },
    { payload: { t: '00023.5 °C' } },
    { payload: { t: '70 °F' } },
    { payload: { t: 'warm' } }
  );
  expect(shown.fields()).toMatchObject({
    't [celsius]': [21.5, 22, 23.5, MISSING, null],
    't (°F) [fahrenheit]': [MISSING, MISSING, MISSING, 70, MISSING],
  });
});
