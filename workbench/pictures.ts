// Takes the pictures of the README, of the documentation and of plugin.json: `npm run pictures`, or some of them:
// `npm run pictures -- house.png`.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { CHROMIUM_ARGS } from '../testing/chromium-args';
import { startBroker } from '../broker/broker';
import { type PastSensorMessage, type SensorMessage, startSensors } from '../broker/sensors';
import { buildPlugin } from '../esbuild.config.mjs';
import { findProgram } from '../testing/programs';
import { messageOf } from '../src/utils/errors';
import { buildHost } from './host-build';
import { DEMO_SETS } from './options';
import { withPalette } from './palette-png';
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
  const broker = await startBroker({
    tcp: false,
    ws: { port: 0 },
    history: { filters: ['#'], messages: 50_000 },
    sysTopics: true,
    sysInterval: 2,
  });
  const ahead = SENSOR_START - Date.now();
  let imported: Promise<unknown> = Promise.resolve();
  const record = (past: PastSensorMessage[], until: number): Promise<unknown> =>
    (imported = Promise.all([imported, broker.importHistory(past, until)]));
  const sensors = [
    startSensors((message) => broker.publish(atPresent(message, ahead)), {
      sets: DEMO_SETS.filter((set) => set !== 'sparkplug'),
      now: () => Date.now() + ahead,
      past: {
        seconds: PAST_SECONDS,
        record: (messages, until) =>
          record(
            messages.map((message) => ({ ...atPresent(message, ahead), time: message.time - ahead })),
            until - ahead
          ),
      },
    }),
    // Its payloads have times, so its clock is this machine's.
    startSensors(broker.publish, { sets: ['sparkplug'], past: { seconds: PAST_SECONDS, record } }),
  ];
  await imported;
  return {
    topics: sensors.flatMap(({ topics }) => topics),
    url: broker.ws?.url ?? '',
    [Symbol.asyncDispose]: async () => {
      sensors.forEach(({ stop }) => stop());
      await broker.close();
    },
  };
}

/** The message with times of this machine's clock in it, where it has any. */
function atPresent<M extends SensorMessage>(message: M, ahead: number): M {
  if (!message.topic.endsWith('/alarms')) {
    return message;
  }
  const alarm = JSON.parse(String(message.payload)) as Record<string, unknown>;
  const times = Object.entries(alarm).map(([key, value]) => [
    key,
    typeof value === 'number' ? value - ahead / 1_000 : value,
  ]);
  return { ...message, payload: JSON.stringify(Object.fromEntries(times)) };
}

async function main(): Promise<void> {
  const executablePath = findProgram('CHROMIUM_PATH');
  if (executablePath === undefined) {
    throw new Error('Chromium takes the pictures, and was not found. Install it, or set CHROMIUM_PATH.');
  }
  process.stdout.write('Building the plugin and the page …\n');
  // Not in dist/, which may be in use.
  const plugin = path.join(BUILD, 'plugin-for-pictures');
  await mkdir(OUT, { recursive: true });
  // The build copies all pictures, also one that is about to be taken for the first time
  await Promise.all(PICTURES.map(({ file }) => appendFile(path.join(OUT, file), '')));
  const [host] = await Promise.all([buildHost(), buildPlugin({ outdir: plugin })]);
  await using demo = await startDemo();
  const server = await startServer({
    port: 0,
    folders: { host: host.folder, plugin },
    // The page shows the usual port in its commands, as readers will see it.
    info: { pluginId: PLUGIN_ID, topics: demo.topics, broker: { tcp: 'mqtt://127.0.0.1:1883', ws: demo.url } },
  });
  const browser = await chromium.launch({
    executablePath,
    args: CHROMIUM_ARGS,
  });
  try {
    const wanted = process.argv.slice(2);
    for (const picture of PICTURES.filter(({ file }) => wanted.length === 0 || wanted.includes(file))) {
      const file = path.join(OUT, picture.file);
      await takePicture(browser, server.url, picture, file, picture.collect);
      await writeFile(file, withPalette(await readFile(file)));
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
