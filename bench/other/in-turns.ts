import { join } from 'node:path';
import { costsAtMost, reachesRate, type Measurement, type Unit } from '../measurement';
import { ROOT } from '../paths';
import { type Forked, forkFile } from '../processes';
import { median, quantile } from '../stats';
import { bundleContestant } from './bundle-contestant';
import type { SampleName } from './contestant';

/** How much more all changes together may cost: 5 %, and with messages stored 10 %. */
export const MOST = { plain: 1.05, stored: 1.1 } as const;

/** Each process compiles and lays out its code a little differently, so a contest has several of each side. */
const PAIRS = 3;
const ROUNDS = 45;

/** How long preparing or a sample may take, in milliseconds. */
const WAIT_MS = 180_000;

/** What is compared, and how it is judged. */
export interface Contested {
  readonly what: string;
  readonly unit: Unit;
  /** The unit is this often a sample. Default 1. */
  readonly scale?: number;
  /** Times the other one. Default: as without stored messages. */
  readonly most?: number;
  /** More is better: not less than the other one. */
  readonly isMore?: boolean;
}

export interface Contest extends Contested {
  /** Of this checkout; and of the other one, if it is not the same. */
  readonly sample: SampleName;
  readonly beside?: SampleName;
  /** Default 45; a sample of a long one is steadier. */
  readonly rounds?: number;
}

/** The samples of both sides, in the order in which they were taken. */
export interface Sides {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** {@link Sides} while samples are taken. */
type Turns = Record<keyof Sides, number[]>;

/** Medians of samples that were taken in turns, and whether ours is within its limit. */
export function judged(row: number, contest: Contested, sides: Sides): Measurement {
  const { what, unit, scale = 1, most = MOST.plain, isMore = false } = contest;
  const ratios = sides.ours.map((value, round) => value / sides.theirs[round]);
  const [low, high] = [0.25, 0.75].map((part) => quantile(ratios, part).toFixed(2));
  const best = Math.min(...sides.ours) / Math.min(...sides.theirs);
  const compared = {
    row,
    what: `in turns: ${what}`,
    ours: { value: scale * median(sides.ours), unit },
    peer: { name: 'the other build', value: scale * median(sides.theirs), unit },
    note: `half of ${ratios.length} rounds from ${low} to ${high} times, the best samples ${best.toFixed(2)} times`,
  };
  return isMore ? reachesRate(compared, 1) : costsAtMost(compared, most);
}

export interface TurnOptions {
  /** For the bundles. */
  readonly folder: string;
  /** The other checkout. */
  readonly other: string;
  readonly short: boolean;
  /** For CPU profiles. */
  readonly profile: string | undefined;
}

/**
 * Lets this checkout and another one measure the same in turns, each in a process of its own.
 *
 * With a folder for profiles, each process writes its own at its end.
 */
export async function nodeInTurns(
  row: number,
  contests: readonly Contest[],
  { folder, other, short, profile }: TurnOptions
): Promise<Measurement[]> {
  const [ours, theirs] = await Promise.all([
    bundleContestant(ROOT, join(folder, 'ours.cjs')),
    bundleContestant(other, join(folder, 'theirs.cjs')),
  ]);
  const flags = short ? ['--short'] : [];
  const fork = (side: keyof Sides, name: string): Forked => {
    const file = `--cpu-prof-name=other-${name}-${side}.cpuprofile`;
    const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, file];
    return forkFile(side === 'ours' ? ours : theirs, flags, ['--expose-gc', ...profiling]);
  };
  // Code that was compiled for one contest would run in the next. The short form measures nothing of worth.
  const groups = short ? [contests] : contests.map((contest) => [contest]);
  const results: Measurement[] = [];
  for (const group of groups) {
    const sides = group.map((): Turns => ({ ours: [], theirs: [] }));
    const { rounds = ROUNDS } = group[0];
    const pairs = short ? 1 : Math.min(PAIRS, rounds);
    for (let pair = 0; pair < pairs; pair++) {
      using a = fork('ours', group[0].sample);
      using b = fork('theirs', group[0].sample);
      for (const [i, contest] of group.entries()) {
        await takeTurns(a, b, contest, sides[i], short ? 1 : Math.ceil(rounds / pairs));
      }
      if (profile !== undefined) {
        for (const each of [a, b]) {
          each.process.disconnect();
          await each.exit(WAIT_MS);
        }
      }
    }
    results.push(...group.map((contest, i) => judged(row, contest, sides[i])));
  }
  return results;
}

async function takeTurns(
  a: Forked,
  b: Forked,
  { sample, beside = sample }: Contest,
  turns: Turns,
  rounds: number
): Promise<void> {
  await ask(a, { prepare: sample });
  await ask(b, { prepare: beside });
  for (let round = 0; round < rounds; round++) {
    for (const isOurs of round % 2 === 0 ? [true, false] : [false, true]) {
      (isOurs ? turns.ours : turns.theirs).push(await ask(isOurs ? a : b, {}));
    }
  }
}

async function ask(process: Forked, order: { prepare?: SampleName }): Promise<number> {
  process.send(order);
  const { value, failure } = await process.message<{ value?: number; failure?: string }>(WAIT_MS);
  if (value === undefined) {
    throw new Error(failure ?? 'no sample');
  }
  return value;
}
