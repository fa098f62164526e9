/** The time of a row and its consequences, from the bytes of messages to the frames of a panel. */
import { describe, expect, test } from 'vitest';
import { SPARKPLUG } from '../testing/payloads';
import { fromHex } from '../payload/formats/bytes';
import type { MqttQuery } from '../types';
import { ARRIVAL, type TestMessage, TestPanel } from '../testing/test-panel';

const MISSING = undefined;

describe('a time found by name', () => {
  test('is no field of its row; what is no time under the same name is one', () => {
    const shown = new TestPanel({ time: { from: 'auto' } }).send(
      { payload: { t: ARRIVAL / 1_000 - 1, v: 1 } },
      { payload: { t: 21.5, v: 2 } },
      { payload: { t: 'boot', v: 3 } },
      { payload: { t: ARRIVAL / 1_000 + 5, v: 4 } }
    );
    expect(shown.fields()).toEqual({
      Time: [ARRIVAL - 1_000, ARRIVAL + 1_000, ARRIVAL + 2_000, ARRIVAL + 5_000],
      v: [1, 2, 3, 4],
      t: [MISSING, 21.5, MISSING, MISSING],
      't (text)': [MISSING, MISSING, 'boot', MISSING],
    });
  });

  test('is no field either where it is also a label, whatever the row', () => {
    const shown = new TestPanel({ time: { from: 'auto' }, labels: [{ path: 't' }] }).send(
      { payload: { t: ARRIVAL, v: 1 } },
      { payload: { t: 5, v: 2 } }
    );
    expect(shown.frames.map((_, i) => Object.keys(shown.fields(i)))).toEqual([
      ['Time', 'v'],
      ['Time', 'v'],
    ]);
  });
});

describe('a row that comes twice', () => {
  const row = (v: number, ts?: number): TestMessage => ({ at: ARRIVAL, payload: ts === undefined ? { v } : { ts, v } });
  const batches: ReadonlyArray<readonly [string, ReadonlyArray<readonly TestMessage[]>]> = [
    ['in one batch', [[row(1), row(1), row(1, ARRIVAL - 1_000), row(1, ARRIVAL - 1_000)]]],
    [
      'in two',
      [
        [row(1), row(1)],
        [row(1, ARRIVAL - 1_000), row(1, ARRIVAL - 1_000)],
      ],
    ],
    ['in four', [[row(1)], [row(1, ARRIVAL - 1_000)], [row(1)], [row(1, ARRIVAL - 1_000)]]],
  ];

  test.each(batches)('%s, is one where its time comes from the payload, and two where it is of arrival', (_, sent) => {
    for (const time of [{ from: 'auto' }, { from: 'path', path: 'ts' }] as const) {
      const shown = new TestPanel({ time });
      sent.forEach((batch) => shown.send(...batch));
      expect(shown.fields()).toEqual({ Time: [ARRIVAL - 1_000, ARRIVAL, ARRIVAL], v: [1, 1, 1] });
    }
  });

  test('is none of one that came by itself at that time', () => {
    const shown = new TestPanel({ time: { from: 'auto' } });
    shown.send(row(1)).send(row(1, ARRIVAL)).send(row(1, ARRIVAL));
    expect(shown.fields()).toEqual({ Time: [ARRIVAL, ARRIVAL], v: [1, 1] });
  });
});

describe('what is gone', () => {
  test.each([0, 1, 2, 3])(
    'ends the series behind all that it had, also where the clock is ahead (in batches: %d)',
    (cut) => {
      const sent: readonly TestMessage[] = [
        { topic: 'a', payload: { ts: ARRIVAL + 60_000, v: 1 } },
        { topic: 'a', payload: '' },
        { topic: 'a', payload: { ts: ARRIVAL + 4_000, v: 2 } },
      ];
      const query = { time: { from: 'path', path: 'ts' } } as const;
      const [lines, latest] = [new TestPanel(query), new TestPanel({ ...query, shape: 'latest' })];
      for (const shown of [lines, latest]) {
        shown.send(...sent.slice(0, cut)).send(...sent.slice(cut));
      }
      expect(lines.fields()).toEqual({ Time: [ARRIVAL + 4_000, ARRIVAL + 60_000, ARRIVAL + 60_000], v: [2, 1, null] });
      expect(latest.fields()).toEqual({ Time: [ARRIVAL + 60_000], Topic: ['a'], v: [null] });
    }
  );

  test('is a row of the time of its arrival where no other is later', () => {
    const shown = new TestPanel({ time: { from: 'path', path: 'ts' } });
    shown.send({ payload: { ts: ARRIVAL - 5_000, v: 1 } }, { payload: '' }, { payload: '' });
    expect(shown.fields()).toEqual({ Time: [ARRIVAL - 5_000, ARRIVAL + 1_000, ARRIVAL + 2_000], v: [1, null, null] });
  });

  test('has no time to be read, and is not counted as a row without one', () => {
    const shown = new TestPanel({ topic: 'spBv1.0/#', time: { from: 'path', path: 'at' } });
    shown.send(...SPARKPLUG.slice(0, 1).map(({ topic, bytes }) => ({ topic, payload: bytes })));
    const before = shown.stream.stats.untimedRows;
    shown.send(...SPARKPLUG.slice(-1).map(({ topic, bytes }) => ({ topic, payload: bytes })));
    expect(shown.stream.stats.untimedRows).toBe(before);
  });
});

test('a notice about a time that cannot be read names both paths of a date and a time of day', () => {
  const time = { from: 'path', path: 'date', zone: 'UTC' } as const;
  const payload = { date: '2024-05-17', time: '11:59:00', v: 1 };
  const both = new TestPanel({ time: { ...time, clockPath: 'tiem' } }).send({ payload });
  expect(both.notices[0]).toMatch(/^1 row has no readable time at "date" and "tiem", and is shown at/);
  const one = new TestPanel({ time: { from: 'path', path: 'dat', clockPath: ' ' } }).send({ payload });
  expect(one.notices[0]).toMatch(/^1 row has no readable time at "dat", and is shown at/);
});

test.each([
  ['5/7/2023 11:59:00 AM', 'M/D/YYYY h:mm:ss A or D/M/YYYY h:mm:ss A'],
  ['05-07-2023 23:59', 'M-D-YYYY HH:mm or D-M-YYYY HH:mm'],
  ['5/7/2023, 9:05 pm', 'M/D/YYYY, h:mm A or D/M/YYYY, h:mm A'],
  ['5/7/2023', 'M/D/YYYY or D/M/YYYY'],
])('a notice says which formats a time can have whose day and month cannot be told apart: %s', (t, formats) => {
  const time = { from: 'path', path: 't' } as const;
  const panel = new TestPanel({ time }).send({ payload: { t, v: 1 } });
  expect(panel.notices).toEqual([
    `1 row has no readable time at "t", and is shown at the time of arrival. Check the path and the time format: the day and the month of "${t}" cannot be told apart, so set ${formats}.`,
  ]);
  for (const format of formats.split(' or ')) {
    const read = new TestPanel({ time: { ...time, format } }).send({ payload: { t, v: 1 } });
    expect(read.notices.filter((text) => text.includes('readable'))).toEqual([]);
    expect(new Date(read.fields()['Time'][0] as number).getFullYear()).toBe(2023);
  }
});

test('a notice about a time that cannot be read has the text that is there', () => {
  const panel = new TestPanel({ time: { from: 'path', path: 't' } }).send({ payload: { t: '11:59 PM', v: 1 } });
  expect(panel.notices[0]).toMatch(
    /Check the path and the time format: the last text there is "11:59 PM"\. If the date is in/
  );
});

test.each([
  ['2024-05-17', '11:59 PM', '2024-05-17T23:59:00Z'],
  ['5/17/2024', '11:59:30 AM', '2024-05-17T11:59:30Z'],
  ['5/6/2024', '12:00 AM', '2024-05-06T00:00:00Z'],
  ['17.5.2024', '1:05 p.m.', '2024-05-17T13:05:00Z'],
])('a date beside a time of day with AM or PM: %s, %s', (date, clock, wanted) => {
  const query = { format: 'csv', formatOptions: { columns: ['date', 'clock', 'v'] } } as const;
  const panel = new TestPanel({ ...query, time: { from: 'path', path: 'date', clockPath: 'clock', zone: 'UTC' } });
  panel.send({ payload: `${date},${clock},1`, at: Date.parse(wanted) + 5_000 });
  expect(panel.fields()).toEqual({ Time: [Date.parse(wanted)], v: [1] });
  expect(panel.notices).toEqual([]);
});

describe('a value of the past that is sent now', () => {
  // Metric "T", a float: at this time, of the past or not.
  const metric = (value: string, time: number, isHistorical = false): string =>
    `0a0154 18${varint(time)} 2009 ${isHistorical ? '2801 ' : ''}65${value}`;
  const message = (...metrics: readonly string[]): Uint8Array =>
    fromHex(metrics.map((each) => `12${varint(each.replaceAll(' ', '').length / 2)}${each}`).join(''))!;
  const sent = (bytes: Uint8Array): TestMessage => ({ topic: 'spBv1.0/Plant/NDATA/Edge', payload: bytes });
  const [T17, T18, T20, T21] = ['00008841', '00009041', '0000a041', '0000a841'];

  const live = sent(message(metric(T20, ARRIVAL)));
  const late = sent(message(metric(T17, ARRIVAL + 500, true), metric(T18, ARRIVAL - 500, true)));
  const after = sent(message(metric(T21, ARRIVAL + 900)));

  test('keeps its place in the line', () => {
    for (const shown of [new TestPanel().send(live, late, after), new TestPanel().send(live).send(late).send(after)]) {
      expect(shown.fields()).toEqual({
        Time: [ARRIVAL - 500, ARRIVAL, ARRIVAL + 500, ARRIVAL + 900],
        T: [18, 20, 17, 21],
      });
    }
  });

  test('is never the newest', () => {
    const latest = (...batches: ReadonlyArray<readonly TestMessage[]>): unknown[] => {
      const shown = new TestPanel({ shape: 'latest' });
      batches.forEach((batch) => shown.send(...batch));
      const { Time, T } = shown.fields();
      return [Time, T];
    };
    expect(latest([live, late])).toEqual([[ARRIVAL], [20]]);
    expect(latest([live], [late])).toEqual([[ARRIVAL], [20]]);
    expect(latest([late], [live])).toEqual([[ARRIVAL], [20]]);
    expect(latest([live], [late], [after])).toEqual([[ARRIVAL + 900], [21]]);
    // Of a series that has nothing else, nothing is the newest.
    expect(latest([late])).toEqual([[], []]);
  });

  test('is behind nothing that is gone', () => {
    const shown = new TestPanel({ shape: 'latest' }).send(live, late, {
      topic: 'spBv1.0/Plant/NDEATH/Edge',
      at: ARRIVAL + 100,
      payload: '',
    });
    expect(shown.fields()).toMatchObject({ Time: [ARRIVAL + 500], T: [null] });
  });
});

/** An unsigned number as Protobuf has it, in hex. */
function varint(value: number): string {
  let hex = '';
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) {
    hex += (Number(rest & 127n) | 128).toString(16);
  }
  return hex + Number(rest).toString(16).padStart(2, '0');
}

describe('a date that Found by name cannot read', () => {
  const said = (rows: string, text: string, hint = 'the last text there is'): string =>
    `${rows} no readable time, and ${rows.startsWith('1 ') ? 'is' : 'are'} shown at the time of arrival. Set Time to At a path and enter a time format, or set Time to Arrival: ${hint} "${text}".`;

  test.each([
    ['17. Mai 2024 12:00'],
    ['2024-02-30T11:31:00Z'],
    ['2024-05-17 11:31:00 CEST'],
    ['2024-W20-5'],
    ['17 Mai 2024'],
  ])('is said: %s', (time) => {
    const panel = new TestPanel({ time: { from: 'auto' } }).send({ payload: { time, v: 1 } });
    expect(panel.notices).toEqual([said('1 row has', time)]);
  });

  test('is said with the formats that it can have', () => {
    const panel = new TestPanel({ time: { from: 'auto' } }).send({ payload: { time: '4/3/2024 11:59 PM', v: 1 } });
    expect(panel.notices[0]).toMatch(/cannot be told apart, so set M\/D\/YYYY h:mm A or D\/M\/YYYY h:mm A\.$/);
  });

  test.each<[string, Partial<MqttQuery>, string]>([
    ['the items of a list', {}, '[{"time":"4.3.24 23h","v":1},{"time":"4. 3. 24 23h","v":2}]'],
    ['CSV', { format: 'csv', time: { from: 'auto' } }, 'ts,v\n2024-W20-4,1\n4. 3. 24 23h,2\n'],
    ['a list in an object that has it', { rows: 'l' }, '{"sys":{"time":"4. 3. 24 23h"},"l":[{"v":1},{"v":2}]}'],
  ])('is said of %s', (_, query, payload) => {
    expect(new TestPanel(query).send({ payload }).notices).toEqual([said('2 rows have', '4. 3. 24 23h')]);
  });

  test.each<[string, Partial<MqttQuery>, object]>([
    ['another key has the time', {}, { time: '12:00:00', ts: ARRIVAL, v: 1 }],
    ['the text is no date', {}, { time: 'n/a', ts: '', t: '21.3 °C', v: 1 }],
    ['no key has the name of a time', {}, { opens: '12:00:00', v: 1 }],
    ['the time is that of the arrival', { time: { from: 'arrival' } }, { time: '12:00:00', v: 1 }],
    ['the query does not ask for it', { time: {} }, { time: '12:00:00', v: 1 }],
  ])('is not said where %s', (_, query, payload) => {
    expect(new TestPanel({ time: { from: 'auto' }, ...query }).send({ payload }).notices).toEqual([]);
  });
});

test('a time of day beside a date has a setting, which the notice names', () => {
  const panel = new TestPanel({ time: { from: 'auto' } }).send({
    payload: { date: '2024-05-17', time: '11:59', v: 1 },
  });
  expect(panel.notices.join()).toContain('with the path of the date, and Time of day path to this one.');
});
