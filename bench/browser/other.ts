import type { Page } from 'playwright-core';
import type { Measurement } from '../measurement';
import { type Contested, judged, MOST, type Sides } from '../other/in-turns';
import { quantile } from '../stats';
import { ask, processorShare } from './chromium';
import type { SendOrder } from './endpoints';
import { agesFrom, SHORT_ORDER } from './latency';
import type { BenchPage } from './page/page';
import { FEW, MANY, rates, type Seen, watch } from './page-thread';
import { serveOther } from './site';
import { brokerSource, frameSource, type Stage, startEmbedded } from './stage';

const ROUNDS = 5;

/**
 * Row 31: what must not get worse, in turns with another checkout, whose build is measured by the page of its own suite:
 * the processor time of the page's thread with four panels, and that nothing is lost.
 */
export async function otherPageThread(stage: Stage): Promise<Measurement[]> {
  const { site, theirs } = await beside(stage);
  await using _ = site;
  await using source = await frameSource(stage);
  const results: Measurement[] = [];
  for (const order of stage.short ? [FEW] : [FEW, MANY]) {
    const seen: Record<'theirs' | 'plain' | 'stored', Seen[]> = { theirs: [], plain: [], stored: [] };
    for (let round = 0; round < (stage.short ? 1 : ROUNDS); round++) {
      seen.theirs.push(await watch(theirs, source, 'panels', order, processorShare));
      seen.plain.push(await watch(stage, source, 'panels', order, processorShare));
      seen.stored.push(await watch(stage, source, 'storedPanels', order, processorShare));
    }
    results.push(pageThread(order, 'plain', seen.plain, seen.theirs));
    results.push(pageThread(order, 'stored', seen.stored, seen.theirs));
  }
  return results;
}

function pageThread(
  { rate = 0 }: SendOrder,
  kind: keyof typeof MOST,
  ours: readonly Seen[],
  theirs: readonly Seen[]
): Measurement {
  const contest: Contested = {
    what: `processor time of the page's thread at ${rate.toLocaleString('en-US')} messages/s, four panels${words(kind)}`,
    unit: '%',
    most: MOST[kind],
  };
  const [share, beside] = [ours, theirs].map((each) => each.map(({ busy }) => busy));
  const result = judged(31, contest, { ours: share, theirs: beside });
  const [lost, theirLost] = [ours, theirs].map((each) => each.reduce((sum, { missing }) => sum + missing, 0));
  return {
    ...result,
    target: `${result.target}, none lost`,
    met: result.met === true && lost === 0,
    note: `${result.note}; ${lost} and ${theirLost} messages lost; ${rates(ours)}; the other ${rates(theirs)}`,
  };
}

/** Row 31: from a publish to the response that has its value, at 10 messages per second and a tick of 100 ms. */
export async function otherLatency(stage: Stage): Promise<Measurement[]> {
  const { site, theirs } = await beside(stage);
  await using _ = site;
  await using source = await brokerSource(stage, await startEmbedded(stage));
  const order = stage.short ? SHORT_ORDER : { count: 150, rate: 10 };
  const ages: Record<'theirs' | 'plain' | 'stored', number[][]> = { theirs: [], plain: [], stored: [] };
  for (let round = 0; round < (stage.short ? 1 : 3); round++) {
    ages.theirs.push(await agesFrom(theirs, source, openTheirs, order));
    ages.plain.push(await agesFrom(stage, source, (page, url) => ask(page, 'openStamped', 'ours', url), order));
    ages.stored.push(await agesFrom(stage, source, (page, url) => ask(page, 'openStamped', 'stored', url), order));
  }
  return (['plain', 'stored'] as const).flatMap((kind) =>
    (
      [
        ['median', 0.5],
        ['95th percentile', 0.95],
      ] as const
    ).map(([name, part]) => {
      const [ours, beside] = [ages[kind], ages.theirs].map((rounds) => rounds.map((each) => quantile(each, part)));
      const sides: Sides = { ours, theirs: beside };
      const what = `publish to packet at ${order.rate} messages/s, embedded broker, ${name}${words(kind)}`;
      return judged(31, { what, unit: 'ms', most: MOST[kind] }, sides);
    })
  );
}

function words(kind: keyof typeof MOST): string {
  return kind === 'plain' ? '' : ', messages stored in memory and over a reload (the other without)';
}

/** The other checkout's page, on a stage of its own. */
async function beside(stage: Stage): Promise<{ site: AsyncDisposable; theirs: Stage }> {
  if (stage.other === undefined) {
    throw new TypeError('Expected another checkout to compare with');
  }
  const site = await serveOther(stage.folder, stage.other);
  return { site, theirs: { ...stage, pageUrl: site.url } };
}

/** The page of c58a5ad has one kind of panel. */
async function openTheirs(page: Page, url: string): Promise<void> {
  await page.evaluate(async (address) => {
    const bench = Reflect.get(globalThis, 'bench') as BenchPage;
    await (bench.openStamped.length === 1
      ? bench.openStamped(address as never, '')
      : bench.openStamped('ours', address));
  }, url);
}
