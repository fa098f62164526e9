import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { type Compared, costsAtMost, type Measurement, PANEL_INTERVAL_MS } from '../measurement';
import { type DrawnSite, openUnwatchedDrawn, serveDrawn } from './drawn-page';
import type { Endpoints } from './endpoints';
import { SAWTOOTH_MS, TOPICS } from './messages';
import { findMosquitto, startMosquitto } from './mosquitto';
import type { DrawnOrder } from './page/drawn';
import { brokerSource, publishRetained, type Stage, startEmbedded } from './stage';

/** The kinds of processes of Chromium; services, such as that of the network, are named like classes. */
const KINDS = ['browser', 'network and utility', 'renderer', 'GPU'] as const;

type Kind = (typeof KINDS)[number];

interface Seen {
  /** Percent of one processor: all processes, and those of each kind. */
  readonly cpu: number;
  readonly kinds: Readonly<Record<Kind, number>>;
  readonly drawsPerSecond: number;
  /** Rows of the last drawing. */
  readonly rows: number;
}

/**
 * Row 24: processor time of all processes of Chromium with one panel that Grafana's TimeSeries draws, less that of the
 * same panel when nothing comes; next to a data source that emits its rows from memory, drawn as often.
 */
export async function allProcesses(stage: Stage): Promise<Measurement[]> {
  await using site = await serveDrawn(stage);
  const results: Measurement[] = [];
  const mosquitto = findMosquitto();
  for (const rate of stage.short ? [10] : [10, 1_000, 5_000]) {
    const idle = await fromMemory(stage, site, 0, PANEL_INTERVAL_MS);
    const ours = await overBroker(stage, site, rate, await startEmbedded(stage));
    const peer = await fromMemory(stage, site, rate, 1_000 / ours.drawsPerSecond);
    results.push(
      costsAtMost(compared(`at ${rate.toLocaleString('en-US')} messages/s, embedded broker`, idle, ours, peer), 1)
    );
    if (mosquitto !== undefined && !stage.short) {
      const framed = await overBroker(stage, site, rate, await startMosquitto(mosquitto));
      const extra = compared('the same with mosquitto, a frame for each message', idle, framed, peer);
      results.push({ ...extra, ratio: { value: extra.ours.value / extra.peer.value, means: 'times its cost' } });
    }
  }
  return results;
}

function compared(what: string, idle: Seen, ours: Seen, peer: Seen): Compared {
  return {
    row: 24,
    what: `processor time of all processes of Chromium, one panel, ${what}`,
    ours: { value: ours.cpu - idle.cpu, unit: '%' },
    peer: { name: 'rows from memory, drawn by the same panel', value: peer.cpu - idle.cpu, unit: '%' },
    parts: KINDS.map((name) => ({
      name,
      ours: ours.kinds[name] - idle.kinds[name],
      peer: peer.kinds[name] - idle.kinds[name],
    })),
    note: `${inWords(ours)}; peer ${inWords(peer)}; idle ${idle.cpu.toFixed(1)} %`,
  };
}

function inWords({ drawsPerSecond, rows }: Seen): string {
  return `${drawsPerSecond.toFixed(1)} draws/s of ${rows.toLocaleString('en-US')} rows`;
}

async function overBroker(
  stage: Stage,
  site: DrawnSite,
  rate: number,
  broker: Endpoints & AsyncDisposable
): Promise<Seen> {
  const [topic] = TOPICS;
  await using source = await brokerSource(stage, broker);
  await publishRetained(broker, topic, String(Date.now() % SAWTOOTH_MS));
  const { warmMs, ms } = paceOf(stage);
  const count = Math.ceil((rate * (warmMs + 2 * ms)) / 1_000);
  const order: DrawnOrder = { kind: 'ours', url: source.url, topic, intervalMs: PANEL_INTERVAL_MS, rate };
  // Awaited here, because the broker ends with this function.
  return await watch(stage, site, order, () => source.start({ count, rate, sawtoothMs: SAWTOOTH_MS }));
}

function fromMemory(stage: Stage, site: DrawnSite, rate: number, intervalMs: number): Promise<Seen> {
  return watch(stage, site, { kind: 'memory', url: '', topic: TOPICS[0], intervalMs, rate });
}

async function watch(stage: Stage, site: DrawnSite, order: DrawnOrder, start?: () => void): Promise<Seen> {
  const { warmMs, ms } = paceOf(stage);
  await using drawn = await openUnwatchedDrawn(stage.browser, site, order);
  start?.();
  await sleep(warmMs);
  await drawn.reset();
  const before = await drawn.state();
  const cpuBefore = await processorSeconds(stage.browser);
  await sleep(ms);
  const cpuAfter = await processorSeconds(stage.browser);
  const after = await drawn.state();
  const seconds = (after.at - before.at) / 1_000;
  const kinds: Record<Kind, number> = { browser: 0, 'network and utility': 0, renderer: 0, GPU: 0 };
  for (const { id, type, cpuTime } of cpuAfter) {
    const spent = cpuTime - (cpuBefore.find((each) => each.id === id)?.cpuTime ?? 0);
    const kind = KINDS.find((each) => each === type) ?? 'network and utility';
    kinds[kind] += (100 * spent) / seconds;
  }
  const cpu = Object.values(kinds).reduce((sum, each) => sum + each, 0);
  return { cpu, kinds, drawsPerSecond: after.draws / seconds, rows: after.rows };
}

/** So that the code is compiled, and the window has many rows; then as long as is counted. */
function paceOf({ short }: Stage): { warmMs: number; ms: number } {
  return short ? { warmMs: 300, ms: 1_000 } : { warmMs: 10_000, ms: 20_000 };
}

/** Processor time of each process in seconds since it began: browser, renderers, GPU, network and others. */
async function processorSeconds(browser: Browser): Promise<Array<{ id: number; type: string; cpuTime: number }>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo;
}
