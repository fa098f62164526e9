import { allProcesses } from './all-processes';
import { findChromium, launchChromium } from './chromium';
import { devices } from './devices';
import { drawnLatency } from './drawn-latency';
import { openEditor, topicTree } from './editor';
import { firstRow } from './first-row';
import { framesPerSecond } from './frames';
import { historyIntoPanel, historyIntoPanels } from './history';
import { inChromium, stepsInChromium } from './in-chromium';
import { latency } from './latency';
import { otherLatency, otherPageThread } from './other';
import { pageThread } from './page-thread';
import { profile as cpuProfile } from './profile';
import { serveSite } from './site';
import type { Stage } from './stage';
import { scroll } from './scroll';
import { reload, storedLive } from './stored';
import { brokerIntoBrowser, manyPerFrame, onePerFrame } from './throughput';
import { scratchFolder } from '../bundle';
import { orFailure, type Result } from '../measurement';
import { type BenchOptions, rowsNamed } from '../options';

interface Row {
  readonly name: string;
  readonly row: number;
  readonly what: string;
  readonly measure: (stage: Stage) => Promise<Result[]>;
}

const ROWS: readonly Row[] = [
  { name: 'in-chromium', row: 1, what: 'rows 1 to 3 in Chromium', measure: inChromium },
  { name: 'one-per-frame', row: 4, what: 'Chromium, one PUBLISH per frame', measure: onePerFrame },
  { name: 'many-per-frame', row: 5, what: 'Chromium, many PUBLISH per frame', measure: manyPerFrame },
  { name: 'page-thread', row: 6, what: 'page thread busy', measure: pageThread },
  { name: 'latency', row: 8, what: 'publish to packet', measure: latency },
  { name: 'scroll', row: 9, what: 'four panels in the workbench, scrolled', measure: scroll },
  { name: 'broker', row: 10, what: 'the embedded broker into Chromium', measure: brokerIntoBrowser },
  { name: 'frames', row: 18, what: 'WebSocket frames of the embedded broker', measure: framesPerSecond },
  { name: 'history', row: 11, what: 'history into a panel in Chromium', measure: historyIntoPanel },
  { name: 'history-panels', row: 12, what: 'history into twenty panels in Chromium', measure: historyIntoPanels },
  { name: 'reload', row: 16, what: 'a reload of the page', measure: reload },
  { name: 'stored-live', row: 17, what: 'processor time while messages are stored', measure: storedLive },
  { name: 'topic-tree', row: 20, what: 'the topic browser with 50,000 topics', measure: topicTree },
  { name: 'open-editor', row: 21, what: 'topic browser and inspector at 5,000 messages/s', measure: openEditor },
  { name: 'first-row', row: 22, what: 'from module.js to the first row in a panel', measure: firstRow },
  { name: 'drawn-latency', row: 23, what: 'publish to changed pixels', measure: drawnLatency },
  { name: 'all-processes', row: 24, what: 'processor time of all processes of Chromium', measure: allProcesses },
  { name: 'devices', row: 25, what: 'page thread busy with 5,000 devices', measure: devices },
  { name: 'profile', row: 26, what: 'where the time of page and Worker goes', measure: cpuProfile },
  { name: 'steps', row: 0, what: 'the steps of the path', measure: stepsInChromium },
];

const OTHER_ROWS: readonly Row[] = [
  { name: 'other-page-thread', row: 31, what: 'page thread next to another build', measure: otherPageThread },
  { name: 'other-latency', row: 31, what: 'publish to packet next to another build', measure: otherLatency },
];

/** Measures the rows one after the other, or they would measure each other: in one Chromium, each row in its own pages. */
export async function browserSuite({
  short,
  only,
  other,
  profile,
}: Pick<BenchOptions, 'short' | 'only' | 'other' | 'profile'>): Promise<Result[]> {
  const rows = rowsNamed(ROWS, { only, other }, OTHER_ROWS);
  const chromium = findChromium();
  if (chromium === undefined) {
    return rows.map(({ row, what }) => ({ row, what, unmeasured: 'no Chromium found, nor CHROMIUM_PATH set' }));
  }
  using folder = await scratchFolder();
  await using site = await serveSite(folder.path);
  const browser = await launchChromium(chromium);
  try {
    const { url: pageUrl, plugin } = site;
    const stage: Stage = { browser, pageUrl, plugin, folder: folder.path, short, other, profile };
    const results: Result[] = [];
    for (const { row, what, measure } of rows) {
      results.push(...(await orFailure(row, what, () => measure(stage))));
    }
    return results;
  } finally {
    await browser.close();
  }
}
