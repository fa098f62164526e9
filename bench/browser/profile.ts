import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLUGIN_ID } from '../../workbench/paths';
import { type Measurement, PANEL_INTERVAL_MS } from '../measurement';
import { type CpuProfile, type Part, partsOf, PROFILER, profileOf, type ThreadName } from './cpu-profile';
import { type DrawnSite, openDrawn, serveDrawn } from './drawn-page';
import { SAWTOOTH_MS, TOPICS } from './messages';
import type { DrawnOrder } from './page/drawn';
import { brokerSource, publishRetained, type Stage, startEmbedded } from './stage';
import { traced } from './trace';

const RATE = 5_000;

export const PARTS: Readonly<Record<Part, string>> = {
  ours: 'the plugin',
  grafana: 'Grafana, React and uPlot',
  garbage: 'garbage collection',
  browser: 'the browser',
};

interface Seen {
  readonly page: CpuProfile;
  readonly worker: CpuProfile | undefined;
  readonly drawsPerSecond: number;
}

/**
 * Row 26: where the time of the page's thread and of the Worker goes at 5,000 messages a second, with one panel that
 * Grafana's TimeSeries draws; next to rows from memory, drawn as often by the same panel. With `--profile`, the profiles
 * are written as well.
 */
export async function profile(stage: Stage): Promise<Measurement[]> {
  await using site = await serveDrawn(stage);
  const rate = stage.short ? RATE / 50 : RATE;
  const ours = await overBroker(stage, site, rate);
  const order = { kind: 'memory', url: '', topic: TOPICS[0], rate, intervalMs: 1_000 / ours.drawsPerSecond } as const;
  const peer = await watch(stage, site, order);
  if (stage.profile !== undefined) {
    await write(stage.profile, { page: ours.page, worker: ours.worker, peer: peer.page });
  }
  const threads = [
    { thread: 'page', parts: partsOf(ours.page, PLUGIN_ID), beside: partsOf(peer.page, PLUGIN_ID) },
    { thread: 'Worker', parts: partsOf(ours.worker ?? ours.page, PLUGIN_ID), beside: undefined },
  ];
  const draws = `${ours.drawsPerSecond.toFixed(1)} draws/s; peer ${peer.drawsPerSecond.toFixed(1)}`;
  return threads.flatMap(({ thread, parts, beside }) =>
    (Object.keys(PARTS) as Part[]).map((part) => ({
      row: 26,
      what: `profile at ${rate.toLocaleString('en-US')} messages/s, a second of the ${thread}: ${PARTS[part]}`,
      ours: { value: parts[part], unit: 'ms' as const },
      ...(beside && {
        peer: { name: 'rows from memory, drawn by the same panel', value: beside[part], unit: 'ms' as const },
        note: draws,
      }),
    }))
  );
}

async function overBroker(stage: Stage, site: DrawnSite, rate: number): Promise<Seen> {
  const [topic] = TOPICS;
  const broker = await startEmbedded(stage);
  await using source = await brokerSource(stage, broker);
  await publishRetained(broker, topic, String(Date.now() % SAWTOOTH_MS));
  const order = { kind: 'ours', url: source.url, topic, rate, intervalMs: PANEL_INTERVAL_MS } as const;
  return await watch(stage, site, order, () => source.start({ count: rate * 60, rate, sawtoothMs: SAWTOOTH_MS }));
}

async function watch(stage: Stage, site: DrawnSite, order: DrawnOrder, start?: () => void): Promise<Seen> {
  await using drawn = await openDrawn(stage.browser, site, order);
  start?.();
  await sleep(stage.short ? 300 : 10_000);
  const before = await drawn.state();
  const [events] = await traced(drawn.page, ['toplevel', PROFILER], () => sleep(stage.short ? 700 : 15_000));
  const after = await drawn.state();
  const named = (thread: ThreadName): CpuProfile => profileOf(events, thread);
  return {
    page: named('CrRendererMain'),
    worker: order.kind === 'ours' ? named('DedicatedWorker thread') : undefined,
    drawsPerSecond: (1_000 * (after.draws - before.draws)) / (after.at - before.at),
  };
}

async function write(folder: string, profiles: Readonly<Record<string, CpuProfile | undefined>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, each] of Object.entries(profiles)) {
    if (each !== undefined) {
      await writeFile(join(folder, `${name}.cpuprofile`), JSON.stringify(each));
    }
  }
}
