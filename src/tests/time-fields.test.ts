import { describe, expect, test } from 'vitest';
import { ARRIVAL, TestPanel } from '../testing/test-panel';

const DAY = 86_400_000;

const typesOf = (payload: object): Record<string, string> => {
  const [{ fields }] = new TestPanel().send({ payload, at: ARRIVAL }).frames;
  return Object.fromEntries(fields.slice(1).map(({ name, type }) => [name, type]));
};

describe('a number that is a time', () => {
  test.each(['lc', 'dt', 'sunrise', 'last_changed', 'timeunix', 'lastChange', 'valid_until', 'created_at'])(
    'by its name: %s',
    (name) => {
      for (const time of [ARRIVAL, ARRIVAL / 1_000, ARRIVAL - 300 * DAY]) {
        expect(typesOf({ val: 12, [name]: time })).toEqual({ val: 'number', [name]: 'time' });
      }
      expect(typesOf({ val: 12, [name]: 12 })).toEqual({ val: 'number', [name]: 'number' });
    }
  );

  test.each([
    'minute_ts',
    'last_sync_ts',
    'rx_time',
    'frame_time',
    'end_time',
    'last_motion',
    'last_triggered',
    'utc_time',
    'fixtime',
    'exp',
    'lastUpdateTime',
    'lastTs',
  ])('in seconds, by its name: %s', (name) => {
    expect(typesOf({ val: 12, [name]: ARRIVAL / 1_000 })).toEqual({ val: 'number', [name]: 'time' });
  });

  test.each(['uptime', 'volts', 'counts', 'watts'])('is none under the name of a count: %s', (name) => {
    expect(typesOf({ [name]: ARRIVAL / 1_000 })).toEqual({ [name]: 'number' });
  });

  test.each([
    ['weighted_io_time', 1_399_999_990, 1_430_000_000],
    ['kwh_ts', 1_500_000_000, 1_500_000_001],
    ['fan_time', 0, 12],
    ['presence_time', 0, 0],
    ['lifeTime', 0, 5],
  ])('is none under the name of a duration: %s', (name, first, second) => {
    const panel = new TestPanel().send({ payload: { [name]: first } }, { payload: { [name]: second } });
    expect(panel.typedFields()).toMatchObject({ [`${name}: number`]: [first, second] });
  });

  test('a count of seconds from 0 is none', () => {
    const panel = new TestPanel().send({ payload: { time: 0 } }, { payload: { time: 1 } }, { payload: { time: 2 } });
    expect(panel.typedFields()).toMatchObject({ 'time: number': [0, 1, 2] });
  });

  test.each([
    ['an unknown name', { xyz: ARRIVAL }],
    ['in an object', { a: { q: ARRIVAL - DAY } }],
    ['an empty name', { '': ARRIVAL + DAY }],
  ])('by its 13 digits near the arrival: %s', (_, payload) => {
    expect(Object.values(typesOf(payload))).toEqual(['time']);
  });

  test.each([
    ['ten digits under an unknown name', { xyz: ARRIVAL / 1_000 }],
    ['13 digits far from the arrival', { bytes: ARRIVAL - 60 * DAY }],
    ['13 digits that are more', { us: ARRIVAL * 1_000 }],
    ['a fraction', { x: ARRIVAL + 0.5 }],
  ])('is none: %s', (_, payload) => {
    expect(Object.values(typesOf(payload))).toEqual(['number']);
  });

  test('is decided by the first message, and other numbers go to a field of their own', () => {
    const panel = new TestPanel().send(
      { payload: { n: 5, x: ARRIVAL } },
      { payload: { n: ARRIVAL, x: 0 } },
      { payload: { n: 6, x: ARRIVAL } }
    );
    expect(panel.typedFields()).toEqual({
      'Time: time': [ARRIVAL, ARRIVAL + 1_000, ARRIVAL + 2_000],
      'n: number': [5, ARRIVAL, 6],
      'x: time': [ARRIVAL, undefined, ARRIVAL],
      'x (number): number': [undefined, 0, undefined],
    });
  });

  test.each(['auto', 'json'] as const)('is a payload by itself: %s', (format) => {
    const panel = new TestPanel({ format }).send(...[0, 1_000].map((ms) => ({ payload: String(ARRIVAL + ms) })));
    expect(panel.typedFields()).toMatchObject({ 'Value: time': [ARRIVAL, ARRIVAL + 1_000] });
    const counter = new TestPanel({ format }).send({ payload: '5' }, { payload: String(ARRIVAL) });
    expect(counter.typedFields()).toMatchObject({ 'Value: number': [5, ARRIVAL] });
  });

  test.each(['lc', 'last_seen', 'nextRun', 'boottime', 'measured_at'])('is none as long as it is 0: %s', (name) => {
    const panel = new TestPanel().send({ payload: { v: 1, [name]: 0 } }, { payload: { v: 2, [name]: ARRIVAL } });
    panel.send({ payload: { v: 3, [name]: 0 } });
    expect(panel.typedFields()).toMatchObject({ [`${name}: time`]: [null, ARRIVAL, null] });
    expect(panel.notices).toEqual([]);
    const text = new TestPanel().send({ payload: { [name]: 0 } }, { payload: { [name]: 5 } });
    expect(text.typedFields()).toMatchObject({ [`${name}: number`]: [null, 5] });
  });

  test.each(['sent', 'start', 'changed', 'dt'])('is a count from 0, under a name that a count has, too: %s', (name) => {
    const panel = new TestPanel().send({ payload: { [name]: 0 } }, { payload: { [name]: 5 } });
    expect(panel.typedFields()).toMatchObject({ [`${name}: number`]: [0, 5] });
  });

  test('is none where the format or the query says that it is a number', () => {
    const panel = new TestPanel({ fields: [{ path: 'lc', type: 'number' }] }).send({ payload: { lc: ARRIVAL } });
    expect(panel.typedFields()).toMatchObject({ 'lc: number': [ARRIVAL] });
    const scalar = new TestPanel({ format: 'number' }).send({ payload: String(ARRIVAL) });
    expect(scalar.typedFields()).toMatchObject({ 'Value: number': [ARRIVAL] });
  });
});
