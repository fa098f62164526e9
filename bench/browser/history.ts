import type { Measurement } from '../measurement';
import { median } from '../stats';
import { ask, openPage } from './chromium';
import { pastTopic } from './messages';
import type { PastOrder } from './page/past';
import { brokerSource, type HistorySource, type Stage, startEmbedded, startHistory } from './stage';
import { longestTasks } from './trace';

const ROWS = 100_000;
const MOST_MS = 1_500;
const TIMES_STOCK = 10;
const LONG_TASK_MS = 50;

const PANELS = 20;
const TOPICS = 50;
const SIX_HOURS_MS = 6 * 3_600_000;
/** A message every 30 seconds. */
const MESSAGES = 720;
const TIMES_ONE = 3;

const LATE_MS = 30_000;

/** Row 11: one series out of history into a panel, next to the same messages published again to mqtt.js in the page. */
export async function historyIntoPanel(stage: Stage): Promise<Measurement[]> {
  const rows = stage.short ? 2_000 : ROWS;
  await using source = await startHistory(stage, { topics: 1, messages: rows, ms: 3_600_000 });
  const order = orderOf(source, pastTopic(0), 1);
  await using live = await brokerSource(stage, await startEmbedded(stage));
  const ours: number[] = [];
  const stock: number[] = [];
  for (let round = 0; round < (stage.short ? 1 : 5); round++) {
    ours.push(await msOf(stage, source, order, rows));
    stock.push(await msOfStock(stage, live, rows));
  }
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const [{ oursMs }] = await longestTasks(opened.page, 'page.js', () =>
    ask(opened.page, 'openPast', source.url, order)
  );
  const ms = median(ours);
  const ratio = median(stock) / ms;
  return [
    {
      row: 11,
      what: `Chromium, ${rows.toLocaleString('en-US')} rows of one series out of history into a panel`,
      ours: { value: ms, unit: 'ms' },
      peer: { name: 'the same published again to mqtt.esm.js', value: median(stock), unit: 'ms' },
      ratio: { value: ratio, means: 'times cheaper' },
      target: `under ${MOST_MS} ms, ${TIMES_STOCK} times cheaper`,
      met: ms < MOST_MS && ratio >= TIMES_STOCK,
    },
    {
      row: 11,
      what: 'the same: longest task of the page in which the plugin ran',
      ours: { value: oursMs, unit: 'ms' },
      target: `under ${LONG_TASK_MS} ms`,
      met: oursMs < LONG_TASK_MS,
    },
  ];
}

/** Row 12: twenty panels with queries of their own over fifty topics, opened at once, next to one panel. */
export async function historyIntoPanels(stage: Stage): Promise<Measurement[]> {
  const rows = TOPICS * (stage.short ? 10 : MESSAGES);
  await using source = await startHistory(stage, { topics: TOPICS, messages: rows / TOPICS, ms: SIX_HOURS_MS });
  const one: number[] = [];
  const all: number[] = [];
  let requests = 0;
  for (let round = 0; round < (stage.short ? 1 : 5); round++) {
    one.push(await msOf(stage, source, orderOf(source, 'past/+', 1), rows));
    const before = await source.requests();
    all.push(await msOf(stage, source, orderOf(source, 'past/+', PANELS), rows));
    requests = Math.max(requests, (await source.requests()) - before);
  }
  const ratio = median(all) / median(one);
  return [
    {
      row: 12,
      what: `Chromium, ${PANELS} panels of six hours over ${TOPICS} topics out of history, opened at once`,
      ours: { value: median(all), unit: 'ms' },
      peer: { name: 'one panel alone', value: median(one), unit: 'ms' },
      ratio: { value: ratio, means: 'times its cost' },
      target: `at most ${TIMES_ONE} times it, one request`,
      met: ratio <= TIMES_ONE && requests === 1,
      note: `requests to the historian: ${requests}`,
    },
  ];
}

function orderOf({ from, to }: HistorySource, topic: string, panels: number): PastOrder {
  return { topic, panels, from, to };
}

async function msOf(stage: Stage, { url }: HistorySource, order: PastOrder, expected: number): Promise<number> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { ms, rows } = await ask(opened.page, 'openPast', url, order);
  if (rows !== expected) {
    throw new Error(`${expected} rows are in the history, and ${rows} arrived`);
  }
  return ms;
}

async function msOfStock(
  stage: Stage,
  source: Awaited<ReturnType<typeof brokerSource>>,
  count: number
): Promise<number> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  await ask(opened.page, 'open', 'stock', source.url);
  source.start({ count });
  const sent = await source.done(LATE_MS);
  return (await ask(opened.page, 'until', sent, LATE_MS)).ms;
}
