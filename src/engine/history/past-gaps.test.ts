import { afterEach, describe, expect, test } from 'vitest';
import { fillGaps, type KnownGaps, narrowGaps } from './past-gaps';
import type { Span } from './spans';

let connectedAt = 0;
let storedFrom = Infinity;

/** Gaps that begin with some, and what is done to them in turn. */
function gapsOf(...all: Span[]): { gaps: KnownGaps; log: string[]; all: () => readonly Span[] } {
  let known: readonly Span[] = all;
  const log: string[] = [];
  const gaps: KnownGaps = {
    all: () => known,
    add: (gap) => {
      known = [...known, gap];
      log.push(`add ${gap.from} to ${gap.to}`);
    },
    remove: (gap) => {
      known = known.filter((each) => each !== gap);
      log.push(`remove ${gap.from} to ${gap.to}`);
    },
    connectedAt: () => connectedAt,
    knownFrom: () => Math.min(connectedAt, storedFrom),
  };
  return { gaps, log, all: () => known };
}

afterEach(() => {
  connectedAt = 0;
  storedFrom = Infinity;
});

test('what a historian missed of a gap is a gap before the whole is none', () => {
  const { gaps, log, all } = gapsOf({ from: 100, to: 200 });
  fillGaps(gaps, { from: 50, to: 300 }, [{ from: 120, to: 150 }], 0);
  expect(log).toEqual(['add 120 to 150', 'remove 100 to 200']);
  expect(all()).toEqual([{ from: 120, to: 150 }]);
});

test('a gap in which the historian was away stays as it is', () => {
  const { gaps, log, all } = gapsOf({ from: 100, to: 200 });
  fillGaps(gaps, { from: 50, to: 300 }, [{ from: 90, to: 250 }], 0);
  expect(log).toEqual([]);
  expect(all()).toEqual([{ from: 100, to: 200 }]);
});

test('a gap that a historian has filled is none', () => {
  const { gaps, all } = gapsOf({ from: 100, to: 200 }, { from: 400, to: 500 });
  fillGaps(gaps, { from: 50, to: 300 }, [], 0);
  expect(all()).toEqual([{ from: 400, to: 500 }]);
});

describe('the clock of a historian is known to some milliseconds only', () => {
  test('what it missed stays a gap, whatever later responses say of its time', () => {
    const { gaps, all } = gapsOf({ from: 100, to: 400 });
    fillGaps(gaps, { from: 0, to: 500 }, [{ from: 90, to: 132 }], 25);
    const missed = [{ from: 100, to: 132 }];
    expect(all()).toEqual(missed);
    for (const error of [20, -20, -45, 45]) {
      const away = [{ from: 90 + error, to: 132 + error }];
      narrowGaps(gaps, { from: 50, to: 500 }, Infinity, away, 50);
      fillGaps(gaps, { from: 0, to: 500 }, away, 50);
      expect(all(), `${error} ms later`).toEqual(missed);
    }
  });

  test.each([
    [
      { from: 60, to: 95 },
      { from: 100, to: 101 },
    ],
    [
      { from: 405, to: 440 },
      { from: 399, to: 400 },
    ],
  ])('it was away from %o, which may be in the gap', (away, gap) => {
    const { gaps, all } = gapsOf({ from: 100, to: 400 });
    fillGaps(gaps, { from: 0, to: 500 }, [away], 20);
    expect(all()).toEqual([gap]);
    const other = gapsOf({ from: 100, to: 400 });
    fillGaps(other.gaps, { from: 0, to: 500 }, [away], 2);
    expect(other.all()).toEqual([]);
  });
});

describe('before the page connected', () => {
  test('all that a historian missed is a gap', () => {
    connectedAt = 400;
    for (const away of [
      { from: 0, to: 500 },
      { from: 100, to: 400 },
    ]) {
      const { gaps, all } = gapsOf();
      fillGaps(gaps, { from: 100, to: 600 }, [away], 5);
      expect(all()).toEqual([{ from: 100, to: 400 }]);
    }
  });

  test('but not where the browser has stored what came', () => {
    connectedAt = 400;
    storedFrom = 200;
    // Between the last of these and the connection
    const { gaps, all } = gapsOf({ from: 350, to: 400 });
    fillGaps(gaps, { from: 100, to: 600 }, [{ from: 0, to: 500 }], 5);
    narrowGaps(gaps, { from: 50, to: 600 }, Infinity, [{ from: 0, to: 500 }], 5);
    expect(all().toSorted((a, b) => a.from - b.from)).toEqual([
      { from: 50, to: 200 },
      { from: 100, to: 200 },
      { from: 350, to: 400 },
    ]);
  });
});
