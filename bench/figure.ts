/** One figure of the table: ours, its peer's from the same run, and what is to be reached. */
export interface Figure {
  /** Row of the table of issue 3 that it belongs to. */
  readonly row: number;
  readonly what: string;
  readonly ours: Quantity;
  readonly peer?: Quantity & { readonly name: string };
  readonly ratio?: Ratio;
  readonly toReach?: string;
  /** Left out where nothing is to be reached. */
  readonly reached?: boolean;
  /** What else was counted. */
  readonly note?: string;
}

/** A row that could not be measured here, and why. */
export interface Unmeasured {
  readonly row: number;
  readonly what: string;
  readonly unmeasured: string;
  /** It should have been: something is wrong. */
  readonly failed?: boolean;
}

export type Result = Figure | Unmeasured;

/** What was measured; or, so that the other rows are not lost with it, why it could not be. */
export async function orFailure(row: number, what: string, measure: () => Promise<Result[]>): Promise<Result[]> {
  try {
    return await measure();
  } catch (error) {
    return [{ row, what, unmeasured: error instanceof Error ? error.message : String(error), failed: true }];
  }
}

export type Unit = 'ns' | 'µs' | 'ms' | '/s' | '%' | 'bytes' | '×';

export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
}

export interface Ratio {
  readonly value: number;
  readonly means: 'times cheaper' | 'times its cost' | 'of its rate' | 'times its size' | 'largest by smallest';
}

/** How long to measure: for the table, or only to prove that it works. */
export interface Pace {
  readonly short: boolean;
  /** Milliseconds that one sample of a contestant takes. */
  readonly sampleMs: number;
  readonly rounds: number;
  readonly warmUps: number;
}

export const FULL: Pace = { short: false, sampleMs: 10, rounds: 45, warmUps: 5 };
export const SHORT: Pace = { short: true, sampleMs: 1, rounds: 2, warmUps: 0 };

export function isMeasured(result: Result): result is Figure {
  return 'ours' in result;
}
