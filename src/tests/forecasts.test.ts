import { describe, expect, test } from 'vitest';
import type { MqttQuery } from '../types';
import { ARRIVAL, TestPanel } from '../testing/test-panel';

const HOUR = 3_600_000;

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

  test.each<[string, Partial<MqttQuery>, (time: number, value: number) => string | object]>([
    [
      'an object whose time is a start',
      { time: { from: 'path', path: 'start' } },
      (start, value) => ({ start, value }),
    ],
    [
      'an object within an object',
      { time: { from: 'path', path: 'slot.validFrom' }, fields: [{ path: 'slot.value', name: 'value' }] },
      (validFrom, value) => ({ slot: { validFrom, value } }),
    ],
    ['the name that auto finds', { time: { from: 'auto' } }, (time, value) => ({ start_time: time, value })],
    [
      'CSV of one row',
      { format: 'csv', time: { from: 'path', path: 'start' } },
      (time, value) => `start,value\n${time},${value}\n`,
    ],
    [
      'CSV of one row without a header',
      { format: 'csv', formatOptions: { columns: ['start', 'value'] }, time: { from: 'path', path: 'start' } },
      (time, value) => `${time},${value}`,
    ],
  ])('of one row that is sent again has the newest value: %s', (_, query, payloadOf) => {
    for (const values of [
      [100, 110],
      [100, 110, 120],
    ]) {
      for (const together of [true, false]) {
        const panel = new TestPanel(query);
        const messages = values.map((value) => ({ payload: payloadOf(ARRIVAL + 2 * HOUR, value) }));
        for (const batch of together ? [messages] : messages.map((message) => [message])) {
          panel.send(...batch);
        }
        expect(panel.fields()).toEqual({ Time: [ARRIVAL + 2 * HOUR], value: values.slice(-1) });
        expect(panel.notices).toEqual([]);
      }
    }
  });

  test('of a start has the value that was measured in the end', () => {
    const panel = new TestPanel({ time: { from: 'path', path: 'start' } });
    const start = ARRIVAL + 2 * HOUR;
    panel.send({ payload: { start, value: 100 }, at: ARRIVAL });
    panel.send({ payload: { start, value: 97 }, at: start + HOUR });
    expect(panel.fields()).toEqual({ Time: [start], value: [97] });
  });

  test.each([true, false])(
    'of one value a message is known by times that come again (in one batch: %s)',
    (together) => {
      const panel = new TestPanel({ time: { from: 'auto' } });
      const messages = [0, 1].flatMap((round) =>
        [1, 2, 3].map((hours) => ({
          payload: { ts: ARRIVAL + hours * HOUR, v: 10 * round + hours },
          at: ARRIVAL + round * 20 * 60_000 + hours,
        }))
      );
      for (const batch of together ? [messages] : messages.map((message) => [message])) {
        panel.send(...batch);
      }
      expect(panel.fields()).toEqual({ Time: [1, 2, 3].map((hours) => ARRIVAL + hours * HOUR), v: [11, 12, 13] });
      expect(panel.notices).toEqual([]);
    }
  );

  test.each<[string, Partial<MqttQuery>, (time: number, value: number) => string | object]>([
    ['a list of one object', {}, (time, v) => [{ time, v }]],
    ['a list of samples', {}, (time, v) => [0, 0.25, 0.5, 0.75].map((part) => ({ time, v: v + part }))],
    [
      'the samples of three minutes',
      {},
      (time, v) => [2, 1, 0].map((m) => ({ time: time - m * 60_000, v: v - 6 * m })),
    ],
    ['CSV with a header', { format: 'csv' }, (time, v) => `time,v\n${time},${v}\n`],
    ['CSV of two lines', { format: 'csv' }, (time, v) => `time,v\n${time},${v}\n${time},${v + 0.5}\n`],
    [
      'line protocol of two lines',
      { format: 'influx' },
      (time, v) => `m v=${v} ${time}000000\nm v=${v + 0.5} ${time}000000`,
    ],
    ['JSON lines', {}, (time, v) => `{"time":${time},"v":${v}}\n{"time":${time},"v":${v + 0.5}}`],
  ])('is not a sensor whose clock is ahead by two hours and shows minutes: %s', (_, query, payloadOf) => {
    const panel = new TestPanel({ time: { from: 'auto' }, ...query });
    for (let i = 0; i < 20; i++) {
      const at = ARRIVAL + i * 10_000;
      panel.send({ payload: payloadOf(Math.floor(at / 60_000) * 60_000 + 2 * HOUR, i), at });
    }
    const values = new Set(panel.fields()['v']);
    expect(Array.from({ length: 20 }, (_ignored, i) => i).filter((i) => !values.has(i))).toEqual([]);
    expect(panel.notices.join()).toContain('2 h ahead');
  });

  test.each<[string, number]>([
    ['a day of hours, sent the day before', 11],
    ['a week of quarters of an hour', 0.25],
  ])('is a list that reaches far ahead, also when it is sent again at once: %s', (_, from) => {
    const list = (value: number): object =>
      Array.from({ length: from < 1 ? 672 : 24 }, (_ignored, i) => ({
        time: ARRIVAL + (from + (from < 1 ? i / 4 : i)) * HOUR,
        v: value + i,
      }));
    for (const order of [false, true]) {
      const panel = new TestPanel({ time: { from: 'auto' } });
      const send = (value: number): object => (order ? (list(value) as object[]).toReversed() : list(value));
      panel.send({ payload: send(0) }).send({ payload: send(1_000) });
      expect(panel.fields()['v']).toEqual((list(1_000) as Array<{ v: number }>).map(({ v }) => v));
      expect(panel.notices).toEqual([]);
    }
  });

  test.each<[string, number, number, Partial<MqttQuery>, (hours: readonly number[], h: number) => string | object]>([
    [
      'two days from midnight',
      -12,
      36,
      {},
      (hours, h) => hours.map((k) => ({ time: ARRIVAL + k * HOUR, v: h + k / 100 })),
    ],
    [
      'today, for the most part over',
      -15,
      9,
      {},
      (hours, h) => hours.map((k) => ({ time: ARRIVAL + k * HOUR, v: h + k / 100 })),
    ],
    [
      'parallel lists',
      -12,
      36,
      { rowsAs: 'columns', rows: 'hourly' },
      (hours, h) => ({ hourly: { time: hours.map((k) => ARRIVAL + k * HOUR), v: hours.map((k) => h + k / 100) } }),
    ],
    [
      'line protocol',
      -12,
      36,
      { format: 'influx' },
      (hours, h) => hours.map((k) => `m v=${h + k / 100} ${ARRIVAL + k * HOUR}000000`).join('\n'),
    ],
  ])('of hours that are over has their newest values, too: %s', (_, from, to, query, payloadOf) => {
    const hours = Array.from({ length: to - from }, (_ignored, i) => from + i);
    const panel = new TestPanel(query);
    for (let h = 0; h < 6; h++) {
      panel.send({ payload: payloadOf(hours, h), at: ARRIVAL + h * HOUR });
    }
    const fields = panel.fields();
    expect(fields['Time']).toEqual(hours.map((k) => ARRIVAL + k * HOUR));
    expect(fields['v']).toEqual(hours.map((k) => 5 + k / 100));
  });

  test.each<[string, number[], Partial<MqttQuery>]>([
    ['a batch that crosses the arrival', [-180, -60, 90], {}],
    ['one clock that is far off', [-20, -10, 200 * 86_400], {}],
    ['a clock ten minutes ahead', [-900, -600, -300, 300, 540], { format: 'influx' }],
  ])('is not %s: what was measured stays', (_, seconds, query) => {
    const panel = new TestPanel(query);
    const payload = (id: string, v: number): string | object =>
      query.format === 'influx'
        ? seconds.map((s) => `m id="${id}",v=${v} ${ARRIVAL + s * 1_000}000000`).join('\n')
        : seconds.map((s) => ({ ts: ARRIVAL + s * 1_000, id, v }));
    panel.send({ payload: payload('A', 1) }, { payload: payload('B', 2) });
    const over = seconds.filter((s) => s < 0).length;
    expect((panel.fields()['id'] as string[]).filter((id) => id === 'A').length).toBeGreaterThanOrEqual(over);
  });

  test.each<[string, number, number, number]>([
    ['seconds', 1_000, 400, 20],
    ['minutes', 60_000, 10_000, 18],
    ['half minutes', 30_000, 5_000, 24],
    ['seconds, late', 1_000, 9_000, 10],
  ])('is not a sensor whose clock is ahead and counts %s', (_, resolution, every, messages) => {
    const panel = new TestPanel({ time: { from: 'auto' } });
    const times = Array.from({ length: messages }, (_ignored, i) => ARRIVAL + i * every);
    const values = times.map((_ignored, i) => i);
    for (const [i, at] of times.entries()) {
      const ts = Math.floor(at / resolution) * resolution + 2 * HOUR;
      panel.send({ payload: { ts, v: i }, at });
    }
    expect(panel.fields()['v']).toEqual(values);
  });

  test('messages of one value each, ahead in time, are a wrong clock, and all their rows are kept', () => {
    const panel = new TestPanel({ time: { from: 'auto' } });
    const at = ARRIVAL + 2 * HOUR;
    panel.send({ payload: { ts: at, v: 1 }, at: ARRIVAL }, { payload: { ts: at, v: 2 }, at: ARRIVAL });
    expect(panel.fields().v).toEqual([1, 2]);
    expect(panel.notices.join()).toContain('2 h ahead');
  });
});
