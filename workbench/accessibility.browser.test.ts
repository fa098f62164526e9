import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { hasBrowser, launchChromium, openWorkbench } from './testing';

/** Colours depend on the theme and places on the width, so two of the four have all; `ALL_LOOKS=1` runs the others too. */
const LOOKS = (['light', 'dark'] as const)
  .flatMap((theme) => [1280, 380].map((width) => ({ theme, width })))
  .filter(({ theme, width }) => process.env.ALL_LOOKS === '1' || (theme === 'light') === (width === 1280));

/** What axe-core calls serious or critical in a part of the page: the rule, and the elements. */
async function problems(page: Page, part: string): Promise<string[]> {
  const { violations, passes } = await new AxeBuilder({ page }).include(part).analyze();
  // The part is in the page, and axe-core has looked at it.
  expect(passes.length).toBeGreaterThan(5);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`));
}

describe.skipIf(!hasBrowser())('axe-core finds nothing serious', () => {
  let browser: Browser;
  let broker: TestBroker;

  beforeAll(async () => {
    browser = await launchChromium();
    broker = await startBroker();
    for (const room of ['attic', 'cellar', 'hall']) {
      const payload = '{"temp":21.5,"hum":40,"state":"ON","text":"21.5 C","list":[{"a":1},{"a":2}]}';
      await broker.publish({ topic: `home/${room}/climate`, payload, retain: true });
    }
  });
  afterAll(async () => {
    await broker.close();
    await browser.close();
  });

  it.each(LOOKS)('in editor, topic browser and inspector, $theme, $width pixels', async ({ theme, width }) => {
    const topic = 'home/{room}/climate';
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws!.url,
      view: 'explore',
      topic,
      theme,
      width,
    });
    const { page } = workbench;
    const editor = '[role="group"][aria-label="Query A"]';
    await page
      .getByText(/^3 topics/)
      .first()
      .waitFor();
    expect(await problems(page, editor)).toEqual([]);

    for (const name of [/^Payload/, /^Options/, /^Backfill/]) {
      await page.locator(editor).getByRole('button', { name }).first().click();
    }
    expect(await problems(page, editor)).toEqual([]);

    await page.getByRole('button', { name: 'Browse topics' }).click();
    await page.getByRole('treeitem').first().waitFor();
    expect(await problems(page, editor)).toEqual([]);

    await page.getByRole('button', { name: 'Close browser' }).click();
    await page.getByRole('button', { name: 'Inspect messages' }).click();
    await page.getByRole('button', { name: /21.5.*: field temp/ }).waitFor();
    expect(await problems(page, editor)).toEqual([]);

    await page.getByRole('button', { name: 'Show help' }).click();
    expect(await problems(page, editor)).toEqual([]);
  });

  it.each(LOOKS)('in the settings, $theme, $width pixels', async ({ theme, width }) => {
    await using workbench = await openWorkbench(browser, { broker: broker.ws!.url, view: 'config', theme, width });
    const { page } = workbench;
    const form = 'form[aria-label="Data source settings"]';
    await page.getByText('Access mode').first().waitFor();
    expect(await problems(page, form)).toEqual([]);
    // An open section may have folded ones.
    const folded = page.locator(form).getByRole('button', { expanded: false });
    for (let sections = 0; sections < 20 && (await folded.count()) > 0; sections++) {
      await folded.first().click();
    }
    await expect(folded.count()).resolves.toBe(0);
    expect(await problems(page, form)).toEqual([]);
  });
});
