import { join } from 'node:path';
import type { Measurement } from '../measurement';
import { median } from '../stats';
import type { FirstRow } from './page/start';
import { buildPluginSite, servePluginSite } from './plugin-site';
import { publishRetained, type Stage, startEmbedded } from './stage';
import { openUnwatched } from './unwatched-page';

const TOPIC = 'bench/retained';
const OPENINGS = 25;
const MOST_MORE_MS = 150;
const TIMES_LESS = 1.5;

/** What one opening took, and then another window of the same profile, in milliseconds. */
interface Opening {
  readonly first: FirstRow;
  readonly later: FirstRow;
}

/**
 * Row 22: from the request for `module.js` to the first row in a response, each time in a page without a cache, next to
 * a bare WebSocket that is opened at the same moment; and, in turns, another build of the plugin. A browser that has
 * never met the broker tries MQTT 5 first, which the embedded broker refuses; the next one knows it.
 */
export async function firstRow(stage: Stage): Promise<Measurement[]> {
  const { host, plugin } = await buildPluginSite(stage, 'start');
  await using broker = await startEmbedded(stage);
  await publishRetained(broker, TOPIC, '21.5');
  await using ours = await servePluginSite({ host, plugin });
  await using other =
    stage.other === undefined ? undefined : await servePluginSite({ host, plugin: join(stage.other, 'dist') });
  const [rows, others]: [Opening[], Opening[]] = [[], []];
  // The first opening of a browser reads its own files from the disk.
  for (let round = stage.short ? 0 : -2; round < (stage.short ? 1 : OPENINGS); round++) {
    const row = await open(stage, ours.url, broker.url);
    const next = other === undefined ? undefined : await open(stage, other.url, broker.url);
    if (round >= 0) {
      rows.push(row);
      others.push(...(next === undefined ? [] : [next]));
    }
  }
  return (['first', 'later'] as const).flatMap((which) =>
    measurements(
      which,
      rows.map((each) => each[which]),
      others.map((each) => each[which])
    )
  );
}

function measurements(which: keyof Opening, rows: readonly FirstRow[], others: readonly FirstRow[]): Measurement[] {
  const value = median(rows.map(({ ours }) => ours));
  const bare = median(rows.map((each) => each.bare));
  const [where, unit] = [which === 'later' ? ', opened again' : '', 'ms' as const];
  const what = `from the request for module.js to the first row in a panel, embedded broker${where}`;
  const results: Measurement[] = [
    {
      row: 22,
      what,
      ours: { value, unit },
      peer: { name: 'a bare WebSocket of the same page, to its first message', value: bare, unit },
      target: `at most ${MOST_MORE_MS} ms more`,
      met: value - bare <= MOST_MORE_MS,
      note: `${Math.round(value - bare)} ms more`,
    },
  ];
  if (others.length > 0) {
    const before = median(others.map(({ ours }) => ours));
    results.push({
      row: 22,
      what: `${what}, and of another build`,
      ours: { value, unit },
      peer: { name: 'the other build, in turns', value: before, unit },
      ratio: { value: before / value, means: 'times cheaper' },
      target: `${TIMES_LESS} times less`,
      met: before / value >= TIMES_LESS,
    });
  }
  return results;
}

async function open({ browser }: Stage, url: string, broker: string): Promise<Opening> {
  const measured = `globalThis.start.firstRow(${JSON.stringify(broker)}, ${JSON.stringify(TOPIC)})`;
  await using page = await openUnwatched(browser, url, 'start');
  const first: FirstRow = await page.evaluate(measured);
  const tab = await page.another();
  return { first, later: await tab.evaluate(measured) };
}
