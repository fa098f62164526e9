import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { SeriesBuilder, ExtractedRow } from '../payload';
import { CircularFrame } from './circular-frame';

interface Given {
  readonly time: number;
  readonly value: unknown;
  /** Default: each row is a message. */
  readonly message?: number;
  readonly forecast?: boolean;
  readonly timed?: boolean;
  readonly historical?: boolean;
}

/** A series whose rows have times of their own, and the frame that they go to. */
class Series {
  readonly frame: CircularFrame;
  readonly #builder = new SeriesBuilder(0, 't', 10_000);
  #messages = 1e6;

  constructor(capacity: number) {
    this.frame = new CircularFrame(capacity);
  }

  add(...rows: readonly Given[]): this {
    for (const {
      time,
      value,
      timed = true,
      historical = false,
      message = this.#messages++,
      forecast = false,
    } of rows) {
      const row = { time, value, timed, historical, message, isAbout: forecast };
      this.#builder.addRow(Object.assign(new ExtractedRow([]), row));
    }
    const chunk = this.#builder.take();
    if (chunk !== undefined) {
      this.frame.append(chunk);
    }
    return this;
  }

  get times(): number[] {
    return this.frame.times(0, this.frame.length);
  }

  cells(name = 'Value'): unknown[] {
    const index = this.frame.columns.findIndex((column) => column.name === name);
    return this.frame.values(index, 0, this.frame.length);
  }
}

const row = (time: number, value: unknown = time): Given => ({ time, value });

/** Two messages that come together, and one after the other. */
const TWICE: Array<[how: string, add: (a: Given[], b: Given[], series: Series) => Series]> = [
  ['in one batch', (a, b, series) => series.add(...a, ...b)],
  ['in two', (a, b, series) => series.add(...a).add(...b)],
];

describe('rows out of order', () => {
  test('are put where their times belong, across batches and within one', () => {
    const series = new Series(100).add(row(10), row(30)).add(row(20)).add(row(50), row(5), row(40));
    expect(series.times).toEqual([5, 10, 20, 30, 40, 50]);
    expect(series.cells()).toEqual([5, 10, 20, 30, 40, 50]);
    expect(series.frame.newestTime).toBe(50);
    expect(series.frame.newest(0)).toBe(50);
  });

  test('of the same time stay in the order in which they came', () => {
    const series = new Series(100).add(row(10, 'a'), row(20, 'b')).add(row(10, 'c'), row(10, 'd'));
    expect(series.cells()).toEqual(['a', 'c', 'd', 'b']);
  });

  test('push out the oldest; older than all of a full frame, they are dropped and counted', () => {
    const series = new Series(3).add(row(10), row(20), row(30)).add(row(15), row(5), row(7));
    expect(series.times).toEqual([15, 20, 30]);
    expect(series.frame.late).toBe(2);
  });

  test('bring new columns, and leave the others missing', () => {
    const series = new Series(100).add(row(10, { a: 1 }), row(30, { a: 3, b: 'x' })).add(row(20, { c: true }));
    expect([series.cells('a'), series.cells('b'), series.cells('c')]).toEqual([
      [1, undefined, 3],
      [undefined, undefined, 'x'],
      [undefined, true, undefined],
    ]);
  });

  test('tell readers that rows have other numbers now, and those in order do not', () => {
    const series = new Series(100).add(row(10), row(30));
    const before = series.frame.revision;
    series.add(row(40)).add(row(40), row(50));
    expect(series.frame.revision).toBe(before);
    series.add(row(20));
    expect(series.frame.revision).toBeGreaterThan(before);
  });

  test('times of arrival follow a time of a payload that lies ahead', () => {
    const series = new Series(100).add(row(1_000)).add({ time: 10, value: 10, timed: false });
    series.add({ time: 10, value: 10, timed: false }, { time: 11, value: 11, timed: false });
    expect(series.times).toEqual([10, 10, 11, 1_000]);
    expect(series.frame.duplicates).toBe(0);
  });
});

describe('rows that come twice', () => {
  test('are kept once, in one batch or in two', () => {
    const message = { a: 1, b: null, c: [1, { d: 'x' }], e: NaN };
    const copy = (): Given => row(10, structuredClone(message));
    const series = new Series(100)
      .add(copy(), copy())
      .add(copy())
      .add(row(20, { a: 2 }), copy());
    expect(series.times).toEqual([10, 20]);
    expect(series.frame.duplicates).toBe(3);
  });

  test('are two rows where anything in them differs', () => {
    const series = new Series(100).add(row(10, { a: 1 }), row(10, { a: 2 }), row(10, { a: 1, b: null }), row(10, {}));
    expect(series.frame.length).toBe(4);
    expect(series.frame.duplicates).toBe(0);
  });

  test('are two rows where the time is that of their arrival', () => {
    const same = { time: 10, value: 1, timed: false };
    expect(new Series(100).add(same, same).add(same).times).toEqual([10, 10, 10]);
  });
});

/** The rows of one message. */
let messages = 0;
const message = (time: number | readonly number[], ...values: readonly unknown[]): Given[] => {
  messages++;
  return values.map((value, i) => ({ time: typeof time === 'number' ? time : time[i], value, message: messages }));
};

describe('rows of one message that are the same', () => {
  test('are all kept, because a message cannot repeat itself', () => {
    const series = new Series(100).add(...message(10, 5, 5, 5, 6));
    expect(series.cells()).toEqual([5, 5, 5, 6]);
    expect(series.frame.duplicates).toBe(0);
  });

  test.each(TWICE)('are kept once if the message comes twice, %s', (_, add) => {
    const series = add(message(10, 5, 5, 5, 6), message(10, 5, 5, 5, 6), new Series(100));
    expect(series.cells()).toEqual([5, 5, 5, 6]);
    expect(series.frame.duplicates).toBe(4);
    series.add(...message(10, 5, 5, 5, 5));
    expect(series.cells()).toEqual([5, 5, 5, 6, 5]);
  });

  test('are kept if they are not next to each other', () => {
    const series = new Series(100).add(...message([10, 20, 10, 5, 20, 10], 'a', 'b', 'a', 'c', 'b', 'x'));
    expect(series.times).toEqual([5, 10, 10, 10, 20, 20]);
    expect(series.cells()).toEqual(['c', 'a', 'a', 'x', 'b', 'b']);
  });

  test('are kept once if a long message comes twice', () => {
    const values = Array.from({ length: 2_000 }, (_, i) => i % 7);
    const series = new Series(10_000).add(...message(10, ...values)).add(...message(10, ...values));
    expect(series.cells()).toEqual(values);
  });

  test('are as many as in the message that has most of them', () => {
    const one = fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.record({ values: one, ends: fc.boolean() }), { maxLength: 6 }), (all) => {
        const series = new Series(100);
        const expected = new Map<number, number>();
        let batch: Given[] = [];
        for (const [i, { values, ends }] of all.entries()) {
          batch.push(...message(10, ...values));
          if (ends || i === all.length - 1) {
            series.add(...batch);
            batch = [];
          }
          for (const value of values) {
            expected.set(value, Math.max(expected.get(value) ?? 0, values.filter((each) => each === value).length));
          }
        }
        const seen = all.length === 0 ? [] : (series.cells() as number[]);
        expect(seen.toSorted((a, b) => a - b)).toEqual(
          [...expected].flatMap(([value, n]) => Array.from({ length: n }, () => value)).toSorted((a, b) => a - b)
        );
      })
    );
  });
});

describe('a forecast that comes again', () => {
  const forecast = (time: number | readonly number[], ...values: readonly unknown[]): Given[] =>
    message(time, ...values).map((each) => ({ ...each, forecast: true }));

  test.each(TWICE)('replaces the one before, %s', (_, add) => {
    const series = add(forecast([10, 20, 30], 100, 200, 300), forecast([20, 30, 40], 210, 310, 400), new Series(100));
    expect(series.times).toEqual([10, 20, 30, 40]);
    expect(series.cells()).toEqual([100, 210, 310, 400]);
    expect(series.frame.newest(0)).toBe(400);
    series.add(...forecast([10, 40], 100, 200)).add(...forecast([40], 400));
    expect(series.cells()).toEqual([100, 210, 310, 400]);
  });

  test('is replaced by what is measured at that time', () => {
    const series = new Series(100).add(...forecast([10, 20], 1, 2)).add(row(10, 1.5));
    expect(series.cells()).toEqual([1.5, 2]);
  });

  test('keeps the fields that the new one does not have', () => {
    const series = new Series(100).add(...forecast(10, { t: 1, rain: 0 })).add(...forecast(10, { t: 2, s: 'x' }));
    expect([series.cells('t'), series.cells('rain'), series.cells('s')]).toEqual([[2], [0], ['x']]);
    expect(series.frame.newest(2)).toBe('x');
  });

  test('leaves several rows of one time in their message', () => {
    const series = new Series(100).add(...forecast(10, 5, 5, 6)).add(...forecast(10, 5, 7, 8, 9));
    expect(series.cells()).toEqual([5, 7, 8, 9]);
  });

  test('is right when the frame is full', () => {
    const series = new Series(3).add(...forecast([10, 20, 30], 1, 2, 3));
    series.add(...forecast([20, 30, 40, 50], 2.5, 3.5, 4.5, 5.5));
    expect(series.times).toEqual([30, 40, 50]);
    expect(series.cells()).toEqual([3.5, 4.5, 5.5]);
  });
});

test('rows are the same in whichever batches they come', () => {
  const kind = fc.constantFrom('arrival', 'timed', 'historical');
  const given = fc.record({ kind, behind: fc.nat({ max: 5 }), value: fc.nat({ max: 1 }), ends: fc.boolean() });
  fc.assert(
    fc.property(fc.array(given, { maxLength: 30 }), (all) => {
      const rows = all.map(({ kind, behind, value }, i): Given => ({
        time: kind === 'arrival' ? i : i - behind,
        value,
        timed: kind !== 'arrival',
        historical: kind === 'historical',
      }));
      const [whole, single, parts] = [new Series(100), new Series(100), new Series(100)];
      whole.add(...rows);
      let part: Given[] = [];
      for (const [i, each] of rows.entries()) {
        single.add(each);
        part.push(each);
        if (all[i].ends || i === rows.length - 1) {
          parts.add(...part);
          part = [];
        }
      }
      const seen = ({ frame, times }: Series): unknown => [
        times,
        frame.length === 0 ? [] : frame.values(0, 0, frame.length),
        Array.from({ length: frame.length }, (_, i) => frame.mark(i)),
        frame.newestRow,
        frame.length === 0 ? undefined : frame.newest(0),
        frame.duplicates,
      ];
      expect(seen(single)).toEqual(seen(whole));
      expect(seen(parts)).toEqual(seen(whole));
      const { frame } = whole;
      const { newestRow } = frame;
      expect(newestRow === undefined ? undefined : frame.cell(0, newestRow)).toBe(
        frame.length === 0 ? undefined : frame.newest(0)
      );
    })
  );
});

test('a late row costs nothing where it is not late by much, and a bounded time where it is', () => {
  const series = new Series(1_000);
  series.add(...Array.from({ length: 1_000 }, (_, i) => row(i * 10)));
  for (let i = 0; i < 500; i++) {
    series.add(row(5_000 + i * 10 + 5));
  }
  expect(series.frame.length).toBe(1_000);
  expect(series.times).toEqual(series.times.toSorted((a, b) => a - b));
  expect(series.times[0]).toBe(5_000);
});

test('against a naive model: sorted, without doubles, the newest that fit', () => {
  const given = fc.record({ time: fc.nat({ max: 60 }), value: fc.nat({ max: 3 }) });
  const batches = fc.array(fc.array(given, { maxLength: 12 }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), batches, (capacity, all) => {
      const series = new Series(capacity);
      let model: Array<{ time: number; value: number }> = [];
      for (const batch of all) {
        series.add(...batch);
        const full = model.length >= capacity;
        const oldest = full ? model[0].time : -Infinity;
        for (const each of batch.toSorted((a, b) => a.time - b.time)) {
          if (each.time >= oldest && !model.some(({ time, value }) => time === each.time && value === each.value)) {
            model.push(each);
          }
        }
        model = model.toSorted((a, b) => a.time - b.time).slice(-capacity);
        expect(series.times).toEqual(model.map(({ time }) => time));
        if (series.frame.columns.length > 0) {
          expect(series.cells()).toEqual(model.map(({ value }) => value));
          const newest = series.frame.length === 0 ? undefined : model.at(-1)!.value;
          expect(series.frame.newest(0)).toBe(newest);
        }
      }
    })
  );
});

describe('a small frame, against a naive model', () => {
  const cell = fc.constantFrom<unknown>(1, 2, null, 'a', 'bb', true, [1, 'x'], undefined);
  const batches = fc.array(
    fc.array(
      fc.record({
        time: fc.nat({ max: 40 }),
        historical: fc.boolean(),
        a: cell,
        b: cell,
      }),
      { minLength: 1, maxLength: 8 }
    ),
    { maxLength: 12 }
  );

  interface Kept {
    readonly time: number;
    readonly historical: boolean;
    readonly value: Record<string, unknown>;
  }

  test('rows lie where their times are, the oldest go, and each column knows its newest cell', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 12 }), (all, capacity) => {
        const series = new Series(capacity);
        let kept: Kept[] = [];
        const counts = { late: 0, duplicates: 0, evicted: 0 };
        for (const batch of all) {
          const rows = batch.map(({ time, historical, a, b }): Kept => {
            const value = Object.fromEntries(Object.entries({ a, b }).filter(([, each]) => each !== undefined));
            return { time, historical, value };
          });
          series.add(...rows);
          const oldest = kept.length >= capacity ? kept[0].time : -Infinity;
          for (const row of rows.toSorted((x, y) => x.time - y.time)) {
            const same = kept.filter(({ time }) => time === row.time);
            if (row.time < oldest) {
              counts.late++;
            } else if (same.some(({ value }) => JSON.stringify(value) === JSON.stringify(row.value))) {
              counts.duplicates++;
            } else {
              const at = kept.findIndex(({ time }) => time > row.time);
              kept.splice(at < 0 ? kept.length : at, 0, row);
            }
          }
          counts.evicted += Math.max(0, kept.length - capacity);
          kept = kept.slice(-capacity);

          const { frame } = series;
          expect(series.times).toEqual(kept.map(({ time }) => time));
          expect({ late: frame.late, duplicates: frame.duplicates, evicted: frame.evicted }).toEqual(counts);
          for (const [column, { path, type }] of frame.columns.entries()) {
            const cellOf = ({ value }: Kept): unknown => {
              const own = value[String(path[0])];
              const is = Array.isArray(own) ? 'json' : own === null ? undefined : typeof own;
              return own === undefined || (is !== undefined && is !== type) ? undefined : own;
            };
            const cells = frame.values(column, 0, frame.length);
            // Null goes to the first column of its place, which this model does not tell.
            const known = (values: unknown[]): unknown[] => values.map((each) => each ?? undefined);
            expect(known(cells)).toEqual(known(kept.map(cellOf)));
            const seen = cells.filter((each, i) => each !== undefined && !kept[i].historical);
            expect(frame.newest(column)).toEqual(seen.at(-1));
          }
        }
      }),
      { numRuns: 500 }
    );
  });

  test('and weighs what it holds, however often rows were moved', () => {
    const series = new Series(8);
    const text = 'x'.repeat(1_000);
    for (let i = 0; i < 200; i++) {
      series.add(row(1_000 + ((i * 7) % 50) / 100 + i, { text: i % 3 === 0 ? text : 'short' }));
      series.add(row(1_000 + i - 3.5, { text }));
    }
    for (let i = 0; i < 16; i++) {
      series.add(row(10_000 + i, { text: '' }));
    }
    // Two numbers a row for its time and mark, and one place for a text of no length.
    expect(series.frame.bytes).toBe(new Series(8).add(row(1, { text: '' })).frame.bytes);
  });
});

test('one late row costs no more than moving those behind it', () => {
  const rows = 100_000;
  const frame = new CircularFrame(rows);
  const builder = new SeriesBuilder(0, 't', rows);
  const add = (time: number): void =>
    builder.addRow(
      Object.assign(new ExtractedRow([]), { time, timed: true, value: { a: time, b: 'x', c: [time], d: null } })
    );
  for (let i = 0; i < rows; i++) {
    add(2 * i);
  }
  frame.append(builder.take()!);
  const reads = (['cell', 'time', 'mark'] as const).map((name) => vi.spyOn(frame, name));
  add(2 * 500 + 1);
  frame.append(builder.take()!);
  expect(frame.length).toBe(rows);
  // The oldest has made room.
  expect(frame.times(498, 502)).toEqual([998, 1_000, 1_001, 1_002]);
  expect(reads.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThan(100);
});
