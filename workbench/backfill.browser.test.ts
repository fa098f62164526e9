import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { expect, it } from 'vitest';

import { startRecorder } from '../broker/examples/influxdb-recorder';
import { startBroker } from '../broker/fixture';
import { findInfluxdb, startInfluxdb } from '../testing/influxdb';
import { BUILD } from './paths';
import { hasBrowser, launchChromium, openWorkbench, serveInfluxdb, SOON } from './testing';

const program = findInfluxdb();
const TOPIC = 'home/kitchen/temperature';

// Needs Chromium and Debian's package influxdb; CI has both.
it.skipIf(!hasBrowser() || program === undefined).each(['light', 'dark'] as const)(
  'a stranger adds the past from InfluxDB to a live query, %s',
  async (theme) => {
    await using influxdb = await startInfluxdb(program!);
    await using broker = await startBroker();
    const recorder = await startRecorder({
      broker: broker.tcp!.url,
      influxdb: influxdb.url,
      database: 'demo',
      filters: ['home/#'],
    });
    recorder.record(TOPIC, '12.5', Date.now() - 8_000);
    recorder.record('home/attic/temperature', '7.5', Date.now() - 5_000);
    await recorder.write();
    const server = await serveInfluxdb({ url: influxdb.url, database: 'demo' });
    const browser = await launchChromium();
    try {
      await using workbench = await openWorkbench(browser, {
        server: server.url,
        broker: broker.ws!.url,
        view: 'explore',
        topic: 'home/{room}/temperature',
        theme,
        jsonData: { linger: 1, restore: 0 },
        expected: /400 \(Bad Request\)/,
      });
      const { page, panel } = workbench;
      const shown = () => panel('Query result').getByRole('grid').textContent();
      const visualization = page.getByRole('radiogroup', { name: 'Visualization' });
      await visualization.getByRole('radio', { name: 'Table' }).check({ force: true });
      // One table of all series, the silent one among them.
      await page
        .getByRole('radiogroup', { name: 'Show as' })
        .getByRole('radio', { name: 'Table' })
        .check({ force: true });
      await expect.poll(() => [...broker.subscriptions().values()].flat(), SOON).toContain('home/+/temperature');
      await broker.publish({ topic: TOPIC, payload: '21.5' });
      await expect.poll(shown, SOON).toContain('21.5');
      expect(await shown()).not.toContain('12.5');

      await page.getByRole('button', { name: /^Backfill/ }).click();
      await page.getByRole('combobox', { name: /data source/i }).click();
      await page.getByRole('option', { name: 'InfluxDB' }).click();
      const query = page.getByRole('group', { name: 'Query of InfluxDB' }).getByRole('textbox', { name: 'Query' });
      await expect.poll(shown, SOON).toContain('12.5');
      await expect.poll(shown, SOON).toContain('7.5');
      await broker.publish({ topic: TOPIC, payload: '21.7' });
      await expect.poll(shown, SOON).toContain('21.7');
      await mkdir(path.join(BUILD, 'screenshots'), { recursive: true });
      await page.setViewportSize({ width: 1280, height: 1500 }); // a full-page screenshot would resize the table while it is taken
      await page.waitForTimeout(500);
      await page.screenshot({ path: path.join(BUILD, 'screenshots', `backfill-${theme}.png`) });

      // The live rows stream on if the query is wrong, and a warning has InfluxDB's words.
      await query.fill('SELECT mean("value" FROM "mqtt"');
      await query.blur();
      await page.getByText('1 warning').waitFor();
      await broker.publish({ topic: TOPIC, payload: '22.5' });
      await expect.poll(shown, SOON).toContain('22.5');
      expect(await shown()).not.toContain('12.5');
    } finally {
      await browser.close();
      await server.close();
      await recorder.stop();
    }
  }
);
