import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { hasBrowser, launchChromium, openWorkbench, SOON } from './testing';

/** Time limit for panels to change, also on a slow machine; otherwise they take less than two seconds. */
const MOVES_WITHIN_MS = 15_000;

/** A house and a factory whose values change with every message. */
function publishAll(broker: TestBroker): () => void {
  let count = 0;
  const timer = setInterval(() => {
    count++;
    const messages: Array<[topic: string, payload: string]> = [
      ['home/kitchen/temperature', (20 + (count % 40) / 10).toFixed(1)],
      ['home/kitchen/humidity', (40 + (count % 40) / 10).toFixed(1)],
      ['home/bedroom/humidity', (45 + (count % 40) / 10).toFixed(1)],
      ['home/bedroom/temperature', (18 + (count % 40) / 10).toFixed(1)],
      ['factory/line1/motor/vibration', String(Math.sin(count / 3))],
      ['factory/line1/motor', JSON.stringify({ speed: 1400 + count, bearing: { temperature: 60 } })],
      ['factory/line1/press/status', count % 2 ? 'running' : 'idle'],
      ['tele/washing-machine/SENSOR', JSON.stringify({ ENERGY: { Power: 100 + count } })],
    ];
    for (const [topic, payload] of messages) {
      void broker.publish({ topic, payload });
    }
  }, 100);
  return () => clearInterval(timer);
}

/** The number of dots that Grafana's frame of a panel has while it streams. Its button has no name. */
function streams(panel: Locator): Promise<number> {
  return panel.getByTestId('icon-circle-mono').count();
}

describe.skipIf(!hasBrowser())('the dashboard', () => {
  let browser: Browser;
  let broker: TestBroker;
  let stop: () => void;
  let ws: string;

  beforeAll(async () => {
    browser = await launchChromium();
    broker = await startBroker();
    ws = broker.ws?.url ?? '';
    stop = publishAll(broker);
  });
  afterAll(async () => {
    stop();
    await broker.close();
    await browser.close();
  });

  it('loads the plugin with SystemJS, by script tag, from the same path as Grafana', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard' });
    // SystemJS removes its script tags after they have run, so use the browser's own record.
    const loaded = await workbench.page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry.name.includes('/module.js'))
        .map((entry) => [new URL(entry.name).pathname, 'initiatorType' in entry && entry.initiatorType])
    );
    expect(loaded).toEqual([['/public/plugins/mqttstream-websocket-datasource/module.js', 'script']]);
  });

  it('changes soon after it is loaded: plots, values and tables', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard', height: 1400 });
    const { page, panel } = workbench;
    const seen = await page.evaluate(async (limit) => {
      // This function runs in the page, without access to variables of this file.
      // oxlint-disable-next-line unicorn/consistent-function-scoping
      const read = () => ({
        stat: document.querySelector('[data-testid="data-testid Panel header Kitchen"]')?.textContent ?? '',
        plots: [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join('|'),
        rows: document.querySelector('[role="grid"]')?.textContent ?? '',
      });
      const first = read();
      const moved = { stat: 0, plots: 0, rows: 0 };
      const start = performance.now();
      while (performance.now() - start < limit && Object.values(moved).includes(0)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const now = read();
        for (const what of ['stat', 'plots', 'rows'] as const) {
          if (now[what] !== first[what] && /\d/.test(now[what])) {
            moved[what] ||= Math.round(performance.now() - start);
          }
        }
      }
      return moved;
    }, MOVES_WITHIN_MS);
    expect(seen).toEqual({ stat: expect.any(Number), plots: expect.any(Number), rows: expect.any(Number) });
    expect(Math.min(seen.stat, seen.plots, seen.rows)).toBeGreaterThan(0);

    await expect.poll(() => panel('Washing machine').textContent(), SOON).toMatch(/\d ?k?W/);
    await expect.poll(() => panel('Motor').textContent(), SOON).toMatch(/\d+ ?rpm/);
    await expect.poll(() => panel('Presses').getByRole('grid').textContent(), SOON).toMatch(/running|idle/);
    await expect.poll(() => page.getByRole('status', { name: 'Connection' }).textContent(), SOON).toBe('Live');
  });

  it('shows each room as a series with its label', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard' });
    const panel = workbench.panel('Temperature by room');
    await expect.poll(() => panel.textContent(), SOON).toMatch(/kitchen.*bedroom|bedroom.*kitchen/);
  });

  it('zooms by dragging, as Grafana does, and the address has the range', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard' });
    const { page, panel } = workbench;
    const plot = panel('Temperature by room').locator('.u-over');
    await expect.poll(() => panel('Temperature by room').textContent(), SOON).toContain('kitchen');
    await expect.poll(() => streams(panel('Kitchen')), SOON).toBe(1);
    const box = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const middle = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.6, middle);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, middle, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
    // A range that has ended does not stream.
    await expect.poll(() => streams(panel('Kitchen')), SOON).toBe(0);
  });

  it('shows logs, a repeated panel for each value of a variable, and queries of Mixed', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard', height: 1700 });
    const { page, panel } = workbench;
    await expect.poll(() => panel('What happened').getByRole('log').textContent(), SOON).toMatch(/running|idle/);
    await expect.poll(() => panel('Humidity in kitchen').textContent(), SOON).toMatch(/home\/kitchen\/humidity$/);
    await panel('Humidity in bedroom').waitFor();
    // It does not stream: what has arrived since is there after a refresh.
    await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    await expect.poll(() => panel('Inside and outside').textContent(), SOON).toMatch(/kitchen/);
    await expect.poll(() => streams(panel('Humidity in kitchen')), SOON).toBe(1);
    expect(await streams(panel('Inside and outside'))).toBe(0);

    await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
    await page.getByRole('heading', { name: 'House and factory' }).click();
    await panel('Humidity in bedroom').waitFor({ state: 'detached' });
    await expect.poll(() => new URL(page.url()).searchParams.getAll('var-room'), SOON).toEqual(['kitchen']);
  });

  it('adds a panel, edits it, and has it in the address', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard', height: 1700 });
    const { page, panel } = workbench;
    await page.getByRole('button', { name: 'Add panel' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Speed of the motor');
    const topic = page.getByRole('textbox', { name: /^Topic/ });
    await topic.fill('factory/line1/motor');
    await topic.blur();
    await page
      .getByRole('radiogroup', { name: 'Visualization' })
      .getByRole('radio', { name: 'Single value' })
      .check({ force: true });
    await expect.poll(() => panel('Speed of the motor').textContent(), SOON).toMatch(/speed\d{4}/);
    await page.getByRole('button', { name: 'Back to dashboard' }).click();
    await expect.poll(() => panel('Speed of the motor').textContent(), SOON).toMatch(/speed\d{4}/);

    await page.reload();
    await expect.poll(() => panel('Speed of the motor').textContent(), SOON).toMatch(/speed\d{4}/);
    await panel('Motor').hover();
    await panel('Motor').getByRole('button', { name: 'Menu for panel Motor' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await panel('Motor').waitFor({ state: 'detached' });
    await page.reload();
    await panel('Speed of the motor').waitFor();
    expect(await panel('Motor').count()).toBe(0);
  });

  it('says in the editor of a panel that was zoomed before that it is not live, and has a way back', async () => {
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard' });
    const { page, panel } = workbench;
    const region = panel('Temperature by room');
    await expect.poll(() => region.textContent(), SOON).toContain('kitchen');
    const box = (await region.locator('.u-over').boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
    await expect.poll(() => streams(region), SOON).toBe(0);
    await region.hover();
    await region.getByRole('button', { name: /^Menu for panel/ }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const status = page.getByRole('group', { name: 'Status of the query' });
    await status.getByText('Not live: the time range does not end now').waitFor();
    await status.getByRole('button', { name: 'Back to now' }).click();
    await page.waitForURL(/from=now-5m&to=now/);
    await status.getByText('Live', { exact: true }).waitFor();
    await expect.poll(() => streams(region), SOON).toBe(1);
  });

  it('gives a panel a unit, a minimum, decimals and a legend, and has them in the address', async () => {
    const panel = JSON.stringify({
      id: 11,
      title: 'Motor speed',
      queries: [{ refId: 'A', topic: 'factory/line1/motor' }],
    });
    await using workbench = await openWorkbench(browser, {
      broker: ws,
      view: 'dashboard',
      panels: [panel],
      height: 1700,
    });
    const { page, panel: region } = workbench;
    const speed = region('Motor speed');
    await expect.poll(() => speed.textContent(), SOON).toContain('speed');
    await speed.hover();
    await speed.getByRole('button', { name: 'Menu for panel Motor speed' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    const options = page.getByRole('group', { name: 'Standard options' });
    await options.getByRole('textbox', { name: 'Unit' }).click();
    await page.keyboard.type('rpm');
    await page.keyboard.press('Enter');
    await options.getByRole('spinbutton', { name: 'Decimals' }).fill('3');
    await options.getByRole('spinbutton', { name: 'Min' }).fill('0');
    await page.keyboard.press('Enter');
    await options.getByRole('switch', { name: 'Legend' }).uncheck({ force: true });
    await expect.poll(() => speed.textContent(), SOON).not.toContain('speedspeed');
    await page.getByRole('radio', { name: 'Single value' }).check({ force: true });
    await expect.poll(() => speed.textContent(), SOON).toMatch(/speed\d+\.\d{3} ?rpm/);

    await page.reload();
    await expect.poll(() => speed.textContent(), SOON).toMatch(/speed\d+\.\d{3} ?rpm/);
    const saved = new URL(page.url()).searchParams.getAll('panel').map((text) => JSON.parse(text) as object);
    expect(saved).toMatchObject([
      { id: 11, legend: { showLegend: false }, fieldConfig: { defaults: { unit: 'rotrpm', decimals: 3, min: 0 } } },
    ]);
  });

  it('shows annotations as events and as regions, as soon as they arrive', async () => {
    await using quiet = await startBroker();
    await using workbench = await openWorkbench(browser, { broker: quiet.ws?.url ?? '', view: 'dashboard' });
    const { page, panel } = workbench;
    const plot = panel('Temperature by room').locator('.u-over');
    await expect.poll(() => [...quiet.subscriptions().values()].flat(), SOON).toContain('home/hallway/door');
    // The cursor says something only where there are points.
    const warm = async (seconds: number): Promise<void> => {
      for (let i = 0; i < seconds * 4; i++) {
        await quiet.publish({ topic: 'home/kitchen/temperature', payload: '20' });
        await page.waitForTimeout(250);
      }
    };
    await warm(1);
    await quiet.publish({ topic: 'home/hallway/door', payload: 'open' });
    await plot.waitFor();
    await warm(2);
    const cleaning = { event: 'Cleaning', text: 'no entry', end_time: Date.now() + 60_000 };
    await quiet.publish({ topic: 'home/hallway/door', payload: JSON.stringify(cleaning) });
    // At how many places of the last quarter of a minute the cursor says each of them.
    const places = async (): Promise<{ open: number; cleaning: number }> => {
      const box = (await plot.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      const found = { open: 0, cleaning: 0 };
      for (let share = 0.75; share < 1; share += 0.005) {
        await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
        await page.waitForTimeout(20);
        const text = (await page.locator('body').textContent()) ?? '';
        found.open += text.includes('home/hallway/door: open') ? 1 : 0;
        found.cleaning += text.includes('Cleaning: no entry') ? 1 : 0;
      }
      return found;
    };
    await warm(4);
    const { open, cleaning: region } = await places();
    expect(open).toBeGreaterThan(0);
    // The event is at one time, give or take a hundredth of the plot; the region is as long as it has lasted.
    expect(region).toBeGreaterThan(open);
  });

  it('has a red lamp over an error in one panel, whatever the others show', async () => {
    const changes = JSON.stringify({ id: 3, queries: [{ refId: 'A', topic: 'a/#/b' }] });
    await using workbench = await openWorkbench(browser, { broker: ws, view: 'dashboard', panels: [changes] });
    const { page, panel } = workbench;
    await expect.poll(() => panel('Washing machine').textContent(), SOON).toMatch(/\d ?k?W/);
    await expect.poll(() => page.getByRole('status', { name: 'Connection' }).textContent(), SOON).toBe('Error');
  });
});
