import { describe, expect, test } from 'vitest';
import {
  type ColumnChunk,
  type ColumnType,
  NumberBuffer,
  halvesOf,
  readNumber,
  runsOf,
  SeriesBuilder,
  type SeriesChunk,
  writeNumber,
} from '../payload';
import { costOf } from '../testing/baseline';
import { CircularFrame } from './circular-frame';
import { seededRandom } from '../../testing/random';

const MISSING = undefined;

function floatsOf(cells: readonly unknown[]): Float64Array {
  const floats = new Float64Array(cells.length);
  cells.forEach((cell, i) => writeNumber(floats, halvesOf(floats), i, cell as number));
  return floats;
}

/** A column of a chunk, with its numbers where it has them. */
interface Given extends Omit<ColumnChunk, 'numbersAt'> {
  readonly numbers?: Float64Array;
}

function column(index: number, type: ColumnType, cells: readonly unknown[], withSpec = false): Given {
  return {
    index,
    ...(withSpec ? { spec: { path: [`c${index}`], name: `c${index}`, type } } : undefined),
    ...(type === 'number' || type === 'unknown' ? { numbers: floatsOf(cells) } : { values: [...cells] }),
  };
}

/** A chunk somewhere in the middle of a batch. */
function chunk(times: readonly number[], columns: Given[] = []): SeriesChunk {
  const buffer = new NumberBuffer(3 + times.length * (1 + columns.length));
  buffer.add(Float64Array.of(7, 8, 9), 0, 3);
  const timesAt = buffer.add(Float64Array.from(times), 0, times.length);
  return {
    series: 0,
    rows: times.length,
    dropped: 0,
    floats: buffer.floats,
    timesAt,
    columns: columns.map(({ numbers, ...rest }) =>
      numbers === undefined ? rest : { ...rest, numbersAt: buffer.add(numbers, 0, times.length) }
    ),
  };
}

function all(frame: CircularFrame): unknown[][] {
  return [frame.times(0, frame.length), ...frame.columns.map((_, index) => frame.values(index, 0, frame.length))];
}

/** A frame of one numeric column whose cells are its times. */
function filled(capacity: number, times: readonly number[]): CircularFrame {
  const frame = new CircularFrame(capacity);
  frame.append(chunk(times, [column(0, 'number', times, true)]));
  return frame;
}

describe('append', () => {
  test('keeps the newest rows, oldest out first', () => {
    const frame = filled(3, [1, 2]);
    expect([frame.length, frame.evicted]).toEqual([2, 0]);
    frame.append(chunk([3, 4], [column(0, 'number', [3, 4])]));
    expect(all(frame)).toEqual([
      [2, 3, 4],
      [2, 3, 4],
    ]);
    expect([frame.length, frame.evicted, frame.newestTime]).toEqual([3, 1, 4]);
  });

  test('of more rows than there is room for', () => {
    const frame = filled(3, [1, 2]);
    frame.append(chunk([3, 4, 5, 6, 7, 8, 9], [column(0, 'number', [3, 4, 5, 6, 7, 8, null])]));
    expect(all(frame)).toEqual([
      [7, 8, 9],
      [7, 8, null],
    ]);
    expect([frame.length, frame.evicted]).toEqual([3, 6]);
  });

  test('with a capacity of one', () => {
    const frame = filled(1, [1]);
    for (let i = 2; i < 6; i++) {
      frame.append(chunk([i], i % 2 === 0 ? [column(0, 'number', [i])] : []));
      expect(all(frame)).toEqual([[i], [i % 2 === 0 ? i : MISSING]]);
      expect(frame.newest(0)).toBe(i % 2 === 0 ? i : MISSING);
    }
  });

  test('a column that a chunk does not have is missing, not what lay there before', () => {
    const frame = filled(2, [1, 2]);
    frame.append(chunk([2, 2], [column(1, 'string', ['a', 'b'], true)]));
    expect(all(frame)).toEqual([
      [2, 2],
      [MISSING, MISSING],
      ['a', 'b'],
    ]);
    frame.append(chunk([3], [column(0, 'number', [3])]));
    expect(all(frame)).toEqual([
      [2, 3],
      [MISSING, 3],
      ['b', MISSING],
    ]);
  });

  test('a column that appears late is missing before', () => {
    const frame = filled(10, [1, 2, 3]);
    frame.append(chunk([4], [column(1, 'json', [[1]], true)]));
    expect(all(frame)).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, MISSING],
      [MISSING, MISSING, MISSING, [1]],
    ]);
  });

  test.each<[ColumnType, unknown]>([
    ['number', 5],
    ['string', 'x'],
    ['boolean', false],
    ['json', { a: 1 }],
  ])('a column of nulls that becomes %s after the ring has turned', (type, value) => {
    const frame = new CircularFrame(4);
    frame.append(
      chunk([1, 2, 3], [column(0, 'unknown', [null, MISSING, null], true), column(1, 'number', [1, 2, 3], true)])
    );
    frame.append(chunk([4, 5, 6], [column(0, 'unknown', [MISSING, MISSING, null]), column(1, 'number', [4, 5, 6])]));
    const before = frame.revision;
    frame.append(chunk([7], [column(0, type, [value], true), column(1, 'number', [7])]));
    expect(all(frame)).toEqual([
      [4, 5, 6, 7],
      [MISSING, MISSING, null, value],
      [4, 5, 6, 7],
    ]);
    expect(frame.columns[0].type).toBe(type);
    expect(frame.revision).toBe(before + 1);
  });

  test('columns of every type keep their rows as the frame grows', () => {
    const frame = new CircularFrame(1_000);
    for (let i = 0; i < 1_000; i++) {
      const first = i === 0;
      frame.append(chunk([i], [column(0, 'number', [i], first), column(1, 'string', [`s${i}`], first)]));
    }
    const rows = Array.from({ length: 1_000 }, (_, i) => i);
    expect(all(frame)).toEqual([rows, rows, rows.map((i) => `s${i}`)]);
  });

  test('does not keep the arrays of a chunk', () => {
    const given = chunk([1], [column(0, 'number', [1], true), column(1, 'string', ['a'], true)]);
    const frame = new CircularFrame(4);
    frame.append(given);
    given.floats.fill(9);
    given.columns[1].values![0] = 'z';
    expect(all(frame)).toEqual([[1], [1], ['a']]);
  });

  test('the revision and the columns stay while the schema does', () => {
    const frame = filled(10, [1]);
    const { revision, columns } = frame;
    frame.append(chunk([2], [column(0, 'number', [2])]));
    frame.append(chunk([3]));
    expect(frame.revision).toBe(revision);
    expect(frame.columns).toBe(columns);
  });
});

describe('memory', () => {
  test('grows with the rows and not beyond the capacity', () => {
    const frame = filled(10_000, [1]);
    expect(frame.bytes).toBe(2 * 64 * 8);
    const times = Array.from({ length: 25_000 }, (_, i) => i);
    frame.append(chunk(times, [column(0, 'number', times)]));
    expect(frame.bytes).toBe(2 * 10_000 * 8);
    frame.append(chunk(times, [column(0, 'number', times)]));
    expect(frame.bytes).toBe(2 * 10_000 * 8);
  });

  test('many columns that get their type at once cost no more than their cells', () => {
    const columns = 500;
    const times = Array.from({ length: 10_000 }, (_, i) => i);
    const nulls = floatsOf(times.map(() => null));
    const first = chunk(
      times,
      Array.from({ length: columns }, (_, i) => ({ ...column(i, 'unknown', [], true), numbers: nulls }))
    );
    const second = chunk(
      [10_000],
      Array.from({ length: columns }, (_, i) => column(i, 'boolean', [true], true))
    );
    let frame!: CircularFrame;
    // Some tenths of it; a hundred when each of them moves all the others.
    const cost = costOf(8 * 10_000 * columns, 10, () => {
      frame = new CircularFrame(10_000);
      frame.append(first);
      frame.append(second);
    });
    expect(cost).toBeLessThan(10);
    expect(frame.values(columns - 1, 9_998, 10_000)).toEqual([null, true]);
  });
});

describe('what is read', () => {
  const read = (): [CircularFrame, () => unknown[][]] => {
    const frame = new CircularFrame(4);
    for (let i = 1; i < 7; i++) {
      frame.append(chunk([i], [column(0, 'number', [i], i === 1), column(1, 'string', [`s${i}`], i === 1)]));
    }
    return [frame, () => all(frame)];
  };

  test('is plain arrays', () => {
    const [, arrays] = read();
    for (const array of arrays()) {
      expect(Array.isArray(array)).toBe(true);
      expect(Object.getPrototypeOf(array)).toBe(Array.prototype);
      expect(Object.keys(array)).toHaveLength(4);
    }
  });

  test("is the reader's own: nothing done to it reaches the ring or another reader", () => {
    const [, arrays] = read();
    const expected = [
      [3, 4, 5, 6],
      [3, 4, 5, 6],
      ['s3', 's4', 's5', 's6'],
    ];
    const [first, second] = [arrays(), arrays()];
    for (const array of first) {
      array.fill(0);
      array.length = 0;
      array.push(1, 2, 3, 4, 5, 6, 7, 8);
    }
    expect(second).toEqual(expected);
    expect(arrays()).toEqual(expected);
  });

  test('can be any span of rows', () => {
    const [frame] = read();
    for (let from = 0; from <= 4; from++) {
      for (let to = from; to <= 4; to++) {
        expect(frame.times(from, to)).toEqual([3, 4, 5, 6].slice(from, to));
        expect(frame.values(1, from, to)).toEqual(['s3', 's4', 's5', 's6'].slice(from, to));
      }
    }
  });
});

describe('rowsBetween', () => {
  const frame = filled(8, [0, 0, 10, 20, 20, 20, 30, 30, 40, 50]);

  test.each([
    // Rows: 10 20 20 20 30 30 40 50
    ['all', -Infinity, Infinity, 0, 8],
    ['both ends in it', 20, 30, 1, 6],
    ['equal times, all of them', 20, 20, 1, 4],
    ['between rows', 21, 29, 4, 4],
    ['before all', -5, 9, 0, 0],
    ['after all', 51, 60, 8, 8],
    ['up to the first', 0, 10, 0, 1],
    ['from the last', 50, 90, 7, 8],
    ['the wrong way around', 40, 20, 6, 6],
  ])('%s', (_, fromMs, toMs, from, to) => {
    expect(frame.rowsBetween(fromMs, toMs)).toEqual({ from, to });
  });

  test('of an empty frame', () => {
    expect(new CircularFrame(5).rowsBetween(0, 10)).toEqual({ from: 0, to: 0 });
  });
});

describe('newest', () => {
  test('is the newest cell that is not missing', () => {
    const frame = new CircularFrame(3);
    expect(frame.newestTime).toBeUndefined();
    frame.append(chunk([1, 2], [column(0, 'number', [7, MISSING], true), column(1, 'string', ['a', MISSING], true)]));
    expect([frame.newest(0), frame.newest(1), frame.newestTime]).toEqual([7, 'a', 2]);
    frame.append(chunk([3], [column(1, 'string', ['b'])]));
    expect([frame.newest(0), frame.newest(1)]).toEqual([7, 'b']);
    frame.append(chunk([4]));
    // Row 1 has left.
    expect([frame.newest(0), frame.newest(1), frame.newestTime]).toEqual([MISSING, 'b', 4]);
  });

  test.each([null, NaN, 0, false, ''])('may be %j', (cell) => {
    const frame = new CircularFrame(3);
    const type = typeof cell === 'boolean' ? 'boolean' : typeof cell === 'string' ? 'string' : 'number';
    frame.append(chunk([1, 2, 3], [column(0, type, [MISSING, cell, MISSING], true)]));
    expect(frame.newest(0)).toBe(cell);
  });

  test('in a chunk larger than the frame', () => {
    const frame = new CircularFrame(2);
    frame.append(chunk([1, 2, 3, 4], [column(0, 'number', [1, 2, MISSING, MISSING], true)]));
    expect(frame.newest(0)).toBeUndefined();
    frame.append(chunk([5, 6, 7, 8], [column(0, 'number', [1, 2, 3, MISSING])]));
    expect(frame.newest(0)).toBe(3);
  });
});

describe('against arrays', () => {
  test.each([1, 2, 3, 7, 63, 64, 65, 100, 128, 129, 500])('a capacity of %d', (capacity) => {
    const random = seededRandom(capacity);
    const below = (n: number): number => Math.floor(random() * n);
    const frame = new CircularFrame(capacity);
    const rows: unknown[][] = [];
    const types: ColumnType[] = [];
    let evicted = 0;
    let time = 0;
    const cell = (type: ColumnType, i: number): unknown => {
      const kind = random();
      if (kind < 0.3) {
        return kind < 0.2 ? MISSING : null;
      }
      const number = kind < 0.35 ? NaN : i + 0.5;
      return { number, time: i, string: `s${i}`, boolean: i % 2 === 0, json: [i], unknown: null }[type];
    };
    const appends = 2_000;
    for (let n = 0; n < appends; n++) {
      const size = [0, 1, 1, 2, below(10), below(capacity + 2), below(3 * capacity + 1)][below(n % 10 === 0 ? 7 : 5)];
      const times = Array.from({ length: size }, () => (time += below(3)));
      const defined = new Set<number>();
      if (types.length < 6 && random() < 20 / appends) {
        defined.add(
          types.push((['number', 'string', 'unknown', 'unknown', 'unknown', 'json'] as const)[types.length]) - 1
        );
      }
      const settling = types.indexOf('unknown');
      if (settling !== -1 && random() < 8 / appends) {
        types[settling] = (['number', 'string', 'boolean'] as const)[below(3)];
        defined.add(settling);
      }
      const columns = types.flatMap((type, index): Given[] =>
        defined.has(index) || random() < 0.7
          ? [
              column(
                index,
                type,
                times.map((_, i) => cell(type, n * 1_000 + i)),
                defined.has(index)
              ),
            ]
          : []
      );
      const given = chunk(times, columns);
      frame.append(given);
      const cells = types.map((_, index) => columns.find((each) => each.index === index));
      const source = cells.map((each) => (each === undefined ? undefined : readBack(each)));
      times.forEach((at, i) => rows.push([at, ...source.map((each) => each?.[i])]));
      const gone = Math.max(0, rows.length - capacity);
      evicted += gone;
      rows.splice(0, gone);

      expect([frame.length, frame.evicted, frame.newestTime]).toEqual([rows.length, evicted, rows.at(-1)?.[0]]);
      expect(frame.columns.map(({ type }) => type)).toEqual(types);
      const [a, b] = [below(rows.length + 1), below(rows.length + 1)].toSorted((x, y) => x - y);
      expect(frame.times(a, b)).toEqual(rows.slice(a, b).map((row) => row[0]));
      types.forEach((_, index) => {
        const expected = rows.map((row) => row[index + 1]);
        expect(frame.values(index, a, b)).toEqual(expected.slice(a, b));
        expect(frame.newest(index)).toEqual(expected.findLast((each) => each !== MISSING));
      });
      const [fromMs, toMs] = [time - below(2 * capacity), time - below(capacity)];
      const window = frame.rowsBetween(fromMs, toMs);
      expect(frame.times(window.from, window.to)).toEqual(
        rows.map((row) => row[0] as number).filter((at) => at >= fromMs && at <= toMs)
      );
    }
    expect(types).toHaveLength(6);
    expect(evicted).toBeGreaterThan(capacity);
  });

  function readBack({ numbers, values }: Given): unknown[] {
    return values ?? Array.from(numbers!, (_, i) => readNumber(numbers!, halvesOf(numbers!), i));
  }
});

describe('text that stays the same for a while', () => {
  test.each([1, 2, 3])('is in the rows that had it, however the batches cut it (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const below = (end: number): number => Math.floor(random() * end);
    const [inRuns, one] = [new CircularFrame(100), new CircularFrame(100)];
    const builder = new SeriesBuilder(0, 't', 1_000);
    const single = new SeriesBuilder(0, 't', 1_000);
    let [time, word, runs] = [0, 'w0', 0];
    for (let batch = 0; batch < 60; batch++) {
      const rows = 1 + below(150);
      const rowsPerWord = 1 + below(40);
      for (let i = 0; i < rows; i++) {
        word = random() < 1 / rowsPerWord ? `word ${below(1_000)}` : word;
        const message = { v: i, ...(random() < 0.02 ? undefined : { word }) };
        builder.add(++time, message);
        single.add(time, message);
        one.append(single.take()!);
      }
      const given = builder.take()!;
      runs += given.columns.filter(({ ends }) => ends !== undefined).length;
      inRuns.append(given);
      expect(all(inRuns)).toEqual(all(one));
      expect(inRuns.newest(1)).toBe(one.newest(1));
      expect(inRuns.bytes).toBe(one.bytes);
    }
    expect(runs).toBeGreaterThan(10);
  });

  test('is found by rows that come late, and by those that come twice', () => {
    const row = (at: number): [number, string] => [at, at < 20 ? 'off' : 'on'];
    const timed = (from: number, to: number): SeriesChunk => {
      const rows = Array.from({ length: to - from }, (_, i) => row(from + i));
      const runs = runsOf(rows.map(([, text]) => text))!;
      const { columns, ...rest } = chunk(
        rows.map(([at]) => at),
        [{ index: 0, spec: { path: ['s'], name: 's', type: 'string' }, ...runs }]
      );
      return { ...rest, columns, timed: true };
    };
    const frame = new CircularFrame(100);
    frame.append(timed(17, 40));
    frame.append(timed(0, 30));
    expect(frame.duplicates).toBe(13);
    expect(all(frame)).toEqual([
      Array.from({ length: 40 }, (_, i) => i),
      Array.from({ length: 40 }, (_, i) => row(i)[1]),
    ]);
  });
});

describe('the memory of text and JSON', () => {
  const bytesOf = (value: unknown, rows: number): number => {
    const builder = new SeriesBuilder(0, 't', 1_000);
    for (let i = 0; i < rows; i++) {
      builder.add(i, value);
    }
    const frame = new CircularFrame(64);
    frame.append(builder.take()!);
    return frame.bytes;
  };

  test('is that of what is in it, and goes with the rows', () => {
    const short = bytesOf('x', 64);
    const long = bytesOf('x'.repeat(10_000), 64);
    expect(long - short).toBeGreaterThan(630_000);
    expect(bytesOf('x'.repeat(10_000), 1_000)).toBe(long);
    expect(bytesOf(['x'.repeat(10_000)], 1) - short).toBeGreaterThan(9_000);
  });
});
