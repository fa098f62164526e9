import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Proves that every row works and judges nothing. */
  readonly short: boolean;
  /** File that the figures are written to as JSON. */
  readonly json: string | undefined;
  /** Only rows whose name this matches. */
  readonly only: RegExp;
}

/** `--short`, `--json FILE`, `--only PATTERN`. @throws {TypeError} for anything else. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { short: { type: 'boolean' }, json: { type: 'string' }, only: { type: 'string' } },
  });
  return { short: values.short ?? false, json: values.json, only: new RegExp(values.only ?? '', 'i') };
}
