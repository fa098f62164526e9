import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { startSensors } from '../broker/sensors';
import { BUILD } from './paths';
import { hasBrowser, launchChromium, openWorkbench, SOON } from './testing';

const SCREENSHOTS = path.join(BUILD, 'screenshots');
const WIDTHS = [380, 900, 1440, 1920];

describe.skipIf(!hasBrowser())('the page', () => {
  let browser: Browser;
  let broker: TestBroker;
  let stop: () => void;

  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    browser = await launchChromium();
    broker = await startBroker();
    const sensors = startSensors((message) => broker.publish(message), { sets: ['home', 'factory'], seed: 1 });
    stop = () => sensors.stop();
  });
  afterAll(async () => {
    stop();
    await broker.close();
    await browser.close();
  });

  it.each(WIDTHS.flatMap((width) => (['light', 'dark'] as const).map((theme) => ({ width, theme }))))(
    'fits $width pixels, $theme',
    async ({ width, theme }) => {
      await using workbench = await openWorkbench(browser, { broker: broker.ws?.url ?? '', width, theme });
      const { page } = workbench;
      await expect.poll(() => page.getByRole('status', { name: 'Connection' }).textContent(), SOON).toBe('Live');
      await page.waitForTimeout(2000);
      const size = await page.evaluate(() => ({
        wider: document.documentElement.scrollWidth - window.innerWidth,
        height: document.documentElement.scrollHeight,
      }));
      expect(size.wider).toBeLessThanOrEqual(0);
      // Tables draw only visible rows, so make the viewport as tall as the page.
      await page.setViewportSize({ width, height: size.height });
      await page.waitForTimeout(500);
      await page.screenshot({ path: path.join(SCREENSHOTS, `workbench-${theme}-${width}.png`) });
    }
  );

  it('shows every visualization by its whole name in a narrow window', async () => {
    await using workbench = await openWorkbench(browser, { broker: broker.ws?.url ?? '', view: 'explore', width: 380 });
    const labels = workbench.page.getByRole('radiogroup', { name: 'Visualization' }).locator('label');
    await labels.first().waitFor();
    const cut = await labels.evaluateAll((all) =>
      all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map(({ textContent }) => textContent)
    );
    expect(cut).toEqual([]);
  });

  it.each(['Temperature', 'Concentration'])('shows the units of %s within a narrow page', async (category) => {
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      topic: 'home/kitchen/temperature',
      width: 380,
    });
    const { page } = workbench;
    await page.getByRole('button', { name: /^Payload/ }).click();
    await page.getByRole('button', { name: 'Add field' }).click();
    await page.getByRole('textbox', { name: 'Unit' }).click();
    await page.getByText(category, { exact: true }).click();
    const menu = page.locator('.rc-cascader-menus');
    await menu.locator('ul').nth(1).waitFor();
    // The menu moves when the second list has come.
    await expect
      .poll(async () => {
        const { x, width } = (await menu.boundingBox())!;
        return x >= 0 && x + width <= 380;
      }, SOON)
      .toBe(true);
    const cut = (): Promise<Array<string | null>> =>
      menu
        .locator('li')
        .evaluateAll((units) =>
          units
            .filter((unit) => unit.scrollWidth > unit.clientWidth || unit.scrollHeight > unit.clientHeight)
            .map(({ textContent }) => textContent)
        );
    await expect.poll(cut, SOON).toEqual([]);
  });

  it.each(['degree', 'concentration'])(
    'shows the units that a search for %s finds within a narrow page',
    async (typed) => {
      await using workbench = await openWorkbench(browser, {
        broker: broker.ws?.url ?? '',
        view: 'explore',
        topic: 'home/kitchen/temperature',
        width: 380,
      });
      const { page } = workbench;
      await page.getByRole('button', { name: /^Payload/ }).click();
      await page.getByRole('button', { name: 'Add field' }).click();
      await page.getByRole('textbox', { name: 'Unit' }).focus();
      await page.keyboard.type(typed);
      const options = page.getByRole('option');
      await options.filter({ hasText: `Custom unit: ${typed}` }).waitFor();
      const boxes = await options.evaluateAll((all) =>
        all.map((option) => {
          const { left, right } = option.getBoundingClientRect();
          return { left, right, cut: option.scrollWidth > option.clientWidth };
        })
      );
      expect(boxes.filter(({ left, right, cut }) => left < 0 || right > 380 || cut)).toEqual([]);
    }
  );

  it.each([380, 1280])('pauses the topic browser while nothing in it moves, %d pixels', async (width) => {
    await using workbench = await openWorkbench(browser, { broker: broker.ws?.url ?? '', view: 'explore', width });
    const { page } = workbench;
    await page.getByRole('button', { name: 'Browse topics' }).click();
    const topics = page.getByRole('group', { name: 'Topic browser' });
    const places = async (): Promise<unknown> =>
      Promise.all(
        [topics.getByRole('button', { name: '$SYS' }), topics.getByRole('tree')].map((part) => part.boundingBox())
      );
    await topics.getByRole('treeitem').first().waitFor();
    const before = await places();
    await topics.getByRole('button', { name: 'Pause' }).click();
    await topics.getByRole('button', { name: 'Continue' }).waitFor();
    expect(await places()).toEqual(before);
  });

  it.each([380, 1280])('shows messages while nothing in the inspector moves, %d pixels', async (width) => {
    const topic = 'factory/line1/motor/vibration';
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      width,
      topic,
    });
    const { page } = workbench;
    await page.getByRole('button', { name: 'Inspect messages' }).click();
    const inspector = page.getByRole('group', { name: 'Message inspector' });
    const list = inspector.getByRole('list', { name: 'Last messages' });
    const first = list.getByRole('button').first();
    await first.waitFor();
    await page.mouse.move(0, 0);
    const top = async (): Promise<number | undefined> => (await list.boundingBox())?.y;
    const before = await top();
    await first.hover();
    await inspector.getByText(/newer since you read/).waitFor();
    expect(await top()).toBe(before);
    await first.click();
    await inspector.getByRole('button', { name: 'Follow the newest' }).waitFor();
    expect(await top()).toBe(before);
  });

  it('follows the theme of the system, and its own switch', async () => {
    await using workbench = await openWorkbench(browser, { broker: broker.ws?.url ?? '', view: 'config' });
    const { page } = workbench;
    const scheme = () => page.evaluate(() => document.documentElement.style.colorScheme);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByRole('button', { name: 'Switch to light theme' }).waitFor();
    expect(await scheme()).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByRole('button', { name: 'Switch to dark theme' }).click();
    await page.getByRole('button', { name: 'Switch to light theme' }).waitFor();
    expect(await scheme()).toBe('dark');
  });
});
