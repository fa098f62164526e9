import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { hasBrowser, launchChromium, openWorkbench, SOON, publishAsStranger, publishBytes } from './testing';

const LINGER_S = 1;

async function typeTopic(page: Page | Locator, topic: string): Promise<void> {
  const field = page.getByRole('textbox', { name: /^Topic/ });
  await field.fill(topic);
  await field.blur();
}

/** Presses Tab, as somebody without a mouse does, until the focus is on a control with this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const control = document.activeElement;
      const labels = control instanceof HTMLInputElement ? [...(control.labels ?? [])] : [];
      const labelledBy = document.getElementById(control?.getAttribute('aria-labelledby') ?? '');
      const label = labelledBy ?? labels[0];
      return control?.getAttribute('aria-label') ?? label?.textContent ?? control?.textContent ?? '';
    });
    if (name.test(focused)) {
      return;
    }
  }
  throw new Error(`Tab leads to no control with the name ${name}`);
}

/** Finds the topic of the cellar by a part of its name, with the keys of an open topic browser. */
async function findCellar(page: Page): Promise<void> {
  const attic = page.getByRole('treeitem', { name: /attic/ }).first();
  await attic.waitFor();
  await page.keyboard.type('cell');
  await attic.waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
}

/** The table of the panel; the query editor has a table as well. */
function visualization(page: Page, name: string): Locator {
  return page.getByRole('radiogroup', { name: 'Visualization' }).getByRole('radio', { name });
}

describe.skipIf(!hasBrowser())('a stranger', () => {
  let browser: Browser;
  let broker: TestBroker;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    broker = await startBroker();
  });
  afterEach(() => broker.close());

  // Without those of the history protocol: a panel waits for the status of a historian.
  const filters = () => [...broker.subscriptions().values()].flat().filter((filter) => !filter.startsWith('history/'));
  const open = (topic?: string, expected?: RegExp) =>
    openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      topic,
      jsonData: { linger: LINGER_S },
      expected,
    });
  const subscribed = async (filter: string) => {
    await expect.poll(filters, SOON).toContain(filter);
  };
  const unsubscribed = async (filter: string) => {
    await expect.poll(filters, SOON).not.toContain(filter);
  };
  const tcpPort = () => broker.tcp?.port ?? 0;

  it('publishes over TCP and reads the value off the page', async () => {
    await using workbench = await open();
    const { page, panel } = workbench;
    await visualization(page, 'Single value').check();
    await typeTopic(page, 'stranger/attic/temperature');
    await subscribed('stranger/attic/temperature');
    await publishAsStranger(tcpPort(), 'stranger/attic/temperature', '21.5');
    await expect.poll(() => panel('Query result').textContent(), SOON).toContain('21.5');
    await publishBytes(tcpPort(), 'stranger/attic/temperature', '-3.25');
    await expect.poll(() => panel('Query result').textContent(), SOON).toContain('-3.25');
  });

  it('sees a single message as a point, before there is a line', async () => {
    await using workbench = await open('stranger/one');
    const { panel } = workbench;
    await subscribed('stranger/one');
    await publishAsStranger(tcpPort(), 'stranger/one', '21.5');
    await panel('Query result').locator('canvas').first().waitFor();
    // Axes and grid are grey; only the plot has colours.
    const coloured = () =>
      panel('Query result').evaluate((region) => {
        const canvas = region.querySelector('canvas');
        const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        let count = 0;
        for (let i = 0; i < pixels.length; i += 4) {
          const [red, green, blue] = [pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0];
          count += Math.max(red, green, blue) - Math.min(red, green, blue) > 60 ? 1 : 0;
        }
        return count;
      });
    await expect.poll(coloured, SOON).toBeGreaterThan(4);
  });

  it('sees text in the table', async () => {
    await using workbench = await open('stranger/#');
    const { page, panel } = workbench;
    await visualization(page, 'Table').check();
    await subscribed('stranger/#');
    await publishAsStranger(tcpPort(), 'stranger/door', 'ajar');
    await expect.poll(() => panel('Query result').getByRole('grid').textContent(), SOON).toContain('ajar');
  });

  it('publishes from the page, and reads the value there', async () => {
    await using workbench = await open('stranger/{place}/level');
    const { page, panel } = workbench;
    await visualization(page, 'Single value').check();
    await subscribed('stranger/+/level');
    const form = page.getByRole('form', { name: 'Publish a message' });
    expect(await form.getByRole('textbox', { name: 'Publish to' }).inputValue()).toBe('stranger/place/level');
    await form.getByRole('textbox', { name: 'Message' }).fill('42.25');
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByText('Published to stranger/place/level').waitFor();
    await expect.poll(() => panel('Query result').textContent(), SOON).toContain('42.3');

    await form.getByRole('textbox', { name: 'Publish to' }).fill('stranger/#');
    await form.getByRole('button', { name: 'Publish' }).click();
    await form.getByText(/^Not published: .*wildcards/).waitFor();
  });

  it('maps ON and OFF to 1 and 0 with one click, and sees what was sent', async () => {
    await broker.publish({ topic: 'stranger/lamp', payload: '{"state":"ON","power":5}', retain: true });
    await using workbench = await open('stranger/lamp');
    const { page, panel } = workbench;
    await visualization(page, 'Single value').check();
    await page.getByRole('button', { name: 'Map state to 1 and 0' }).click();
    await expect.poll(() => panel('Query result').textContent(), SOON).toContain('ON');
    await publishAsStranger(tcpPort(), 'stranger/lamp', '{"state":"OFF","power":0}');
    await expect.poll(() => panel('Query result').textContent(), SOON).toContain('OFF');
    await expect(page.getByRole('list', { name: 'Suggested value mappings' }).count()).resolves.toBe(0);
    await page.getByRole('button', { name: /^Payload/ }).click();
    expect(await page.getByRole('textbox', { name: 'True' }).inputValue()).toBe('ON');
  });

  it('requests the birth of a Sparkplug node in the Worker of the built plugin, if the settings allow it', async () => {
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      topic: 'spBv1.0/#',
      jsonData: { linger: LINGER_S, sparkplugRebirth: true },
    });
    await subscribed('spBv1.0/#');
    expect(workbench.page.workers()).toHaveLength(1);
    // A metric by its alias alone: 7, an Int32 (3), of 1.
    await broker.publish({ topic: 'spBv1.0/Plant/DDATA/Edge/Pump', payload: Buffer.from('1206100720035001', 'hex') });
    const { payload, qos, retain } = await broker.message('spBv1.0/Plant/NCMD/Edge', SOON.timeout);
    expect([qos, retain]).toEqual([0, false]);
    expect(payload.toString('hex')).toMatch(
      new RegExp(`^08(..){6}12210a14${Buffer.from('Node Control/Rebirth').toString('hex')}18(..){6}200b7001$`)
    );
  });

  it.each([380, 1280])('comes back to now after a zoom, %d pixels', async (width) => {
    const topic = 'stranger/zoom';
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      topic,
      width,
    });
    const { page, panel } = workbench;
    await subscribed(topic);
    await publishAsStranger(tcpPort(), topic, '1');
    const plot = panel('Query result').locator('.u-over');
    await plot.waitFor();
    await plot.scrollIntoViewIfNeeded();
    const back = page.getByRole('button', { name: 'Back to now' });
    expect(await back.count()).toBe(0);
    const top = async (): Promise<number | undefined> => (await panel('Query result').boundingBox())?.y;
    const before = await top();
    const { x, y, width: w, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + w * 0.6, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + w * 0.9, y + height / 2, { steps: 5 });
    await page.mouse.up();
    await back.waitFor();
    // The plot goes where the range has no row; the panel stays
    expect(await top()).toBe(before);
    const status = page.getByRole('group', { name: 'Status of the query' });
    await status.getByText('Not live: the time range does not end now').waitFor();
    await back.click();
    await status.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: /Time range selected: Last 1 minute/ }).waitFor();
    expect(await back.count()).toBe(0);
  });

  it('has its queries in the address, over a reload and in a copy of the page', async () => {
    await using workbench = await open('stranger/a');
    const { page } = workbench;
    expect(new URL(page.url()).searchParams.getAll('query')).toEqual([]);
    await typeTopic(page, 'stranger/{place}/level');
    await page.getByRole('textbox', { name: 'Legend' }).fill('{{place}} & more + 100 %');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Add query' }).click();
    await typeTopic(page.getByRole('group', { name: 'Query B' }), 'stranger/#');
    await subscribed('stranger/#');
    const texts = async (name: RegExp): Promise<string[]> => {
      const boxes = await page.getByRole('textbox', { name }).all();
      return Promise.all(boxes.map((box) => box.inputValue()));
    };
    await page.reload();
    await expect.poll(() => texts(/^Topic/), SOON).toEqual(['stranger/{place}/level', 'stranger/#']);
    expect(await texts(/^Legend/)).toEqual(['{{place}} & more + 100 %', '']);
    await page.goto('about:blank');
    await page.goBack();
    await expect.poll(() => texts(/^Topic/), SOON).toEqual(['stranger/{place}/level', 'stranger/#']);

    await page.getByRole('group', { name: 'Query A' }).getByRole('button', { name: 'Remove query' }).click();
    await page.reload();
    await expect.poll(() => texts(/^Topic/), SOON).toEqual(['stranger/#']);
    await page.getByRole('group', { name: 'Query B' }).waitFor();
  });

  it('adds, hides and removes queries; each filter is subscribed while a query has it', async () => {
    await using workbench = await open('stranger/a');
    const { page } = workbench;
    await subscribed('stranger/a');
    await page.getByRole('button', { name: 'Add query' }).click();
    const second = page.getByRole('group', { name: 'Query B' });
    await typeTopic(second, 'stranger/b');
    await subscribed('stranger/b');

    await second.getByRole('button', { name: 'Hide response' }).click();
    await unsubscribed('stranger/b');
    expect(filters()).toContain('stranger/a');
    await second.getByRole('button', { name: 'Show response' }).click();
    await subscribed('stranger/b');
    await second.getByRole('button', { name: 'Remove query' }).click();
    await unsubscribed('stranger/b');
    await expect(second.count()).resolves.toBe(0);
  });

  it('finds a topic by a part of its name, names a level, and gets a series for each room', async () => {
    for (const room of ['attic', 'cellar', 'hall']) {
      await broker.publish({ topic: `home/${room}/temperature`, payload: '21.5', retain: true });
    }
    // An empty query is an error.
    await using workbench = await open('', /./);
    const { page, panel } = workbench;
    const topic = page.getByRole('textbox', { name: /^Topic/ });
    await page.getByRole('button', { name: 'Browse topics' }).click();
    await findCellar(page);
    expect(await topic.inputValue()).toBe('home/cellar/temperature');
    await page.getByRole('button', { name: /any level, with the label room/ }).click();
    expect(await topic.inputValue()).toBe('home/{room}/temperature');
    await page.getByText('3 topics: home/').waitFor();
    await expect.poll(() => panel('Query result').textContent(), SOON).toMatch(/^(?=.*attic)(?=.*cellar)(?=.*hall)/);
    // The sessions of browser and inspector end with them; the panel's stays.
    await page.getByRole('button', { name: 'Close browser' }).click();
    await page.getByRole('button', { name: 'Inspect messages' }).click();
    await expect.poll(filters, SOON).toEqual(['home/+/temperature']);
    await topic.fill('home/{room}/te');
    await page.getByRole('option', { name: 'temperature' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await topic.inputValue()).toBe('home/{room}/temperature');
  });

  it('types a topic while nothing below the field moves', async () => {
    await broker.publish({ topic: 'home/attic/temperature', payload: '21.5', retain: true });
    await using workbench = await open('', /./);
    const { page } = workbench;
    const top = async (): Promise<number | undefined> =>
      (await page.getByRole('combobox', { name: 'Format' }).boundingBox())?.y;
    const before = await top();
    await page.getByRole('textbox', { name: /^Topic/ }).click();
    await page.getByRole('option', { name: /home/ }).waitFor();
    expect(await top()).toBe(before);
    await page.keyboard.type('home/at');
    await page.getByRole('option', { name: /attic/ }).waitFor();
    expect(await top()).toBe(before);
  });

  it('gets one named series in °C for each room with the keyboard alone', async () => {
    for (const room of ['attic', 'cellar', 'hall']) {
      await broker.publish({ topic: `home/${room}/climate`, payload: '{"temp":21.5,"hum":40}', retain: true });
    }
    await using workbench = await open('', /./);
    const { page, panel } = workbench;
    await tabTo(page, /^Browse topics/);
    await page.keyboard.press('Enter');
    await page.getByRole('treeitem', { name: /attic/ }).first().waitFor();
    // Escape leads back to the button that opened it, and not to the top of the page.
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), SOON).toBe('Browse topics');
    await page.keyboard.press('Enter');
    await findCellar(page);
    await page.getByRole('button', { name: /any level, with the label room/ }).waitFor();
    await tabTo(page, /any level, with the label room/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /21.5.*: field temp/ }).waitFor();
    await tabTo(page, /21.5.*: field temp/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Unit: temp/);
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.getByRole('textbox', { name: 'Unit' }).evaluate((unit) => unit === document.activeElement), SOON)
      .toBe(true);
    await page.keyboard.type('Celsius');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => panel('Query result').textContent(), SOON)
      .toMatch(/^(?=.*attic temp)(?=.*cellar temp)(?=.*hall temp)(?!.*hum)/);
    expect(await page.getByRole('textbox', { name: /^Topic/ }).inputValue()).toBe('home/{room}/climate');
    await expect.poll(() => page.getByRole('textbox', { name: 'Unit' }).inputValue(), SOON).toBe('Celsius (°C)');
  });

  it('gets the same with the mouse, which types only a part of the name', async () => {
    for (const room of ['attic', 'cellar', 'hall']) {
      await broker.publish({ topic: `home/${room}/climate`, payload: '{"temp":21.5,"hum":40}', retain: true });
    }
    await using workbench = await open('', /./);
    const { page, panel } = workbench;
    await page.getByRole('button', { name: 'Browse topics' }).click();
    await page.getByRole('treeitem', { name: /attic/ }).first().waitFor();
    await page.getByRole('textbox', { name: 'Search topics' }).pressSequentially('cell');
    await page.getByRole('treeitem', { name: /attic/ }).first().waitFor({ state: 'detached' });
    await page.getByRole('treeitem', { name: /^climate/ }).click();
    await page.getByRole('button', { name: /any level, with the label room/ }).click();
    const temp = page.getByRole('button', { name: /21.5.*: field temp/ });
    await temp.hover(); // which scrolls it into view
    const before = await temp.boundingBox();
    await temp.click();
    const unit = page.getByRole('button', { name: 'Unit: temp' });
    await unit.waitFor();
    expect(await temp.boundingBox()).toEqual(before);
    await unit.click();
    await page.getByRole('textbox', { name: 'Unit' }).click();
    await page.getByText('Temperature', { exact: true }).click();
    await page.getByText('Celsius (°C)').click();
    await expect
      .poll(() => panel('Query result').textContent(), SOON)
      .toMatch(/^(?=.*attic temp)(?=.*cellar temp)(?=.*hall temp)(?!.*hum)/);
    await expect.poll(() => page.getByRole('textbox', { name: 'Unit' }).inputValue(), SOON).toBe('Celsius (°C)');
    await visualization(page, 'Single value').check();
    await expect.poll(() => panel('Query result').textContent(), SOON).toMatch(/attic temp.*21\.5.?°C/);
  });

  it('charts the power of three Tasmota plugs in watts with four clicks, and types no path', async () => {
    for (const plug of ['plug1', 'plug2', 'plug3']) {
      const payload = '{"Time":"2026-01-01T00:00:00","ENERGY":{"Power":5,"Voltage":230}}';
      await broker.publish({ topic: `tele/${plug}/SENSOR`, payload, retain: true });
    }
    await using workbench = await open('', /./);
    const { page, panel } = workbench;
    await page.getByRole('button', { name: 'Browse topics' }).click();
    await page
      .getByRole('treeitem', { name: /^SENSOR/ })
      .first()
      .click();
    await page.getByRole('button', { name: /any level, with the label device/ }).click();
    await page.getByRole('button', { name: '5 W: field ENERGY.Power' }).click();
    await expect
      .poll(() => panel('Query result').textContent(), SOON)
      .toMatch(/^(?=.*plug1 ENERGY.Power)(?=.*plug2 ENERGY.Power)(?=.*plug3 ENERGY.Power)/);
    await page
      .getByRole('button', { name: /^Payload/ })
      .first()
      .click();
    expect(await page.getByRole('textbox', { name: 'Unit' }).inputValue()).toBe('Watt (W)');
  });

  it.each(
    [380, 1280].flatMap((width) => [
      { width, button: 'Inspect messages', group: 'Message inspector', part: 'Values of the message' },
      { width, button: 'Browse topics', group: 'Topic browser', part: 'Topics' },
    ])
  )('loses the broker while nothing in the $group moves, $width pixels', async ({ width, button, group, part }) => {
    await broker.publish({ topic: 'stranger/attic', payload: '{"a":1,"b":2}', retain: true });
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      topic: 'stranger/attic',
      width,
      expected: /WebSocket connection|Failed to load resource/,
    });
    const { page } = workbench;
    await page.getByRole('button', { name: button }).click();
    const box = page.getByRole('group', { name: group });
    const list = box.getByLabel(part, { exact: true });
    const top = async (): Promise<number> => (await list.boundingBox())!.y - (await box.boundingBox())!.y;
    await list.waitFor();
    // First the message as the panel has it, then as it comes again, with its time and QoS
    const before = await top();
    await box
      .getByText(/QoS 0|^1 topic/)
      .first()
      .waitFor();
    expect(await top()).toBe(before);
    await broker.stop();
    const alert = box.getByRole('alert');
    await alert.waitFor();
    expect(await top()).toBe(before);
    await broker.restart();
    await alert.waitFor({ state: 'detached' });
  });

  it.each([380, 1280])('gets the nearest topics while nothing moves, %d pixels', async (width) => {
    for (const room of ['attic', 'attid', 'attie']) {
      await broker.publish({ topic: `stranger/${room}/temperature`, payload: '21.5', retain: true });
    }
    const topic = 'stranger/attik/temperature';
    await using workbench = await openWorkbench(browser, {
      broker: broker.ws?.url ?? '',
      view: 'explore',
      topic,
      width,
    });
    const { page } = workbench;
    const top = async (): Promise<number | undefined> =>
      (await page.getByRole('combobox', { name: 'Format' }).boundingBox())?.y;
    const status = page.getByRole('group', { name: 'Status of the query' });
    await status.getByText('0 messages').waitFor();
    const before = await top();
    await status
      .getByRole('button', { name: /^Use stranger/ })
      .first()
      .waitFor();
    expect(await top()).toBe(before);
  });

  it('mistypes a topic, gets the nearest existing one, and chooses it with a click', async () => {
    await broker.publish({ topic: 'stranger/attic/temperature', payload: '21.5', retain: true });
    await using workbench = await open('Stranger/{room}/temperature');
    const { page, panel } = workbench;
    await visualization(page, 'Single value').check();
    await page.getByRole('button', { name: 'Use stranger/+/temperature' }).click();
    await expect.poll(() => panel('Query result').textContent(), SOON).toContain('21.5');
    expect(await page.getByRole('textbox', { name: /^Topic/ }).inputValue()).toBe('stranger/{room}/temperature');
    await expect.poll(filters, SOON).toEqual(['stranger/+/temperature']);
  });

  it('runs one Worker while it streams and while it connects again, and none after the linger', async () => {
    await using workbench = await open('stranger/worker', /WebSocket connection|Failed to load resource/);
    const { page } = workbench;
    const workers = () => page.workers().length;
    await subscribed('stranger/worker');
    expect(workers()).toBe(1);
    await broker.stop();
    await page.getByRole('group', { name: 'Connection to the broker' }).getByRole('alert').waitFor();
    // By then, several attempts to connect have failed.
    await page.waitForTimeout(3_000);
    expect(workers()).toBe(1);
    await broker.restart();
    await subscribed('stranger/worker');
    expect(workers()).toBe(1);
    await page.getByRole('button', { name: 'Pause panels' }).click();
    await unsubscribed('stranger/worker');
    await expect.poll(workers, SOON).toBe(0);
    expect(broker.clients()).toBe(0);
  });

  it('unsubscribes when the panels are left, after the linger and not before', async () => {
    await using workbench = await open('stranger/left');
    await subscribed('stranger/left');
    // A panel that has data of exactly its time range, to the second, does not query on return (:299-335).
    await workbench.page.waitForTimeout(1500);
    const left = Date.now();
    await workbench.page.getByRole('button', { name: 'Pause panels' }).click();
    await unsubscribed('stranger/left');
    expect(Date.now() - left).toBeGreaterThan(LINGER_S * 1000 * 0.8);
    await workbench.page.getByRole('button', { name: 'Resume panels' }).click();
    await subscribed('stranger/left');
  });

  it('stays subscribed over a refresh', async () => {
    await using workbench = await open('stranger/refresh');
    const { page, panel } = workbench;
    await visualization(page, 'Single value').check();
    await subscribed('stranger/refresh');
    await publishAsStranger(tcpPort(), 'stranger/refresh', '7');
    await expect.poll(() => panel('Query result').textContent(), SOON).toMatch(/7$/);
    const before = broker.connections().map(({ clientId }) => clientId);
    await page
      .getByRole('button', { name: /refresh/i })
      .first()
      .click();
    await publishAsStranger(tcpPort(), 'stranger/refresh', '8');
    await expect.poll(() => panel('Query result').textContent(), SOON).toMatch(/8$/);
    expect(broker.connections().map(({ clientId }) => clientId)).toEqual(before);
  });

  it('gets a message about an invalid filter, on its row', async () => {
    await using workbench = await open('a/#/b');
    const row = workbench.page.getByRole('group', { name: 'Query A' });
    await expect
      .poll(() => row.getByRole('alert').allTextContents(), SOON)
      .toContainEqual(expect.stringContaining('#'));
  });
});

describe.skipIf(!hasBrowser())('the settings', () => {
  it('are saved and tested on a new instance', async () => {
    const browser = await launchChromium();
    await using broker = await startBroker();
    try {
      const ws = broker.ws?.url ?? '';
      await using workbench = await openWorkbench(browser, {
        broker: ws,
        view: 'config',
        // The page sends an HTTP request as well, to find out what listens there.
        expected: /WebSocket connection|Failed to load resource/,
      });
      const { page } = workbench;
      await page.getByRole('button', { name: 'Save & test' }).click();
      const result = page.getByTestId('health-check');
      await result.waitFor();
      const good = await result.textContent();

      await page.getByRole('textbox', { name: /^URL/ }).fill('ws://127.0.0.1:9/mqtt');
      await page.getByRole('button', { name: 'Save & test' }).click();
      await page.waitForFunction(
        (text) =>
          document.querySelector('[data-testid="health-check"]')?.textContent !== text &&
          document.querySelector('[data-testid="health-check"]'),
        good
      );
      expect(await result.textContent()).not.toBe(good);
    } finally {
      await browser.close();
    }
  });
});
