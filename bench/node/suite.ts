import { bundleForNode, scratchFolder } from '../bundle';
import { type Measurement, orFailure, type Result } from '../measurement';
import type { BenchOptions } from '../options';
import { forkFile } from '../processes';
import { NODE_ROWS } from './rows';

/** How long a row may take, in milliseconds; a row takes seconds. */
const ROW_MS = 180_000;

/** How long a process has to write its profile, in milliseconds. */
const PROFILE_MS = 30_000;

/** Measures each row in a process of its own, so that no row runs code that was compiled for the types of another. */
export async function nodeSuite({
  short,
  only,
  profile,
}: Pick<BenchOptions, 'short' | 'only' | 'profile'>): Promise<Result[]> {
  using folder = await scratchFolder();
  const file = await bundleForNode('node/main.ts', folder.path, 'cjs');
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const measure = (name: string, row: number): Promise<Result[]> =>
    orFailure(row, name, async () => {
      using child = forkFile(file, short ? [name, '--short'] : [name], ['--expose-gc', ...flags]);
      const measurements = await child.message<Measurement[]>(ROW_MS);
      if (profile !== undefined) {
        await child.exit(PROFILE_MS);
      }
      return measurements;
    });
  const rows = Object.entries(NODE_ROWS).filter(([name]) => only.test(name));
  if (short) {
    return (await Promise.all(rows.map(([name, row]) => measure(name, row)))).flat();
  }
  const results: Result[] = [];
  // One at a time, or the rows would measure each other.
  for (const [name, row] of rows) {
    results.push(...(await measure(name, row)));
  }
  return results;
}
