import { parseArgs } from 'node:util';
import { checkoutAt } from './other/checkout';

export interface BenchOptions {
  /** Checks that every row works, and judges none. */
  readonly short: boolean;
  /** File that the measurements are written to as JSON. */
  readonly json: string | undefined;
  /** Only rows whose name matches. */
  readonly only: RegExp;
  /** Folder for CPU profiles: of each row of the suite `node`, of page and Worker in the row `profile` of `browser`. */
  readonly profile: string | undefined;
  /** A checkout of another commit with its build, to measure in turns; the suites `node` and `browser`. */
  readonly other: string | undefined;
}

export interface BenchCommand<Suite extends string> {
  readonly suite: Suite;
  readonly options: BenchOptions;
}

/**
 * `SUITE`, then `--short`, `--json FILE`, `--only PATTERN`; for the suites `node` and `browser`,
 * `--profile FOLDER` and `--other FOLDER`.
 *
 * @throws {TypeError} for an unknown suite or option, and for `--profile` and `--other` with another suite.
 */
export function parseCommand<Suite extends string>(
  args: readonly string[],
  suites: readonly Suite[]
): BenchCommand<Suite> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      short: { type: 'boolean' },
      json: { type: 'string' },
      only: { type: 'string' },
      profile: { type: 'string' },
      other: { type: 'string' },
    },
  });
  const suite = suites.find((each) => each === positionals[0]);
  if (suite === undefined || positionals.length > 1) {
    throw new TypeError(`Expected one suite of ${suites.join(', ')}, got "${positionals.join(' ')}"`);
  }
  for (const option of ['profile', 'other'] as const) {
    if (values[option] !== undefined && suite === 'broker') {
      throw new TypeError(`Expected --${option} with the suites node and browser only, got it with ${suite}`);
    }
  }
  return {
    suite,
    options: {
      short: values.short ?? false,
      json: values.json,
      only: new RegExp(values.only ?? '', 'i'),
      profile: values.profile,
      other: values.other === undefined ? undefined : checkoutAt(values.other),
    },
  };
}

/**
 * The rows whose name matches.
 *
 * @param others the rows that need another checkout.
 * @throws {TypeError} if there are none; it names all rows.
 */
export function rowsNamed<Row extends { readonly name: string }>(
  rows: readonly Row[],
  { only, other }: Pick<BenchOptions, 'only' | 'other'>,
  others: readonly Row[] = []
): Row[] {
  const there = other === undefined ? rows : [...rows, ...others];
  const matching = there.filter(({ name }) => only.test(name));
  if (matching.length === 0) {
    const names = (each: readonly Row[]): string => each.map(({ name }) => name).join(', ');
    const more = other !== undefined || others.length === 0 ? '' : `; with --other FOLDER also ${names(others)}`;
    throw new TypeError(`No row matches "${only.source}". The rows are ${names(there)}${more}`);
  }
  return matching;
}
