import { bundleForNode, scratchFolder } from '../bundle';
import { type Measurement, orFailure, type Result } from '../measurement';
import { type BenchOptions, rowsNamed } from '../options';
import { forkFile } from '../processes';
import { NODE_ROWS } from './rows';

/** How long a row may take, in milliseconds; a row takes seconds. */
const ROW_MS = 180_000;

/** How long a process has to write its profile, in milliseconds. */
const PROFILE_MS = 30_000;

/**
 * Measures each row in a process of its own, so that no row runs code that was compiled for the types of another. In its
 * short form it measures nothing of worth: all rows share a process, whose start takes longest.
 */
export async function nodeSuite({
  short,
  only,
  profile,
}: Pick<BenchOptions, 'short' | 'only' | 'profile'>): Promise<Result[]> {
  const rows = rowsNamed(
    Object.entries(NODE_ROWS).map(([name, row]) => ({ name, row })),
    only
  );
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
  if (short) {
    return await measure(rows.map(({ name }) => name).join(','), rows[0].row);
  }
  const results: Result[] = [];
  // One at a time, or the rows would measure each other.
  for (const { name, row } of rows) {
    results.push(...(await measure(name, row)));
  }
  return results;
}
