import { bundleForNode, scratchFolder } from '../bundle';
import { type Measurement, orFailure, type Result } from '../measurement';
import { type BenchOptions, rowsNamed } from '../options';
import { type Contest, nodeInTurns } from '../other/in-turns';
import { OTHER_NODE_ROWS } from '../other/node-rows';
import { ROOT } from '../paths';
import { forkFile } from '../processes';
import { NODE_ROWS } from './rows';
import { sizes } from './sizes';

/** How long a row may take, in milliseconds; a row takes seconds. */
const ROW_MS = 180_000;

/** How long a process has to write its profile, in milliseconds. */
const PROFILE_MS = 30_000;

interface Row {
  readonly name: string;
  readonly row: number;
  /** What two checkouts take turns in. */
  readonly contests?: readonly Contest[];
  /** Undefined: in a process of its own. */
  readonly measure?: (folder: string, options: NodeOptions) => Promise<Result[]>;
}

const ROWS: readonly Row[] = [
  ...Object.entries(NODE_ROWS).map(([name, row]) => ({ name, row })),
  { name: 'sizes', row: 29, measure: (folder, { other }) => sizes(folder, other) },
];

const OTHER_ROWS: readonly Row[] = OTHER_NODE_ROWS.map(({ name, row, contests }) => ({
  name,
  row,
  contests,
  measure: (folder, options) => besideOther(contests, folder, options),
}));

function besideOther(
  contests: readonly Contest[],
  folder: string,
  { short, profile, other = ROOT }: NodeOptions
): Promise<Result[]> {
  return nodeInTurns(30, contests, { folder, other, short, profile });
}

export type NodeOptions = Pick<BenchOptions, 'short' | 'only' | 'profile' | 'other'>;

/**
 * Measures each row in a process of its own, so that no row runs code that was compiled for the types of another. In its
 * short form it measures nothing of worth: all rows share a process, whose start takes longest.
 */
export async function nodeSuite(options: NodeOptions): Promise<Result[]> {
  const { short, profile } = options;
  const rows = rowsNamed(ROWS, options, OTHER_ROWS);
  using folder = await scratchFolder();
  const file = await bundleForNode('node/main.ts', folder.path, 'cjs');
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const inProcess = async (names: string): Promise<Result[]> => {
    using child = forkFile(file, short ? [names, '--short'] : [names], ['--expose-gc', ...flags]);
    const measurements = await child.message<Measurement[]>(ROW_MS);
    if (profile !== undefined) {
      await child.exit(PROFILE_MS);
    }
    return measurements;
  };
  const results: Result[] = [];
  const forked = rows.filter(({ measure }) => measure === undefined);
  if (short && forked.length > 0) {
    const names = forked.map(({ name }) => name).join(',');
    results.push(...(await orFailure(forked[0].row, names, () => inProcess(names))));
  }
  // One at a time, or the rows would measure each other.
  const contests = rows.flatMap((each) => each.contests ?? []);
  if (short && contests.length > 0) {
    results.push(...(await orFailure(30, 'other', () => besideOther(contests, folder.path, options))));
  }
  const here = rows.filter((each) => each.measure !== undefined && each.contests === undefined);
  for (const { name, row, measure } of short ? here : rows) {
    results.push(...(await orFailure(row, name, () => measure?.(folder.path, options) ?? inProcess(name))));
  }
  return results;
}
