import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { matches } from '../../../src/topics';
import { PASSWORD, type RunningBroker, USER } from '../broker-kind';
import { type PanelRows, panelRows } from './panel-rows';

/** The panels of each tab. The filters overlap: covers, crossings, and a topic. */
const PANELS = ['o/#', 'o/+', '+/a', 'o/a'];

/** The topics that the query editor of each tab has in turn. */
const EDITED = ['o/b', '#', 'o/+/c', '+/+', 'o/#'];

/** The panel of the query editor. */
const RESULT = 'Query result';

const TOPICS = ['o/a', 'o/b', 'o/a/c', 'x/a'];
const PER_SECOND = 20;

/** A number that is published until all panels have it, and does not count. */
const BEFORE = -1;

/** How long panels may take for their first row, and for their last, in milliseconds. */
const FIRST_MS = 60_000;
const LAST_MS = 20_000;

export interface ChromiumOptions {
  readonly workbench: string;
  readonly broker: Pick<RunningBroker, 'url' | 'publishUrl'>;
  /** How long numbers are published, in milliseconds: less than a minute, which panels show. */
  readonly durationMs: number;
  /** Called for each tab while all its panels are live. */
  readonly onShown?: (page: Page, tab: number) => Promise<unknown>;
}

export interface ChromiumResult {
  readonly published: number;
  /** Rows that the panels must have, summed. */
  readonly expected: number;
  readonly doubled: string[];
  readonly missing: string[];
}

/**
 * Two tabs, each with four panels and a query editor whose topic changes and whose topic browser opens, on filters that
 * overlap. Each panel must have each number once that a plain client with one filter receives.
 */
export async function overlapInChromium(browser: Browser, options: ChromiumOptions): Promise<ChromiumResult> {
  const { workbench, broker, durationMs, onShown } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 2_000 }, reducedMotion: 'reduce' });
  const account = { username: USER, password: PASSWORD };
  const [plain, publisher] = await Promise.all(
    [0, 1].map(() => connectAsync(broker.publishUrl, { ...account, protocolVersion: 4, reconnectPeriod: 0 }, false))
  );
  try {
    const received = new Set<number>();
    plain.on('message', (_topic, payload) => received.add(Number(payload.toString())));
    await plain.subscribeAsync('#');
    const pages = [await context.newPage(), await context.newPage()];
    await Promise.all(pages.map((page) => page.goto(addressOf(workbench, broker.url))));
    await until('all panels are live', FIRST_MS, async () => {
      await Promise.all(TOPICS.map((topic) => publisher.publishAsync(topic, String(BEFORE), { qos: 1 })));
      const rows = await Promise.all(pages.map((page) => panelRows(page, PANELS)));
      return rows.every((each) => PANELS.every((title) => each.get(title)!.has(BEFORE)));
    });
    // The later of two subscriptions may be granted a little later.
    await sleep(1_000);
    const topics: string[] = [];
    const began = performance.now();
    const editing = Promise.all(pages.map((page) => edit(page, durationMs / EDITED.length)));
    for (let shown = false; performance.now() - began < durationMs;) {
      const topic = TOPICS[topics.length % TOPICS.length];
      topics.push(topic);
      await publisher.publishAsync(topic, String(topics.length), { qos: 1 });
      if (!shown && performance.now() - began > durationMs / 2) {
        shown = true;
        await Promise.all(pages.map(async (page, tab) => onShown?.(page, tab)));
      }
      await sleep(Math.max(0, (topics.length / PER_SECOND) * 1_000 - (performance.now() - began)));
    }
    await editing;
    const last = TOPICS.map((topic) => topics.lastIndexOf(topic) + 1);
    await until('the panels have the last numbers', LAST_MS, async () => {
      const rows = await Promise.all(pages.map((page) => panelRows(page, PANELS)));
      return rows.every((each) =>
        PANELS.every((title) => last.every((n) => !matches(title, topics[n - 1]) || each.get(title)!.has(n)))
      );
    }).catch(() => undefined);
    // A second copy may come later.
    await sleep(1_000);
    const results = await Promise.all(
      pages.map(async (page, tab) => compare(tab, await panelRows(page, [...PANELS, RESULT]), topics, received))
    );
    return {
      published: topics.length,
      expected: results.reduce((sum, { expected }) => sum + expected, 0),
      doubled: results.flatMap(({ doubled }) => doubled),
      missing: results.flatMap(({ missing }) => missing),
    };
  } finally {
    await Promise.all([context.close(), plain.endAsync(true), publisher.endAsync(true)]);
  }
}

function addressOf(workbench: string, broker: string): string {
  const url = new URL(workbench);
  url.searchParams.set('broker', broker);
  url.searchParams.set('topic', 'o/a');
  url.searchParams.set('jsonData', JSON.stringify({ auth: 'shared', username: USER, password: PASSWORD }));
  for (const filter of PANELS) {
    url.searchParams.append('plot', filter);
  }
  return url.href;
}

/** Gives the query editor one topic after the other, and opens and closes its topic browser. */
async function edit(page: Page, everyMs: number): Promise<void> {
  const field = page.getByRole('textbox', { name: /^Topic/ });
  for (const topic of EDITED) {
    await field.fill(topic);
    await field.blur();
    await sleep(everyMs / 2);
    await page.getByRole('button', { name: /^(Browse topics|Close browser)$/ }).click();
    await sleep(everyMs / 3);
  }
}

/** The rows of one tab. The panel of the query editor, whose topic changes, must have some, and none of them doubled. */
function compare(
  tab: number,
  rows: PanelRows,
  topics: readonly string[],
  received: ReadonlySet<number>
): Pick<ChromiumResult, 'expected' | 'doubled' | 'missing'> {
  const result = { expected: 0, doubled: [] as string[], missing: [] as string[] };
  for (const [title, counts] of rows) {
    if (counts.size === 0) {
      result.missing.push(`tab ${tab + 1}, ${title}: all`);
    }
    topics.forEach((topic, i) => {
      const times = counts.get(i + 1) ?? 0;
      const where = `tab ${tab + 1}, ${title}: ${i + 1} on ${topic}`;
      if (times > 1) {
        result.doubled.push(`${where} ${times} times`);
      }
      if (title !== RESULT && matches(title, topic) && received.has(i + 1)) {
        result.expected++;
        if (times === 0) {
          result.missing.push(where);
        }
      }
    });
  }
  return result;
}

async function until(what: string, ms: number, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`not within ${ms / 1_000} s: ${what}`);
    }
    await sleep(250);
  }
}
