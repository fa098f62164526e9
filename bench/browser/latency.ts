import type { Page } from 'playwright-core';
import { TICK_MS } from '../../src/engine/tick';
import { type Measurement, PANEL_INTERVAL_MS } from '../measurement';
import { quantile } from '../stats';
import { ask, openPage } from './chromium';
import { brokerSource, type Source, type Stage, startEmbedded } from './stage';

export const SHORT_ORDER = { count: 20, rate: 50 };
const MEDIAN_MS = TICK_MS / 2 + 10;
const P99_MS = TICK_MS + 30;

/** Row 8: from a publish to the response that has its value, through the broker of this repository. */
export async function latency(stage: Stage): Promise<Measurement[]> {
  const order = stage.short ? SHORT_ORDER : { count: 400, rate: 10 };
  await using source = await brokerSource(stage, await startEmbedded(stage));
  const ages = await agesOf(stage, source, 'ours', order);
  return [
    measurement('publish to packet at 10 messages/s, embedded broker, median', quantile(ages, 0.5), MEDIAN_MS),
    measurement('the same, 99th percentile', quantile(ages, 0.99), P99_MS),
    ...(await byDefault(stage, source)),
  ];
}

/** The same with a panel as it comes, next to a data source that emits once per interval. */
async function byDefault(stage: Stage, source: Source): Promise<Measurement[]> {
  const results: Measurement[] = [];
  for (const rate of stage.short ? [50] : [1, 7.3, 10]) {
    const order = { count: stage.short ? 20 : Math.ceil(rate * 30), rate };
    const ours = await agesOf(stage, source, 'ours', order, PANEL_INTERVAL_MS);
    const ticker = await agesOf(stage, source, 'ticker', order, PANEL_INTERVAL_MS);
    for (const [name, part, most] of [
      ['median', 0.5, 25],
      ['95th percentile', 0.95, 60],
    ] as const) {
      const [ms, peer] = [ours, ticker].map((ages) => quantile(ages, part));
      results.push({
        row: 8,
        what: `publish to packet at ${rate} messages/s, panel interval ${PANEL_INTERVAL_MS} ms, ${name}`,
        ours: { value: ms, unit: 'ms' },
        peer: { name: 'one response an interval', value: peer, unit: 'ms' },
        ratio: { value: ms / peer, means: 'times its size' },
        target: `under ${most} ms`,
        met: ms < most,
      });
    }
  }
  return results;
}

/** The ages of all messages of an order when they were in a packet, in milliseconds. */
function agesOf(
  stage: Stage,
  source: Source,
  kind: 'ours' | 'ticker',
  order: { count: number; rate: number },
  intervalMs?: number
): Promise<number[]> {
  const open = (page: Page, url: string): Promise<void> => ask(page, 'openStamped', kind, url, intervalMs);
  return agesFrom(stage, source, open, order, intervalMs);
}

/** @param open opens a panel in the page, with a client that notes the age of each message. */
export async function agesFrom(
  stage: Stage,
  source: Source,
  open: (page: Page, url: string) => Promise<void>,
  order: { count: number; rate: number },
  intervalMs?: number
): Promise<number[]> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await open(page, source.url);
  source.start(order);
  const sent = await source.done((order.count / order.rate) * 3_000);
  await ask(page, 'until', sent, 5_000);
  // The response follows its rows by at most a tick.
  const late = performance.now() + 3 * Math.max(TICK_MS, intervalMs ?? 0);
  let ages = await ask(page, 'ages');
  while (ages.length < sent && performance.now() < late) {
    await page.waitForTimeout(20);
    ages = await ask(page, 'ages');
  }
  if (ages.length < sent) {
    throw new Error(`${sent} messages were sent and ${ages.length} were in a packet`);
  }
  return ages;
}

function measurement(what: string, ms: number, most: number): Measurement {
  return {
    row: 8,
    what,
    ours: { value: ms, unit: 'ms' },
    peer: { name: 'tick', value: TICK_MS, unit: 'ms' },
    ratio: { value: ms / TICK_MS, means: 'times its size' },
    target: `under ${most} ms`,
    met: ms < most,
  };
}
