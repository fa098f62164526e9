/**
 * Pure signals: the same seed and time always give the same value. Times are in milliseconds; other values have no unit
 * unless their comment names one.
 */

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A uniformly distributed number in [0, 1) for a seed and an integer (an integer hash after xxHash32's finalizer). */
export function random(seed: number, n: number): number {
  let h =
    (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(n | 0, 0x85ebca77) ^ Math.imul(Math.floor(n / 2 ** 32), 0x27d4eb2f)) |
    0;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}

/** A separate seed for a named part of a model. */
export function seedFor(seed: number, name: string): number {
  let h = seed | 0;
  for (const char of name) {
    h = Math.imul(h ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return h;
}

/** Rises from 0 to 1 as `x` does, with zero slope at both ends. */
export function smoothstep(x: number): number {
  const t = Math.min(1, Math.max(0, x));
  return t * t * (3 - 2 * t);
}

/** Smooth noise in [-1, 1] with a new value every `period`. */
export function smoothNoise(seed: number, time: number, period: number): number {
  const at = time / period;
  const left = Math.floor(at);
  const a = random(seed, left) * 2 - 1;
  const b = random(seed, left + 1) * 2 - 1;
  return a + (b - a) * smoothstep(at - left);
}

/** Fractal noise in [-1, 1]: three octaves of {@link smoothNoise}, for the drift of weather and machines. */
export function fractalNoise(seed: number, time: number, period: number): number {
  return (
    (smoothNoise(seed, time, period) +
      smoothNoise(seed + 1, time, period / 3.7) * 0.4 +
      smoothNoise(seed + 2, time, period / 13) * 0.15) /
    1.55
  );
}

/** Sensor noise: normally distributed with a standard deviation of 1, with a new value every `step`. */
export function gaussianNoise(seed: number, time: number, step: number): number {
  const n = Math.floor(time / step);
  const u = random(seed, n) || Number.EPSILON;
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random(seed + 1, n));
}

/** Daily curve from -1 at 05:00, the coldest hour, to 1 at 17:00, the warmest. */
export function daily(time: number): number {
  return -Math.cos((2 * Math.PI * (time - 5 * HOUR)) / DAY);
}

export interface Episodes {
  /** Length of a slot, which has at most one episode. */
  every: number;
  /** Probability of an episode in a slot, 0 to 1. */
  chance: number;
  /** Shortest and longest duration. */
  lasts: readonly [number, number];
}

/** Time since the start of the current episode, and its duration; undefined between episodes. */
export function episode(seed: number, time: number, what: Episodes): { since: number; lasts: number } | undefined {
  const slot = Math.floor(time / what.every);
  if (random(seed, slot) >= what.chance) {
    return undefined;
  }
  const lasts = what.lasts[0] + random(seed + 1, slot) * (what.lasts[1] - what.lasts[0]);
  const start = slot * what.every + random(seed + 2, slot) * Math.max(0, what.every - lasts);
  const since = time - start;
  return since >= 0 && since < lasts ? { since, lasts } : undefined;
}

/**
 * First-order response to episodes, 0 to 1: it rises during an episode and decays afterwards, with `lag` as its time
 * constant, as the temperature of a room does with an open window. Only the current and the previous slot count.
 */
export function laggedResponse(seed: number, time: number, what: Episodes, lag: number): number {
  let level = 0;
  for (const slot of [Math.floor(time / what.every) - 1, Math.floor(time / what.every)]) {
    if (random(seed, slot) < what.chance) {
      const lasts = what.lasts[0] + random(seed + 1, slot) * (what.lasts[1] - what.lasts[0]);
      const start = slot * what.every + random(seed + 2, slot) * Math.max(0, what.every - lasts);
      const since = time - start;
      if (since > 0) {
        const risen = 1 - Math.exp(-Math.min(since, lasts) / lag);
        level = Math.max(level, since < lasts ? risen : risen * Math.exp(-(since - lasts) / lag));
      }
    }
  }
  return level;
}

/** Rounds to a number of decimals, as a device's firmware does. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  // Adding 0 turns -0 into 0
  return Math.round(value * factor) / factor + 0;
}
