import { messageOf } from '../src/utils/errors';

/** The interval that Grafana suggests for a panel of half a page over five minutes, in milliseconds. */
export const PANEL_INTERVAL_MS = 500;

/** One row of the table: our result, the peer's from the same run, and the target. */
export interface Measurement {
  /** Number of the row in the table; several measurements can share a number. */
  readonly row: number;
  readonly what: string;
  readonly ours: Quantity;
  readonly peer?: Quantity & { readonly name: string };
  readonly ratio?: Ratio;
  readonly target?: string;
  /** Whether the target is met; undefined without a target. */
  readonly met?: boolean;
  /** What the value is the sum of, in its unit. */
  readonly parts?: readonly Part[];
  /** Further counts. */
  readonly note?: string;
}

export interface Part {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
}

/** A row that could not be measured, and the reason. */
export interface Unmeasured {
  readonly row: number;
  readonly what: string;
  readonly unmeasured: string;
  /** The measurement failed; it was not skipped. */
  readonly failed?: boolean;
}

export type Result = Measurement | Unmeasured;

/** The measurements; or, so that other rows still run, the reason why there are none. */
export async function orFailure(row: number, what: string, measure: () => Promise<Result[]>): Promise<Result[]> {
  try {
    return await measure();
  } catch (error) {
    return [{ row, what, unmeasured: messageOf(error), failed: true }];
  }
}

export type Unit = 'ns' | 'µs' | 'ms' | 's' | '/s' | '%' | 'bytes' | 'kB' | '×';

export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
}

export interface Ratio {
  readonly value: number;
  readonly means: 'times cheaper' | 'times its cost' | 'of its rate' | 'times its size' | 'largest by smallest';
}

/** Costs per operation of ours and of a peer, and how many times cheaper ours should be; 1: not slower. */
export interface Comparison extends Pick<Measurement, 'row' | 'what'> {
  readonly ours: Quantity;
  readonly peer: Quantity & { readonly name: string };
  readonly timesCheaper: number;
}

/** A measurement whose target is to be cheaper than the peer. */
export function cheaper({ row, what, ours, peer, timesCheaper }: Comparison): Measurement {
  const ratio = peer.value / ours.value;
  return {
    row,
    what,
    ours,
    peer,
    ratio: { value: ratio, means: 'times cheaper' },
    target: timesCheaper === 1 ? 'not slower' : `${timesCheaper} times cheaper`,
    met: ratio >= timesCheaper,
  };
}

/** Ours and a peer's of one row, before the target. */
export interface Compared extends Pick<Measurement, 'row' | 'what' | 'ours' | 'parts' | 'note'> {
  readonly peer: Quantity & { readonly name: string };
}

/** A measurement whose target is to cost at most `times` as much as the peer. */
export function costsAtMost(compared: Compared, times: number): Measurement {
  const ratio = compared.ours.value / compared.peer.value;
  return {
    ...compared,
    ratio: { value: ratio, means: 'times its cost' },
    target: `at most ${times} times it`,
    met: ratio <= times,
  };
}

/** A measurement whose target is at least `times` the peer's rate, in messages per second. */
export function reachesRate(compared: Compared, times: number): Measurement {
  const ratio = compared.ours.value / compared.peer.value;
  return {
    ...compared,
    ratio: { value: ratio, means: 'of its rate' },
    target: `at least ${times} of it`,
    met: ratio >= times,
  };
}

/** How long to measure: for the table, or only to check that the row works. */
export interface Pace {
  readonly short: boolean;
  /** Duration of one sample of a contestant, in milliseconds. */
  readonly sampleMs: number;
  readonly rounds: number;
  readonly warmUps: number;
}

export const FULL: Pace = { short: false, sampleMs: 10, rounds: 45, warmUps: 5 };
export const SHORT: Pace = { short: true, sampleMs: 1, rounds: 2, warmUps: 0 };

export function isMeasured(result: Result): result is Measurement {
  return 'ours' in result;
}
