// Draws docs/img/performance-path.png from a full run, and performance-profile.png if the run has the row `profile`, or
// only that row: `tsx bench/picture.ts browser.json`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findChromium, launchChromium } from './browser/chromium';
import { type Measurement, isMeasured, type Result } from './measurement';
import { ROOT } from './paths';
import { profileHtml } from './profile-picture';
import { withPalette } from '../workbench/palette-png';

const OUT = join(ROOT, 'docs/img');

const STYLE = `
  * { box-sizing: border-box; margin: 0 }
  body { width: 1120px; padding: 20px; background: #fff; color: #1f2430; font: 15px/1.35 system-ui, 'DejaVu Sans', sans-serif }
  .lane { display: flex; align-items: stretch; gap: 22px; border-radius: 8px; padding: 14px 16px; background: #f2f4f8 }
  .lane > h2 { width: 130px; font-size: 15px; align-self: center }
  .lane > h2 small { display: block; font-weight: 400; color: #5c6470 }
  .step { flex: 1; position: relative; border: 1px solid #c5cbd6; border-radius: 6px; background: #fff; padding: 10px 12px }
  .step b { display: block; font-size: 21px; color: #1f60c4 }
  .step small { color: #5c6470 }
  .step + .step::before { content: '→'; position: absolute; left: -19px; top: 50%; translate: 0 -50%; color: #5c6470 }
  .step.or::before { content: 'or'; left: -18px }
  .crossing { padding: 7px 0 7px 170px; color: #5c6470 }
`;

/** The measurement whose description contains these words. @throws {Error} if there is none. */
function find(results: readonly Result[], words: string): Measurement {
  const found = results.find((result): result is Measurement => isMeasured(result) && result.what.includes(words));
  if (found === undefined) {
    throw new Error(`The run has no measurement with "${words}"`);
  }
  return found;
}

function html(results: readonly Result[]): string {
  const cost = (...words: string[]): string => {
    const parts = words.map((each) => find(results, each).ours);
    const value = parts.reduce((total, part) => total + part.value, 0);
    return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')} ${parts[0].unit}`;
  };
  const onePerFrame = find(results, 'one PUBLISH per frame');
  const perFrame = `${Math.round(1e6 / (onePerFrame.peer ?? onePerFrame.ours).value)} µs`;
  const busy = find(results, 'page thread busy');
  const step = (value: string, what: string, more: string, kind = ''): string =>
    `<div class="step ${kind}"><b>${value}</b>${what}<br><small>${more}</small></div>`;
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
    <div class="lane"><h2>Browser<small>its own</small></h2>
      ${step(perFrame, 'a WebSocket frame, received', 'with one message in it; the same for every client')}
    </div>
    <p class="crossing">↓ bytes</p>
    <div class="lane"><h2>Worker<small>engine.js</small></h2>
      ${step(cost('to topic and payload'), 'bytes to topic and payload', 'a message')}
      ${step(cost('like the one before to row'), 'payload to row of the batch', 'a message like the one before: {"v":21.53,"name":"x"}')}
      ${step(cost('payload to value', 'value to row'), 'the same by way of text and object', 'a message that is like none before', 'or')}
    </div>
    <p class="crossing">↓ at most ten times a second one message, however many rows are in it; numbers are moved, not copied</p>
    <div class="lane"><h2>Page<small>module.js</small></h2>
      ${step(cost('to circular frame'), 'row to circular frame', 'a message')}
      ${step(cost('three columns to packet'), 'frame to packet', '10,000 rows of three columns, a panel and tick')}
      ${step(`${busy.ours.value.toFixed(1)} %`, 'of the thread', `all of this at 5,000 messages/s with four panels; the data source of Grafana's tutorial ${Math.round(busy.peer?.value ?? 0)} %`)}
    </div>`;
}

const [file = ''] = process.argv.slice(2);
const { results } = JSON.parse(await readFile(file, 'utf8')) as { results: Result[] };
const executable = findChromium();
if (executable === undefined) {
  throw new Error('The picture is drawn by Chromium, and none was found');
}
const measured = results.filter((result) => isMeasured(result));
const profile = measured.filter(({ what }) => what.startsWith('profile at '));
const pictures: Record<string, string> = {
  ...(profile.length > 0 && { 'performance-profile.png': profileHtml(profile) }),
  ...(profile.length < measured.length && { 'performance-path.png': html(results) }),
};
await mkdir(OUT, { recursive: true });
const browser = await launchChromium(executable);
try {
  const page = await browser.newPage({ viewport: { width: 1120, height: 100 } });
  for (const [name, content] of Object.entries(pictures)) {
    await page.setContent(content);
    await writeFile(join(OUT, name), withPalette(await page.screenshot({ fullPage: true })));
  }
} finally {
  await browser.close();
}
