import { expect, test } from 'vitest';
import { fillGaps, type Gaps } from './past-gaps';
import type { Span } from './spans';

/** Gaps that begin with some, and what is done to them in turn. */
function gapsOf(...all: Span[]): { gaps: Gaps; log: string[]; all: () => readonly Span[] } {
  let known: readonly Span[] = all;
  const log: string[] = [];
  const gaps: Gaps = {
    all: () => known,
    add: (gap) => {
      known = [...known, gap];
      log.push(`add ${gap.from} to ${gap.to}`);
    },
    remove: (gap) => {
      known = known.filter((each) => each !== gap);
      log.push(`remove ${gap.from} to ${gap.to}`);
    },
    connectedAt: () => 0,
  };
  return { gaps, log, all: () => known };
}

test('what a historian missed of a gap is a gap before the whole is none', () => {
  const { gaps, log, all } = gapsOf({ from: 100, to: 200 });
  fillGaps(gaps, { from: 50, to: 300 }, [{ from: 120, to: 150 }]);
  expect(log).toEqual(['add 120 to 150', 'remove 100 to 200']);
  expect(all()).toEqual([{ from: 120, to: 150 }]);
});

test('a gap in which the historian was away stays as it is', () => {
  const { gaps, log, all } = gapsOf({ from: 100, to: 200 });
  fillGaps(gaps, { from: 50, to: 300 }, [{ from: 90, to: 250 }]);
  expect(log).toEqual([]);
  expect(all()).toEqual([{ from: 100, to: 200 }]);
});

test('a gap that a historian has filled is none', () => {
  const { gaps, all } = gapsOf({ from: 100, to: 200 }, { from: 400, to: 500 });
  fillGaps(gaps, { from: 50, to: 300 }, []);
  expect(all()).toEqual([{ from: 400, to: 500 }]);
});
