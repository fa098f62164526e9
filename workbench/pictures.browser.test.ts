import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startBroker, type TestBroker } from '../broker/fixture';
import { startSensors } from '../broker/sensors';
import { DEMO_SETS } from './options';
import { BUILD } from './paths';
import { PICTURES, takePicture } from './picture';
import type { WorkbenchServer } from './server';
import { hasBrowser, launchChromium, serveWorkbench } from './testing';

/** Not in src/img: only `npm run pictures` takes the pictures of the pages again. */
const OUT = path.join(BUILD, 'screenshots');
/** Enough for the panels to draw once. */
const SETTLE_MS = 300;

describe.skipIf(!hasBrowser())('the pictures of the pages', () => {
  let browser: Browser;
  let broker: TestBroker;
  let server: WorkbenchServer;
  let stop: () => void;

  beforeAll(async () => {
    await mkdir(OUT, { recursive: true });
    browser = await launchChromium();
    server = await serveWorkbench();
    broker = await startBroker({ sysTopics: true, sysInterval: 0.2, history: { filters: ['#'] } });
    let imported: Promise<unknown> = Promise.resolve();
    const sensors = startSensors((message) => broker.publish(message), {
      sets: DEMO_SETS,
      // With a birth of the Sparkplug node, which has one every two minutes
      past: {
        seconds: 180,
        record: (messages, until) => (imported = Promise.all([imported, broker.importHistory(messages, until)])),
      },
    });
    await imported;
    stop = () => sensors.stop();
  });
  afterAll(async () => {
    stop();
    await broker.close();
    await browser.close();
    await server.close();
  });

  it.each(PICTURES)('$file can be taken again', async (picture) => {
    const file = path.join(OUT, picture.file);
    const source = { broker: broker.ws?.url ?? '', ...picture };
    await takePicture(browser, server.url, source, file, SETTLE_MS);
    const png = await readFile(file);
    expect({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) }).toEqual({
      width: picture.width,
      height: picture.height,
    });
    // An empty page of this size has 6 kB.
    expect(png.length).toBeGreaterThan(20_000);
  });
});
