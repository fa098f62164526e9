import { TICK_MS } from '../../src/engine/tick';
import type { Measurement } from '../measurement';
import { quantile } from '../stats';
import { ask, openPage } from './chromium';
import { brokerSource, type Stage, startEmbedded } from './stage';

const MEDIAN_MS = TICK_MS / 2 + 10;
const P99_MS = TICK_MS + 30;

/** Row 8: from a publish to the response that has its value, through the broker of this repository. */
export async function latency(stage: Stage): Promise<Measurement[]> {
  await using source = await brokerSource(stage, await startEmbedded(stage));
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'openStamped', source.url);
  const order = stage.short ? { count: 20, rate: 50 } : { count: 400, rate: 10 };
  source.start(order);
  const sent = await source.done((order.count / order.rate) * 3_000);
  await ask(page, 'until', sent, 5_000);
  // The response follows its rows by at most a tick.
  await page.waitForTimeout(3 * TICK_MS);
  const ages = await ask(page, 'ages');
  if (ages.length < sent) {
    throw new Error(`${sent} messages were sent and ${ages.length} were in a packet`);
  }
  return [
    measurement('publish to packet at 10 messages/s, embedded broker, median', quantile(ages, 0.5), MEDIAN_MS),
    measurement('the same, 99th percentile', quantile(ages, 0.99), P99_MS),
  ];
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
