import { BROKER_ROW, frozen, idle, throughput, type BrokerStage } from './rows';
import { history } from './history';
import { bundleForNode, scratchFolder } from '../bundle';
import { orFailure, type Result } from '../measurement';
import type { BenchOptions } from '../options';

const ROWS: Record<string, [number, (stage: BrokerStage) => Promise<Result[]>]> = {
  throughput: [BROKER_ROW.throughput, throughput],
  idle: [BROKER_ROW.memory, idle],
  frozen: [BROKER_ROW.frozen, frozen],
  history: [BROKER_ROW.history, history],
};

/** Measures the broker of this repository next to bare Aedes and mosquitto, one row at a time. */
export async function brokerSuite({ short, only }: Pick<BenchOptions, 'short' | 'only'>): Promise<Result[]> {
  using folder = await scratchFolder();
  const file = await bundleForNode('broker/child.ts', folder.path, 'esm');
  const results: Result[] = [];
  for (const [name, [row, measure]] of Object.entries(ROWS)) {
    if (only.test(name)) {
      results.push(...(await orFailure(row, name, () => measure({ file, short }))));
    }
  }
  return results;
}
