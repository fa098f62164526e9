import { BROKER_ROW, frozen, idle, throughput, type BrokerStage } from './rows';
import { history } from './history';
import { bundleForNode, scratchFolder } from '../bundle';
import { orFailure, type Result } from '../measurement';
import { type BenchOptions, rowsNamed } from '../options';

interface Row {
  readonly name: string;
  readonly row: number;
  readonly measure: (stage: BrokerStage) => Promise<Result[]>;
}

const ROWS: readonly Row[] = [
  { name: 'throughput', row: BROKER_ROW.throughput, measure: throughput },
  { name: 'idle', row: BROKER_ROW.memory, measure: idle },
  { name: 'frozen', row: BROKER_ROW.frozen, measure: frozen },
  { name: 'history', row: BROKER_ROW.history, measure: history },
];

/** Measures the broker of this repository next to bare Aedes and mosquitto, one row at a time. */
export async function brokerSuite({ short, only }: Pick<BenchOptions, 'short' | 'only'>): Promise<Result[]> {
  const rows = rowsNamed(ROWS, { only, other: undefined });
  using folder = await scratchFolder();
  const file = await bundleForNode('broker/child.ts', folder.path, 'esm');
  const results: Result[] = [];
  for (const { name, row, measure } of rows) {
    results.push(...(await orFailure(row, name, () => measure({ file, short }))));
  }
  return results;
}
