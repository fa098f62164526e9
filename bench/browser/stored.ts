import { setTimeout as sleep } from 'node:timers/promises';
import { costsAtMost, type Measurement } from '../measurement';
import { median } from '../stats';
import { ask, openPage } from './chromium';
import type { SendOrder } from './endpoints';
import { frameSource, type Source, type Stage } from './stage';
import { threadTimes } from './trace';

const ROWS = 100_000;
const SERIES = 10;
const MOST_MORE_MS = 300;
const TIMES_OFF = 1.1;

const RATES: ReadonlyArray<SendOrder & { readonly rate: number }> = [
  { rate: 5_000, perFrame: 1 },
  { rate: 50_000, perFrame: 50 },
];

/** Row 16: a reload of the page, to the response that has all rows of before, next to a page that has none. */
export async function reload(stage: Stage): Promise<Measurement[]> {
  const rows = stage.short ? 2_000 : ROWS;
  await using source = await frameSource(stage);
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'open', 'stored', source.url);
  source.start({ count: rows, rate: 20_000, perFrame: 20, topics: SERIES });
  await source.done(60_000);
  await ask(page, 'until', rows, 60_000);
  await sleep(3_000); // written at the end of a second
  const empty: number[] = [];
  const full: number[] = [];
  for (let round = 0; round < (stage.short ? 1 : 5); round++) {
    for (const [times, expected] of [
      [empty, 0],
      [full, rows],
    ] as const) {
      await page.reload();
      await page.waitForFunction(() => 'bench' in globalThis);
      times.push(await ask(page, 'openReload', source.url, expected, expected > 0));
    }
  }
  const more = median(full) - median(empty);
  return [
    {
      row: 16,
      what: `Chromium, a reload of the page: ${rows.toLocaleString('en-US')} stored messages of ${SERIES} series to the response that has all rows`,
      ours: { value: median(full), unit: 'ms' },
      peer: { name: 'the first response without stored messages', value: median(empty), unit: 'ms' },
      target: `at most ${MOST_MORE_MS} ms more`,
      met: more <= MOST_MORE_MS,
      note: `${Math.round(more)} ms more`,
    },
  ];
}

/** Row 17: the processor time of the Worker and of the page's thread while messages are stored, next to the same without. */
export async function storedLive(stage: Stage): Promise<Measurement[]> {
  await using source = await frameSource(stage);
  const results: Measurement[] = [];
  for (const order of RATES) {
    const on: number[] = [];
    const off: number[] = [];
    for (let round = 0; round < (stage.short ? 1 : 5); round++) {
      on.push(await share(stage, source, 'storedPanels', order));
      off.push(await share(stage, source, 'panels', order));
    }
    const compared = {
      row: 17,
      what: `processor time of Worker and page at ${order.rate.toLocaleString('en-US')} messages/s, four panels, messages stored in memory and over a reload`,
      ours: { value: median(on), unit: '%' },
      peer: { name: 'without storing', value: median(off), unit: '%' },
    } as const;
    results.push(costsAtMost(compared, TIMES_OFF));
  }
  return results;
}

/** Percent of one processor. */
async function share(stage: Stage, source: Source, kind: 'storedPanels' | 'panels', order: SendOrder): Promise<number> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'open', kind, source.url);
  source.start(order);
  await sleep(stage.short ? 200 : 6_000); // the code is compiled, and the ring has many messages
  const ms = stage.short ? 500 : 4_000;
  const [cpuMs] = await threadTimes(page, () => sleep(ms));
  source.stop();
  await source.done(10_000);
  return (100 * cpuMs) / ms;
}
