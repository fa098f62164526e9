import type { Span } from './spans';

/** The times in which messages were missed, as the page shows them. */
export interface Gaps {
  all(): readonly Span[];
  add(gap: Span): void;
  remove(gap: Span): void;
  /** Time of the first connection, in milliseconds since 1970. */
  connectedAt(): number;
}

export interface KnownGaps extends Gaps {
  /** From when on gaps are known, in milliseconds since 1970: what came before is known from a historian alone. */
  knownFrom(): number;
}

/** Two clocks agree to some milliseconds only: what is missing may have no length, and is a gap of this one. */
const SHORTEST_MS = 1;

/**
 * A span that a historian has answered is no gap any more; a span that it may have missed itself still is.
 *
 * @param away when the historian was away.
 * @param toleranceMs how wrong these times may be, in this response and in earlier ones.
 */
export function fillGaps(gaps: KnownGaps, filled: Span, away: readonly Span[], toleranceMs: number): void {
  const unknown = [
    { from: 0, to: filled.from },
    { from: filled.to, to: Infinity },
  ];
  for (const gap of gaps.all().filter((each) => overlap(each, filled))) {
    // First what stays, so that the page never shows a line over it
    const stays = [addMissed(gaps, gap, unknown, 0), addMissed(gaps, gap, away, toleranceMs)];
    if (!stays.includes(true)) {
      gaps.remove(gap);
    }
  }
  addMissed(gaps, { from: filled.from, to: gaps.knownFrom() }, away, 0);
}

/**
 * A gap whose newer messages are about to be shown is a gap up to these.
 *
 * @param loaded the span of these messages.
 * @param before from when on messages were loaded until now, in milliseconds since 1970.
 * @param toleranceMs as in {@link fillGaps}.
 */
export function narrowGaps(
  gaps: KnownGaps,
  loaded: Span,
  before: number,
  away: readonly Span[],
  toleranceMs: number
): void {
  for (const gap of gaps.all().filter((each) => overlap(each, loaded))) {
    addMissed(gaps, gap, [{ from: 0, to: loaded.from }], 0);
    addMissed(gaps, gap, away, toleranceMs);
    if (gap.to === before && gap.from < loaded.from) {
      gaps.remove(gap);
    }
  }
  addMissed(gaps, { from: loaded.from, to: gaps.knownFrom() }, away, 0);
}

/**
 * A gap that may be all missed stays as it is: with each response that has other times, less of it would be left.
 *
 * @returns whether it is.
 */
function addMissed(gaps: KnownGaps, gap: Span, missed: readonly Span[], toleranceMs: number): boolean {
  let isWhole = false;
  for (const each of missed) {
    const widest = { from: each.from - toleranceMs, to: each.to + toleranceMs };
    if (gap.from < gap.to && overlap(gap, widest)) {
      const isAll = widest.from <= gap.from && widest.to >= gap.to;
      const from = isAll ? gap.from : Math.min(Math.max(gap.from, each.from), gap.to - SHORTEST_MS);
      const to = isAll ? gap.to : Math.max(Math.min(gap.to, each.to), gap.from + SHORTEST_MS);
      isWhole ||= isAll;
      if (!gaps.all().some((known) => known.from === from && known.to === to)) {
        gaps.add({ from, to });
      }
    }
  }
  return isWhole;
}

/** Whether two spans have time in common. */
function overlap(one: Span, other: Span): boolean {
  return one.from < other.to && one.to > other.from;
}
