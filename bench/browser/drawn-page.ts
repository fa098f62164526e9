import type { Browser, Page } from 'playwright-core';
import type { DrawnOrder, DrawnPage } from './page/drawn';
import { buildPluginSite, servePluginSite } from './plugin-site';
import type { Stage } from './stage';
import { openUnwatched } from './unwatched-page';

const VIEWPORT = { width: 1_040, height: 360 };

/** Serves the page with one panel that Grafana's TimeSeries draws. */
export interface DrawnSite extends AsyncDisposable {
  readonly url: string;
}

/** A page with a panel that has been drawn with a row. */
export interface Drawn extends AsyncDisposable {
  readonly page: Page;
  /** From now on, ages and draws are counted. */
  reset(): Promise<void>;
  state(): Promise<ReturnType<DrawnPage['state']>>;
}

export async function serveDrawn(stage: Stage): Promise<DrawnSite> {
  return servePluginSite(await buildPluginSite(stage, 'drawn', 'drawn.tsx'));
}

/** @throws {Error} if the panel is not drawn in time. */
export async function openDrawn(browser: Browser, { url }: DrawnSite, order: DrawnOrder): Promise<Drawn> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  try {
    await page.goto(url);
    await page.waitForFunction(() => 'drawn' in globalThis);
    await page.evaluate((given) => (Reflect.get(globalThis, 'drawn') as DrawnPage).open(given), order);
  } catch (error) {
    await context.close();
    throw faults.length > 0 ? new Error(`The page failed: ${faults.join('; ')}`, { cause: error }) : error;
  }
  return {
    page,
    reset: () => page.evaluate(() => (Reflect.get(globalThis, 'drawn') as DrawnPage).reset()),
    state: () => page.evaluate(() => (Reflect.get(globalThis, 'drawn') as DrawnPage).state()),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/**
 * The same without the developer tools, for processor time of all processes.
 *
 * @throws {Error} if the panel is not drawn in time.
 */
export async function openUnwatchedDrawn(
  browser: Browser,
  { url }: DrawnSite,
  order: DrawnOrder
): Promise<Omit<Drawn, 'page'>> {
  const page = await openUnwatched(browser, url, 'drawn');
  const call = <Value>(call: string): Promise<Value> => page.evaluate(`globalThis.drawn.${call}`);
  try {
    await call(`open(${JSON.stringify(order)})`);
  } catch (error) {
    await page[Symbol.asyncDispose]();
    throw error;
  }
  return {
    reset: () => call('reset()'),
    state: () => call('state()'),
    [Symbol.asyncDispose]: () => page[Symbol.asyncDispose](),
  };
}
