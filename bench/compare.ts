import type { Pace } from './figure';
import { median } from './stats';

/** Does its operation n times; what it returns depends on all of them, so that none can be optimised away. */
export type Contestant = (n: number) => number;

/**
 * Nanoseconds per operation of each contestant: medians of samples taken in turns, so that what a busy machine does
 * to one it does to all.
 */
export function compare<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  pace: Pace
): Record<Name, number> {
  // Once: a collection before each sample would leave a heap as small and as cold as it never is in a page.
  globalThis.gc?.();
  const entries = Object.entries<Contestant>(contestants).map(([name, run]) => ({
    name: name as Name,
    run,
    n: countFor(run, pace.sampleMs),
    samples: [] as number[],
  }));
  for (let round = -pace.warmUps; round < pace.rounds; round++) {
    // Every second round backwards: nobody always inherits the same one's garbage.
    for (const entry of round % 2 === 0 ? entries : entries.toReversed()) {
      const ns = sample(entry.run, entry.n);
      if (round >= 0) {
        entry.samples.push(ns / entry.n);
      }
    }
  }
  return Object.fromEntries(entries.map(({ name, samples }) => [name, median(samples)])) as Record<Name, number>;
}

/** How many operations take about that long, once they are compiled. */
function countFor(run: Contestant, ms: number): number {
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

/** Taken before a virtual clock can have replaced it. */
const now = performance.now.bind(performance);

function sample(run: Contestant, n: number): number {
  const began = now();
  consume(run(n));
  return (now() - began) * 1e6;
}

/** Where results go: read by nobody, but the compiler cannot know. */
export function consume(value: number): void {
  Reflect.set(globalThis, 'benchSink', value);
}
