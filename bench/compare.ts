import type { Pace } from './measurement';
import { median } from './stats';

/** Runs its operation n times. The result depends on every run, so that the compiler cannot drop any. */
export type Contestant = (n: number) => number;

/**
 * Nanoseconds per operation of each contestant: medians of samples that are taken in turns, so that a busy machine
 * slows all contestants alike.
 */
export function compare<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  pace: Pace
): Record<Name, number> {
  // Once: a collection before each sample would give a smaller and colder heap than a page ever has.
  globalThis.gc?.();
  const entries = Object.entries<Contestant>(contestants).map(([name, run]) => ({
    name: name as Name,
    run,
    n: countFor(run, pace.sampleMs),
    samples: [] as number[],
  }));
  for (let round = -pace.warmUps; round < pace.rounds; round++) {
    // Every second round runs backwards, so that no contestant always inherits the garbage of the same other one.
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      const ns = sample(entry.run, entry.n);
      if (round >= 0) {
        entry.samples.push(ns / entry.n);
      }
    }
  }
  return Object.fromEntries(entries.map(({ name, samples }) => [name, median(samples)])) as Record<Name, number>;
}

/** The number of operations that take about `ms` milliseconds after they are compiled. */
export function countFor(run: Contestant, ms: number): number {
  let n = 1;
  for (let warm = 0; ;) {
    const took = sample(run, n) / 1e6;
    if (took >= ms / 2 && warm >= 5 * ms) {
      return Math.max(1, Math.round((n * ms) / took));
    }
    warm += took;
    n = took < ms / 2 ? n * 2 : n;
  }
}

/** Bound before a virtual clock can replace it. */
const now = performance.now.bind(performance);

function sample(run: Contestant, n: number): number {
  const began = now();
  consume(run(n));
  return (now() - began) * 1e6;
}

/** Takes results. Nobody reads them, but the compiler cannot know that. */
export function consume(value: number): void {
  Reflect.set(globalThis, 'benchSink', value);
}
