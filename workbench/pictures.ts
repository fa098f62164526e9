// Takes the pictures of the README, of the documentation and of plugin.json: `npm run pictures`.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { startBroker } from '../broker/broker';
import { startSensors } from '../broker/sensors';
import { buildPlugin } from '../esbuild.config.mjs';
import { findProgram } from '../testing/programs';
import { messageOf } from '../src/utils/errors';
import { buildHost } from './host-build';
import { BUILD, PLUGIN_ID, ROOT } from './paths';
import { PICTURES, takePicture } from './picture';
import { startServer } from './server';

/** In the plugin's folder of pictures, because Grafana shows them in the catalogue. */
const OUT = path.join(ROOT, 'src/img');
const PAST_SECONDS = 3_600;
/** When the sensors start by their own clock, in local time: the bearing of line 1 begins to wear. */
const SENSOR_START = new Date(2026, 2, 2, 14, 4, 12).getTime();

/** Starts a broker on free ports, which has an hour of the sensors' messages. The same values at each run. */
async function startDemo(): Promise<{ topics: string[]; url: string } & AsyncDisposable> {
  const broker = await startBroker({ tcp: false, ws: { port: 0 }, history: { filters: ['#'], messages: 50_000 } });
  const ahead = SENSOR_START - Date.now();
  let imported: Promise<unknown> = Promise.resolve();
  const sensors = startSensors(broker.publish, {
    sets: ['home', 'factory'],
    now: () => Date.now() + ahead,
    past: {
      seconds: PAST_SECONDS,
      record: (messages, until) => {
        const past = messages.map((message) => ({ ...message, time: message.time - ahead }));
        imported = Promise.all([imported, broker.importHistory(past, until - ahead)]);
        return imported;
      },
    },
  });
  await imported;
  return {
    topics: sensors.topics,
    url: broker.ws?.url ?? '',
    [Symbol.asyncDispose]: async () => {
      sensors.stop();
      await broker.close();
    },
  };
}

async function main(): Promise<void> {
  const executablePath = findProgram('CHROMIUM_PATH');
  if (executablePath === undefined) {
    throw new Error('Chromium takes the pictures, and was not found. Install it, or set CHROMIUM_PATH.');
  }
  process.stdout.write('Building the plugin and the page …\n');
  // Not in dist/, which may be in use.
  const plugin = path.join(BUILD, 'plugin-for-pictures');
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin }), mkdir(OUT, { recursive: true })]);
  await using demo = await startDemo();
  const server = await startServer({
    port: 0,
    folders: { host: host.folder, plugin },
    // The page shows the usual port in its commands, as readers will see it.
    info: { pluginId: PLUGIN_ID, topics: demo.topics, broker: { tcp: 'mqtt://127.0.0.1:1883', ws: demo.url } },
  });
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    for (const picture of PICTURES) {
      const file = path.join(OUT, picture.file);
      await takePicture(browser, server.url, picture, file);
      process.stdout.write(`${path.relative(ROOT, file)}\n`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
