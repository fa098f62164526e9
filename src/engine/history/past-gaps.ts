import type { Span } from './spans';

/** The times in which messages were missed, as the page shows them. */
export interface Gaps {
  all(): readonly Span[];
  add(gap: Span): void;
  remove(gap: Span): void;
  /** Time of the first connection, in milliseconds since 1970: messages of before are known from a historian alone. */
  connectedAt(): number;
}

/**
 * A span that a historian has answered is no gap any more; a span that it may have missed itself still is.
 *
 * @param away when the historian was away.
 */
export function fillGaps(gaps: Gaps, filled: Span, away: readonly Span[]): void {
  const missed = [{ from: 0, to: filled.from }, ...away, { from: filled.to, to: Infinity }];
  for (const gap of gaps.all().filter((each) => overlap(each, filled))) {
    // First what stays, so that the page never shows a line over it
    const stays = addMissed(gaps, gap, missed);
    if (!stays) {
      gaps.remove(gap);
    }
  }
  addMissed(gaps, { from: filled.from, to: gaps.connectedAt() }, away);
}

/**
 * A gap whose newer messages are about to be shown is a gap up to these.
 *
 * @param loaded the span of these messages.
 * @param before from when on messages were loaded until now, in milliseconds since 1970.
 */
export function narrowGaps(gaps: Gaps, loaded: Span, before: number, away: readonly Span[]): void {
  for (const gap of gaps.all().filter((each) => overlap(each, loaded))) {
    addMissed(gaps, gap, [{ from: 0, to: loaded.from }, ...away]);
    if (gap.to === before && gap.from < loaded.from) {
      gaps.remove(gap);
    }
  }
  addMissed(gaps, { from: loaded.from, to: gaps.connectedAt() }, away);
}

/** @returns whether all of the gap was missed. */
function addMissed(gaps: Gaps, gap: Span, missed: readonly Span[]): boolean {
  let isWhole = false;
  for (const each of missed) {
    const [from, to] = [Math.max(gap.from, each.from), Math.min(gap.to, each.to)];
    isWhole ||= from === gap.from && to === gap.to;
    if (from < to && !gaps.all().some((known) => known.from === from && known.to === to)) {
      gaps.add({ from, to });
    }
  }
  return isWhole;
}

/** Whether two spans have time in common. */
function overlap(one: Span, other: Span): boolean {
  return one.from < other.to && one.to > other.from;
}
