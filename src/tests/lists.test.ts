import { describe, expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { ARRIVAL, TestPanel } from '../testing/test-panel';

const HOUR = 3_600_000;

describe('rows of one message that are the same', () => {
  const rows = [5, 5, 5, 6].map((v) => ({ ts: ARRIVAL, v }));

  test.each<[string, Partial<MqttQuery>, string]>([
    [
      'a list of numbers',
      { rows: 'v', time: { from: 'path', path: 't' } },
      JSON.stringify({ t: ARRIVAL, v: [5, 5, 5, 6] }),
    ],
    ['a list of objects', {}, JSON.stringify(rows)],
    ['a list in an object', { rows: 'list' }, JSON.stringify({ list: rows })],
    ['JSON lines', { time: { from: 'auto' } }, rows.map((row) => JSON.stringify(row)).join('\n')],
    ['CSV', { format: 'csv', time: { from: 'auto' } }, `ts,v\n${rows.map(({ ts, v }) => `${ts},${v}`).join('\n')}\n`],
    ['line protocol', { format: 'influx' }, rows.map(({ v }) => `m v=${v} ${ARRIVAL}`).join('\n')],
  ])('are as many rows: %s', (_, query, payload) => {
    const panel = new TestPanel(query).send({ payload });
    const cells = (): unknown[] => panel.frames[0].fields.at(-1)!.values;
    expect(cells()).toEqual([5, 5, 5, 6]);
    // The message comes twice, as with QoS 1.
    panel.send({ payload });
    expect(cells()).toEqual([5, 5, 5, 6]);
    expect(panel.notices).toEqual([]);
  });
});

describe('a forecast', () => {
  const forecast = (...values: Array<[hours: number, value: number]>): object =>
    values.map(([hours, value]) => ({ start: new Date(ARRIVAL + hours * HOUR).toISOString(), value }));

  test.each([
    ['of one time', [[2, 100]], [[2, 110]], [[2, 110]]],
    [
      'of several times',
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      [
        [1, 20],
        [2, 30],
        [3, 40],
      ],
      [
        [0, 1],
        [1, 20],
        [2, 30],
        [3, 40],
      ],
    ],
  ] as Array<[string, ...Array<Array<[number, number]>>]>)(
    '%s that is sent again has the newest values, and is no wrong clock',
    (_, first, second, seen) => {
      const query = { time: { from: 'path', path: 'start' }, fields: [{ path: 'value' }] } as const;
      for (const batches of [[first], [first, second]]) {
        const panel = new TestPanel(query);
        panel.send(...batches.map((values) => ({ payload: forecast(...values) })), { payload: forecast(...second) });
        expect(panel.fields()).toEqual({
          Time: seen.map(([hours]) => ARRIVAL + hours * HOUR),
          value: seen.map(([, value]) => value),
        });
        expect(panel.notices).toEqual([]);
      }
    }
  );

  test('in CSV', () => {
    const panel = new TestPanel({ format: 'csv', time: { from: 'auto' } });
    const csv = (value: number): string =>
      `time,value\n${[1, 2].map((hours) => `${ARRIVAL + hours * HOUR},${value + hours}`).join('\n')}\n`;
    panel.send({ payload: csv(10) }).send({ payload: csv(20) });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL + HOUR, ARRIVAL + 2 * HOUR], value: [21, 22] });
    expect(panel.notices).toEqual([]);
  });

  test('messages of one value each, ahead in time, are a wrong clock, and all their rows are kept', () => {
    const panel = new TestPanel({ time: { from: 'auto' } });
    const at = ARRIVAL + 2 * HOUR;
    panel.send({ payload: { ts: at, v: 1 }, at: ARRIVAL }, { payload: { ts: at, v: 2 }, at: ARRIVAL });
    expect(panel.fields().v).toEqual([1, 2]);
    expect(panel.notices.join()).toContain('2 h ahead');
  });
});
