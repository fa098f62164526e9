import { decode } from '../micro/decode';
import { decodeFormats } from '../micro/decode-formats';
import { append } from '../micro/append';
import { packet } from '../micro/packet';
import { type Measurement, FULL, type Pace, SHORT } from '../measurement';
import { flatCovered, flatFilters, flatLatest, flatPanels, flatSeries, flatTable, flatWindow } from './flat';
import { kept } from './kept';
import { logs } from '../micro/logs';
import { memory } from './memory';
import { ringEdit, ringLive, ringMemory } from './ring';
import type { NodeRow } from './rows';

const MEASURES: Record<NodeRow, (pace: Pace) => Measurement[] | Promise<Measurement[]>> = {
  append,
  packet,
  decode,
  'decode-formats': decodeFormats,
  memory,
  'flat-window': flatWindow,
  'flat-panels': flatPanels,
  'flat-filters': flatFilters,
  'flat-covered': flatCovered,
  'flat-latest': flatLatest,
  'flat-table': flatTable,
  'flat-series': flatSeries,
  'ring-memory': ringMemory,
  'ring-edit': ringEdit,
  'ring-live': ringLive,
  logs,
  kept,
};

/** The process of one row, or of some one after the other: `main.cjs <row,…> [--short]`. It sends what it measured. */
async function main([rows, short]: readonly string[]): Promise<void> {
  const measurements: Measurement[] = [];
  for (const row of rows.split(',')) {
    measurements.push(...(await MEASURES[row as NodeRow](short === '--short' ? SHORT : FULL)));
  }
  process.send?.(measurements, undefined, undefined, () => process.exit(0));
}

process.once('disconnect', () => process.exit(1));
void main(process.argv.slice(2));
