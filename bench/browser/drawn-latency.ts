import { type Measurement, PANEL_INTERVAL_MS } from '../measurement';
import { quantile } from '../stats';
import { type DrawnSite, openDrawn, serveDrawn } from './drawn-page';
import { SAWTOOTH_MS, TOPICS } from './messages';
import type { Endpoints } from './endpoints';
import { brokerSource, publishRetained, type Source, type Stage, startEmbedded } from './stage';

const PARTS = [
  { name: 'median', part: 0.5, mostMs: 25 },
  { name: '95th percentile', part: 0.95, mostMs: 60 },
] as const;

/**
 * Row 23: from a publish to the changed pixels of a panel that Grafana's TimeSeries draws, next to a model of Grafana's
 * MQTT data source, which the same panel draws. Both receive the messages in the page, so the peer is without the way
 * through Grafana's server.
 */
export async function drawnLatency(stage: Stage): Promise<Measurement[]> {
  await using site = await serveDrawn(stage);
  const broker = await startEmbedded(stage);
  await using source = await brokerSource(stage, broker);
  const results: Measurement[] = [];
  for (const rate of stage.short ? [10] : [1, 7.3, 10]) {
    const count = stage.short ? 10 : Math.max(60, Math.ceil(rate * 30));
    const [ours, ticker] = [
      await agesOf(stage, site, { source, broker }, 'ours', { count, rate }),
      await agesOf(stage, site, { source, broker }, 'ticker', { count, rate }),
    ];
    for (const { name, part, mostMs } of PARTS) {
      const [ms, peer] = [ours, ticker].map(({ ages }) => quantile(ages, part));
      results.push({
        row: 23,
        what: `publish to changed pixels at ${rate} messages/s, panel interval ${PANEL_INTERVAL_MS} ms, ${name}`,
        ours: { value: ms, unit: 'ms' },
        peer: { name: 'one response an interval, drawn by the same panel', value: peer, unit: 'ms' },
        ratio: { value: ms / peer, means: 'times its size' },
        target: `under ${mostMs} ms`,
        met: ms < mostMs,
        note: `${ours.drawsPerSecond.toFixed(1)} and ${ticker.drawsPerSecond.toFixed(1)} draws/s`,
      });
    }
  }
  return results;
}

interface Seen {
  /** Of all messages, in milliseconds. */
  readonly ages: number[];
  readonly drawsPerSecond: number;
}

async function agesOf(
  stage: Stage,
  site: DrawnSite,
  { source, broker }: { source: Source; broker: Endpoints },
  kind: 'ours' | 'ticker',
  order: { count: number; rate: number }
): Promise<Seen> {
  const [topic] = TOPICS;
  await publishRetained(broker, topic, String(Date.now() % SAWTOOTH_MS));
  const panel = { kind, url: source.url, topic, intervalMs: PANEL_INTERVAL_MS, rate: order.rate };
  await using drawn = await openDrawn(stage.browser, site, panel);
  // The code is compiled with the first drawings.
  await drawn.page.waitForTimeout(stage.short ? 100 : 2_000);
  await drawn.reset();
  const before = await drawn.state();
  source.start({ ...order, sawtoothMs: SAWTOOTH_MS });
  const sent = await source.done((order.count / order.rate) * 3_000);
  const late = performance.now() + 3 * PANEL_INTERVAL_MS;
  let seen = await drawn.state();
  while (seen.ages.length < sent && performance.now() < late) {
    await drawn.page.waitForTimeout(20);
    seen = await drawn.state();
  }
  const { ages, draws, at } = seen;
  if (ages.length !== sent) {
    throw new Error(`${sent} messages were sent and ${ages.length} were drawn`);
  }
  return { ages, drawsPerSecond: (1_000 * draws) / (at - before.at) };
}
