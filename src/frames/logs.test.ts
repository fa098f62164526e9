import type { DataFrame } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { SeriesBuilder } from '../payload';
import { CircularFrame } from './circular-frame';
import { logsFrame } from './logs';
import type { ShapeOptions } from './shapes';
import type { SeriesView } from './union';

const T0 = 1_700_000_000_000;
const LIVE: ShapeOptions = { refId: 'A', window: { from: 0, to: 8e15 }, legend: undefined, alone: false };
const ENDED: ShapeOptions = { ...LIVE, until: 8e15 };

class Series implements SeriesView {
  readonly frame = new CircularFrame(200_000);
  readonly #builder: SeriesBuilder;

  constructor(
    readonly topic: string,
    readonly labels: Record<string, string> = {}
  ) {
    this.#builder = new SeriesBuilder(0, topic, 200_000);
  }

  add(...rows: Array<[time: number, payload: unknown]>): this {
    rows.forEach(([time, payload]) => this.#builder.add(time, payload));
    this.frame.append(this.#builder.take()!);
    return this;
  }
}

const column = (frame: DataFrame, name: string): unknown[] => frame.fields.find((each) => each.name === name)!.values;
const lines = (frame: DataFrame): unknown[] => column(frame, 'body');
const notices = (frame: DataFrame): unknown => frame.meta?.notices?.map(({ text }) => text);

/** The order of Grafana's logs panel: `parseTime` of logsModel.ts, `sortLogRows` of utils.ts in public/app/features/logs. */
function sorted(frame: DataFrame, newestFirst: boolean): unknown[] {
  const [{ nanos = [], values: times }] = frame.fields;
  const rows = lines(frame).map((body, i) => {
    const ms = new Date(times[i] as number).valueOf();
    return { body, ms, ns: `${ms}${String(nanos[i]).padStart(6, '0')}` };
  });
  const compare = (a: (typeof rows)[0], b: (typeof rows)[0]): number =>
    a.ms - b.ms || (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0);
  return rows.toSorted((a, b) => (newestFirst ? compare(b, a) : compare(a, b))).map(({ body }) => body);
}

describe('lines of one millisecond', () => {
  const burst = (time: number): Array<[number, string]> => ['1', '2', '3', '4'].map((text) => [time, `line ${text}`]);

  test.each([
    ['whole milliseconds', T0],
    ['a payload with microseconds', T0 + 0.25],
    ['the end of a millisecond', T0 + 0.9997],
  ])('are in the order in which they came, in both directions: %s', (_, time) => {
    const frame = logsFrame([new Series('t').add([time - 1, 'before'], ...burst(time), [T0 + 1, 'after'])], LIVE);
    const expected = ['before', 'line 1', 'line 2', 'line 3', 'line 4', 'after'];
    expect(sorted(frame, false)).toEqual(expected);
    expect(sorted(frame, true)).toEqual(expected.toReversed());
  });

  test('of several topics have one order in every response', () => {
    const all = ['a', 'b', 'c', 'd', 'e'].map((topic) => new Series(topic).add([T0, `${topic} 1`], [T0, `${topic} 2`]));
    const before = sorted(logsFrame(all, LIVE), false);
    all[3].add([T0 + 5, 'd 3']);
    expect(sorted(logsFrame(all, LIVE), false)).toEqual([...before, 'd 3']);
    expect(sorted(logsFrame(all, LIVE), true)).toEqual(['d 3', ...before.toReversed()]);
  });
});

describe('lines that come fast', () => {
  const every = (ms: number, count: number, from = 0): Array<[number, string]> =>
    Array.from({ length: count }, (_, i) => [T0 + (from + i) * ms, `line ${from + i}`]);

  test('are the first 200 of each second in a live panel, and the others are counted', () => {
    const frame = logsFrame([new Series('t').add(...every(1, 2_500))], LIVE);
    const expected = [...every(1, 200), ...every(1, 200, 1_000), ...every(1, 200, 2_000)];
    expect(lines(frame)).toEqual(expected.map(([, text]) => text));
    expect(notices(frame)).toEqual([
      'The panel shows 600 of 2,500 lines. While it is live, it shows at most 200 lines of each second and 2,000 in all. Zoom into a time range to see every line of it.',
    ]);
  });

  test('are at most 2,000 new ones in ten seconds at 5,000 a second, however often the panel is drawn', () => {
    const series = new Series('t');
    const seen = new Set<unknown>();
    let most = 0;
    for (let tick = 0; tick < 100; tick++) {
      series.add(...every(0.2, 500, tick * 500));
      const frame = logsFrame([series], LIVE);
      column(frame, 'id').forEach((id) => seen.add(id));
      most = Math.max(most, frame.length);
    }
    expect(seen.size).toBe(2_000);
    expect(most).toBe(2_000);
    expect(notices(logsFrame([series], LIVE))).toEqual([
      expect.stringMatching(/^The panel shows 2,000 of 50,000 lines\./),
    ]);
  });

  test('of many topics share the 200', () => {
    const all = Array.from({ length: 50 }, (_, i) =>
      new Series(`t${i}`).add(
        ...Array.from({ length: 20 }, (__, n): [number, string] => [T0 + n * 50 + i, `${n} ${i}`])
      )
    );
    const frame = logsFrame(all, LIVE);
    const expected = Array.from({ length: 200 }, (_, i) => `${Math.floor(i / 50)} ${i % 50}`);
    expect(lines(frame)).toEqual(expected);
    expect(notices(frame)).toEqual([expect.stringMatching(/^The panel shows 200 of 1,000 lines\./)]);
  });

  test('are the newest 5,000 of a time range that has ended', () => {
    const frame = logsFrame([new Series('t').add(...every(0.2, 6_000))], ENDED);
    expect([frame.length, lines(frame)[0], lines(frame).at(-1)]).toEqual([5_000, 'line 1000', 'line 5999']);
    expect(notices(frame)).toEqual([
      'The panel shows 5,000 of 6,000 lines. It shows the newest 5,000. Zoom in to see the others.',
    ]);
  });

  test('and lines that come slowly are all there', () => {
    const frame = logsFrame(
      [new Series('a').add(...every(7, 1_500)), new Series('b').add(...every(60_000, 400))],
      LIVE
    );
    expect(frame.length).toBe(1_900);
    expect(notices(frame)).toBeUndefined();
  });
});

test('a line that a row before it changes the number of is read again', () => {
  const series = new Series('t').add([T0, 'one'], [T0 + 10, 'three']);
  expect(lines(logsFrame([series], LIVE))).toEqual(['one', 'three']);
  series.add([T0 + 5, 'two']);
  expect(lines(logsFrame([series], LIVE))).toEqual(['one', 'two', 'three']);
});

test('lines begin with their topic where no labels are shown', () => {
  const all = [new Series('home/a').add([T0, 'on']), new Series('home/b').add([T0 + 1, { level: 'warn', msg: 'hot' }])];
  const frame = logsFrame(all, { ...LIVE, linesNameTopic: true });
  expect(lines(frame)).toEqual(['home/a: on', 'home/b: hot']);
  expect(column(frame, 'severity')).toEqual(['', 'warn']);
});
