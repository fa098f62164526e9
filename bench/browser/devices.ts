import type { Page } from 'playwright-core';
import { type Measurement, PANEL_INTERVAL_MS } from '../measurement';
import { median } from '../stats';
import { ask, busy, openPage, processorShare } from './chromium';
import type { Devices } from './page/devices';
import { frameSource, type Source, type Stage } from './stage';

const DEVICES = 5_000;
/** One message of each device. */
const EVERY_MS = 10_000;
const MOST_MORE = 2;
const SHAPES = [['latest'], ['table'], ['latest', 'table']] as const;

/**
 * Row 25: the processor time of the page's thread with the latest values and a table of 5,000 devices, each with a
 * message every ten seconds, without drawing, next to an idle page. The share of the time that the thread is busy also
 * has the time in which other programs had its processor.
 */
export async function devices(stage: Stage): Promise<Measurement[]> {
  await using source = await frameSource(stage);
  const count = stage.short ? 200 : DEVICES;
  const idle: Seen[] = [];
  const results: Measurement[] = [];
  for (const shapes of stage.short ? SHAPES.slice(-1) : SHAPES) {
    const order = { devices: count, intervalMs: PANEL_INTERVAL_MS, shapes };
    const seen: Seen[] = [];
    for (let round = 0; round < (stage.short ? 1 : 3); round++) {
      idle.push(await watchIdle(stage));
      seen.push(await watch(stage, source, order));
    }
    const [share, without] = [seen, idle].map((each) => median(each.map(({ cpu }) => cpu)));
    const more = share - without;
    results.push({
      row: 25,
      what: `page thread, processor time: ${count.toLocaleString('en-US')} devices, one message each every ${EVERY_MS / 1_000} s, ${names(shapes)} under #, without drawing`,
      ours: { value: share, unit: '%' },
      peer: { name: 'an idle page', value: without, unit: '%' },
      target: `at most ${MOST_MORE} percentage points more`,
      met: more <= MOST_MORE,
      note: `${more.toFixed(1)} points more; busy ${median(seen.map(({ busy }) => busy)).toFixed(1)} % of the time; ${seen[0].responses.toFixed(1)} responses/s, the last ones of ${seen[0].rows.map((rows) => rows.toLocaleString('en-US')).join(' and ')} rows`,
    });
  }
  return results;
}

function names(shapes: Devices['shapes']): string {
  return shapes.map((shape) => (shape === 'latest' ? 'Latest values' : 'a table')).join(' and ');
}

interface Seen {
  /** Percent of the time, and of a processor. */
  readonly busy: number;
  readonly cpu: number;
  /** A second, of all panels. */
  readonly responses: number;
  /** Rows of the last response to each panel. */
  readonly rows: readonly number[];
}

/** The page of the suite, which has opened nothing. */
async function watchIdle(stage: Stage): Promise<Seen> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const ms = stage.short ? 300 : 2_000;
  await opened.page.waitForTimeout(ms);
  return { ...(await sharesOf(opened.page, ms)), responses: 0, rows: [] };
}

async function watch(stage: Stage, source: Source, order: Devices): Promise<Seen> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'openDevices', source.url, order);
  const rate = (order.devices * 1_000) / EVERY_MS;
  source.start({ rate, perFrame: 1, topics: order.devices });
  // Each device has come at least twice: a row of each is there, and the code is compiled.
  await page.waitForTimeout(stage.short ? 500 : 2.5 * EVERY_MS);
  const before = await ask(page, 'devices');
  const shares = await sharesOf(page, stage.short ? 300 : 10_000);
  const after = await ask(page, 'devices');
  source.stop();
  const sent = await source.done(10_000);
  await page.waitForTimeout(1_000);
  const end = await ask(page, 'devices');
  if (end.received !== sent * end.streams || end.lost > 0) {
    throw new Error(
      `${sent} messages were sent, ${end.received} rows are in ${end.streams} streams, and ${end.lost} were lost`
    );
  }
  const responses = (1_000 * (after.responses - before.responses)) / (after.at - before.at);
  return { ...shares, responses, rows: end.rows };
}

async function sharesOf(page: Page, ms: number): Promise<{ busy: number; cpu: number }> {
  return { busy: 100 * (await busy(page, ms)), cpu: 100 * (await processorShare(page, ms)) };
}
