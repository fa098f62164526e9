import { bundleForNode, scratchFolder } from './bundle';
import { type Figure, orFailure, type Result } from './figure';
import { NODE_ROWS } from './node/rows';
import type { BenchOptions } from './options';
import { forkFile } from './processes';

/** A row takes seconds; one that takes minutes hangs. */
const ROW_MS = 180_000;

/** Measures each row in a process of its own, so that none runs code that was compiled for another's types. */
export async function nodeBench({ short, only }: Pick<BenchOptions, 'short' | 'only'>): Promise<Result[]> {
  using folder = await scratchFolder();
  const file = await bundleForNode('node/main.ts', folder.path, 'cjs');
  const measure = (name: string, row: number): Promise<Result[]> =>
    orFailure(row, name, async () => {
      using child = forkFile(file, short ? [name, '--short'] : [name], ['--expose-gc']);
      return await child.message<Figure[]>(ROW_MS);
    });
  const rows = Object.entries(NODE_ROWS).filter(([name]) => only.test(name));
  if (short) {
    return (await Promise.all(rows.map(([name, row]) => measure(name, row)))).flat();
  }
  const results: Result[] = [];
  for (const [name, row] of rows) {
    results.push(...(await measure(name, row)));
  }
  return results;
}
