import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Checks that every row works, and judges none. */
  readonly short: boolean;
  /** File that the measurements are written to as JSON. */
  readonly json: string | undefined;
  /** Only rows whose name matches. */
  readonly only: RegExp;
  /** Folder for CPU profiles: of each row of the suite `node`, of page and Worker in the row `profile` of `browser`. */
  readonly profile: string | undefined;
  /** Folder of another build of the plugin, which the row `first-row` measures in turns; the suite `browser` only. */
  readonly other: string | undefined;
}

export interface BenchCommand<Suite extends string> {
  readonly suite: Suite;
  readonly options: BenchOptions;
}

/**
 * `SUITE`, then `--short`, `--json FILE`, `--only PATTERN`; for the suites `node` and `browser`,
 * `--profile FOLDER`; and for `browser`, `--other FOLDER`.
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
  if (values.profile !== undefined && suite === 'broker') {
    throw new TypeError(`Expected --profile with the suites node and browser only, got it with ${suite}`);
  }
  if (values.other !== undefined && suite !== 'browser') {
    throw new TypeError(`Expected --other with the suite browser only, got it with ${suite}`);
  }
  return {
    suite,
    options: {
      short: values.short ?? false,
      json: values.json,
      only: new RegExp(values.only ?? '', 'i'),
      profile: values.profile,
      other: values.other,
    },
  };
}

/** The rows whose name matches. @throws {TypeError} if there are none; it names all rows. */
export function rowsNamed<Row extends { readonly name: string }>(rows: readonly Row[], only: RegExp): Row[] {
  const matching = rows.filter(({ name }) => only.test(name));
  if (matching.length === 0) {
    const names = rows.map(({ name }) => name).join(', ');
    throw new TypeError(`No row matches "${only.source}". The rows are ${names}`);
  }
  return matching;
}
