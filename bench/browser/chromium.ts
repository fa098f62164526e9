import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGS } from '../../testing/chromium-args';
import { findProgram } from '../../testing/programs';
import type { BenchPage } from './page/page';

/** `CHROMIUM_PATH`, or the first Chromium that is installed. */
export function findChromium(): string | undefined {
  return findProgram('CHROMIUM_PATH');
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [...CHROMIUM_ARGS, '--js-flags=--expose-gc'],
  });
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
}

/** The page of the suite in its own context, and so in its own process. */
export async function openPage(browser: Browser, url: string): Promise<OpenPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'bench' in globalThis);
  return { page, [Symbol.asyncDispose]: () => context.close() };
}

/** Calls one of the page's functions. */
export async function ask<Name extends keyof BenchPage>(
  page: Page,
  name: Name,
  ...args: Parameters<BenchPage[Name]>
): Promise<Awaited<ReturnType<BenchPage[Name]>>> {
  return page.evaluate(
    ([name, args]) => {
      const bench = Reflect.get(globalThis, 'bench') as Record<string, (...args: unknown[]) => unknown>;
      return bench[name](...args) as never;
    },
    [name, args] as [string, unknown[]]
  );
}

/** The share of the time, from 0 to 1, that the page's thread is busy. */
export function busy(page: Page, ms: number): Promise<number> {
  return taskShare(page, ms, 'timeTicks');
}

/** The share of a processor, from 0 to 1, that the page's thread uses. A busy machine does not change it. */
export function processorShare(page: Page, ms: number): Promise<number> {
  return taskShare(page, ms, 'threadTicks');
}

async function taskShare(page: Page, ms: number, timeDomain: 'timeTicks' | 'threadTicks'): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain });
  const read = async (): Promise<{ at: number; task: number }> => {
    const { metrics } = await session.send('Performance.getMetrics');
    const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN;
    return { at: value('Timestamp'), task: value('TaskDuration') };
  };
  const before = await read();
  await page.waitForTimeout(ms);
  const after = await read();
  await session.send('Performance.disable');
  await session.detach();
  return (after.task - before.task) / (after.at - before.at);
}
