import { decode } from '../micro/decode';
import { decodeFormats } from '../micro/decode-formats';
import { append } from '../micro/append';
import { packet } from '../micro/packet';
import { type Figure, FULL, type Pace, SHORT } from '../figure';
import { flatFilters, flatPanels, flatWindow } from './flat';
import { memory } from './memory';
import type { NodeRow } from './rows';

const MEASURES: Record<NodeRow, (pace: Pace) => Figure[] | Promise<Figure[]>> = {
  append,
  packet,
  decode,
  'decode-formats': decodeFormats,
  memory,
  'flat-window': flatWindow,
  'flat-panels': flatPanels,
  'flat-filters': flatFilters,
};

/** The process of one row: `main.cjs <row> [--short]`, with the figures sent to the parent. */
async function main([row, short]: readonly string[]): Promise<void> {
  const figures = await MEASURES[row as NodeRow](short === '--short' ? SHORT : FULL);
  process.send?.(figures, undefined, undefined, () => process.exit(0));
}

process.once('disconnect', () => process.exit(1));
void main(process.argv.slice(2));
