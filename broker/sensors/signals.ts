/**
 * Pure signals: the same seed and the same time give the same value, whatever was asked before. Times are milliseconds,
 * and everything else is dimensionless unless it says otherwise.
 */

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An even number in [0, 1) for a seed and a whole number (an integer hash after xxHash32's finalizer). */
export function dice(seed: number, n: number): number {
  let h =
    (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(n | 0, 0x85ebca77) ^ Math.imul(Math.floor(n / 2 ** 32), 0x27d4eb2f)) |
    0;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** A seed of its own for a part of a model, by name. */
export function seedFor(seed: number, name: string): number {
  let h = seed | 0;
  for (const char of name) {
    h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return h;
}

/** From 0 to 1 with a level start and end as `x` goes from 0 to 1. */
export function ease(x: number): number {
  const t = Math.min(1, Math.max(0, x));
  return t * t * (3 - 2 * t);
}

/** Smooth noise in [-1, 1] that takes about `period` to change its mind. */
export function wander(seed: number, time: number, period: number): number {
  const at = time / period;
  const left = Math.floor(at);
  const a = dice(seed, left) * 2 - 1;
  const b = dice(seed, left + 1) * 2 - 1;
  return a + (b - a) * ease(at - left);
}

/** Drift in [-1, 1]: `wander` with two finer ones on top, as weather and machines do it. */
export function drift(seed: number, time: number, period: number): number {
  return (
    (wander(seed, time, period) +
      wander(seed + 1, time, period / 3.7) * 0.4 +
      wander(seed + 2, time, period / 13) * 0.15) /
    1.55
  );
}

/** What a sensor adds of its own: normally distributed, new at every `step`, one standard deviation = 1. */
export function grain(seed: number, time: number, step: number): number {
  const n = Math.floor(time / step);
  const u = dice(seed, n) || Number.EPSILON;
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * dice(seed + 1, n));
}

/** From -1 at the coldest (05:00) to 1 at the warmest hour (17:00). */
export function daily(time: number): number {
  return -Math.cos((2 * Math.PI * (time - 5 * HOUR)) / DAY);
}

export interface Episodes {
  /** One episode at most in each of these. */
  every: number;
  /** How likely there is one, 0 to 1. */
  chance: number;
  /** Shortest and longest. */
  lasts: readonly [number, number];
}

/** Milliseconds since the current episode began, and how long it lasts; undefined between episodes. */
export function episode(seed: number, time: number, what: Episodes): { since: number; lasts: number } | undefined {
  const slot = Math.floor(time / what.every);
  if (dice(seed, slot) >= what.chance) {
    return undefined;
  }
  const lasts = what.lasts[0] + dice(seed + 1, slot) * (what.lasts[1] - what.lasts[0]);
  const start = slot * what.every + dice(seed + 2, slot) * Math.max(0, what.every - lasts);
  const since = time - start;
  return since >= 0 && since < lasts ? { since, lasts } : undefined;
}

/**
 * How far something follows its episodes, 0 to 1: it rises while one lasts and falls afterwards, with `lag` as its time
 * constant, as a room does with an open window. Episodes that ended more than one slot ago count no more.
 */
export function response(seed: number, time: number, what: Episodes, lag: number): number {
  let level = 0;
  for (const slot of [Math.floor(time / what.every) - 1, Math.floor(time / what.every)]) {
    if (dice(seed, slot) < what.chance) {
      const lasts = what.lasts[0] + dice(seed + 1, slot) * (what.lasts[1] - what.lasts[0]);
      const start = slot * what.every + dice(seed + 2, slot) * Math.max(0, what.every - lasts);
      const since = time - start;
      if (since > 0) {
        const risen = 1 - Math.exp(-Math.min(since, lasts) / lag);
        level = Math.max(level, since < lasts ? risen : risen * Math.exp(-(since - lasts) / lag));
      }
    }
  }
  return level;
}

/** Rounded to this many decimals, as a device's firmware does. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  // Adding 0 turns -0 into 0
  return Math.round(value * factor) / factor + 0;
}
