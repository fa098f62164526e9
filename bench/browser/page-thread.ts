import { setTimeout as sleep } from 'node:timers/promises';
import type { Measurement } from '../measurement';
import { median } from '../stats';
import { ask, busy, openPage } from './chromium';
import type { SendOrder } from './endpoints';
import type { Kind } from './page/page';
import { frameSource, type Source, type Stage } from './stage';

export const FEW: SendOrder = { rate: 5_000, perFrame: 1 };
export const MANY: SendOrder = { rate: 50_000, perFrame: 50 };
const MOST_BUSY_FEW = 2;
const TIMES_LESS = 30;
const MOST_BUSY_MANY = 4;

export interface Seen {
  /** Percent of the time that the page's thread was busy, or of a processor. */
  readonly busy: number;
  /** Messages that were sent, and at the end had neither arrived nor were waiting. */
  readonly missing: number;
  readonly packetsPerSecond: number;
  readonly arrivedPerSecond: number;
}

/** Rows 6 and 7: how busy the page's thread is with four panels. */
export async function pageThread(stage: Stage): Promise<Measurement[]> {
  await using source = await frameSource(stage);
  const seen: Record<'few' | 'many' | 'tutorial', Seen[]> = { few: [], many: [], tutorial: [] };
  for (let round = 0; round < (stage.short ? 1 : 5); round++) {
    seen.few.push(await watch(stage, source, 'panels', FEW));
    seen.tutorial.push(await watch(stage, source, 'tutorial', FEW));
    seen.many.push(await watch(stage, source, 'panels', MANY));
  }
  const few = median(seen.few.map((each) => each.busy));
  const many = median(seen.many.map((each) => each.busy));
  const tutorial = median(seen.tutorial.map((each) => each.busy));
  const missing = seen.many.reduce((sum, each) => sum + each.missing, 0);
  return [
    {
      row: 6,
      what: 'page thread busy at 5,000 messages/s, four panels, without their drawing',
      ours: { value: few, unit: '%' },
      peer: { name: "the data source of Grafana's streaming tutorial, in the page", value: tutorial, unit: '%' },
      ratio: { value: tutorial / few, means: 'times cheaper' },
      target: `under ${MOST_BUSY_FEW} %, ${TIMES_LESS} times less`,
      met: few < MOST_BUSY_FEW && tutorial / few >= TIMES_LESS,
      note: `${rates(seen.few)}; the tutorial ${rates(seen.tutorial)}`,
    },
    {
      row: 7,
      what: 'the same at 50,000 messages/s, 50 PUBLISH per frame',
      ours: { value: many, unit: '%' },
      peer: { name: 'itself at 5,000', value: few, unit: '%' },
      ratio: { value: many / few, means: 'times its cost' },
      target: `under ${MOST_BUSY_MANY} %, nothing lost`,
      met: many < MOST_BUSY_MANY && missing === 0,
      note: `${missing} messages lost; ${rates(seen.many)}`,
    },
  ];
}

/** @param shareOf what is measured of the page's thread. */
export async function watch(
  stage: Stage,
  source: Source,
  kind: Kind,
  order: SendOrder,
  shareOf: typeof busy = busy
): Promise<Seen> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'open', kind, source.url);
  source.start(order);
  // Let the code be compiled and the windows fill: 10,000 rows of each of four topics.
  await sleep(stage.short ? 200 : fillMs(order));
  const ms = stage.short ? 300 : 4_000;
  const before = await ask(page, 'state');
  const share = await shareOf(page, ms);
  const after = await ask(page, 'state');
  source.stop();
  const sent = await source.done(10_000);
  await ask(page, 'until', sent, stage.short ? 1_000 : 5_000);
  const end = await ask(page, 'state');
  return {
    busy: 100 * share,
    missing: sent - end.received + end.lost,
    packetsPerSecond: ((after.packets - before.packets) / (after.at - before.at)) * 1000,
    arrivedPerSecond: ((after.received - before.received) / (after.at - before.at)) * 1000,
  };
}

function fillMs({ rate = 1 }: SendOrder): number {
  return 2_000 + (40_000 / rate) * 1000;
}

export function rates(seen: readonly Seen[]): string {
  const packets = Math.round(median(seen.map((each) => each.packetsPerSecond)));
  const messages = Math.round(median(seen.map((each) => each.arrivedPerSecond)) / 100) * 100;
  return `${messages.toLocaleString('en-US')}/s arrived, ${packets.toLocaleString('en-US')} packets/s`;
}
