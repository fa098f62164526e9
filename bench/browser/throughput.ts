import { type Measurement, reachesRate, type Result } from '../measurement';
import { median } from '../stats';
import { ask, openPage } from './chromium';
import type { Endpoints, SendOrder } from './endpoints';
import { findMosquitto, startMosquitto } from './mosquitto';
import type { Kind } from './page/page';
import { brokerSource, frameSource, type Source, type Stage, startBareAedes, startEmbedded } from './stage';

const LATE_MS = 30_000;
const BARE_SHARE = 0.9;
const TIMES_STOCK = 4;
const TIMES_RECIPE = 10;
/** The share of the messages that may be dropped and counted if they are sent at full speed. */
const MOST_LOST = 0.05;

/** Row 4: one message per frame, as mosquitto sends. */
export async function onePerFrame(stage: Stage): Promise<Result[]> {
  const what = 'Chromium, one PUBLISH per frame (mosquitto): messages into frames';
  const program = findMosquitto();
  if (program === undefined) {
    return [{ row: 4, what, unmeasured: 'mosquitto is not installed' }];
  }
  await using source = await brokerSource(stage, await startMosquitto(program));
  const rates = await inTurns(stage, source, ['ours', 'bare'], { count: 60_000 });
  const compared = {
    row: 4,
    what,
    ours: { value: rates['ours'], unit: '/s' },
    peer: { name: 'a bare WebSocket that counts', value: rates['bare'], unit: '/s' },
  } as const;
  return [reachesRate(compared, BARE_SHARE)];
}

/** Row 5: many messages per frame: from the broker of this repository, and in frames of twenty. */
export async function manyPerFrame(stage: Stage): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  {
    await using source = await brokerSource(stage, await startEmbedded(stage));
    const rates = await inTurns(stage, source, ['ours', 'stock', 'decoder'], { count: 200_000 });
    measurements.push(against('Chromium, many PUBLISH per frame (embedded broker): messages into frames', rates));
  }
  await using source = await frameSource(stage);
  const rates = await inTurns(stage, source, ['ours', 'stock', 'decoder'], { count: 200_000, perFrame: 20 });
  measurements.push(against('the same, frames of 20 from a sender that is not a broker', rates));
  return measurements;
}

function against(what: string, rates: Record<string, number>): Measurement {
  const { ours, stock, decoder } = rates;
  const compared = {
    row: 5,
    what,
    ours: { value: ours, unit: '/s' },
    peer: { name: 'mqtt.esm.js', value: stock, unit: '/s' },
    note: `${(ours / decoder).toFixed(2)} of a bare WebSocket with a decoder of 25 lines, ${Math.round(decoder).toLocaleString('en-US')}/s`,
  } as const;
  return reachesRate(compared, TIMES_STOCK);
}

/** Row 10: the effect of the embedded broker's WebSocket stream on a browser. */
export async function brokerIntoBrowser(stage: Stage): Promise<Measurement[]> {
  const rateFrom = async (broker: Endpoints & AsyncDisposable, count: number): Promise<number> => {
    await using source = await brokerSource(stage, broker);
    const rates = await inTurns(stage, source, ['ours'], { count });
    return rates['ours'];
  };
  const ours = await rateFrom(await startEmbedded(stage), 200_000);
  const bare = await rateFrom(await startBareAedes(stage), 20_000);
  const compared = {
    row: 10,
    what: 'Chromium, the embedded broker: messages into frames',
    ours: { value: ours, unit: '/s' },
    peer: { name: 'Aedes served with createWebSocketStream', value: bare, unit: '/s' },
  } as const;
  return [reachesRate(compared, TIMES_RECIPE)];
}

/** Messages per second of each contestant: medians of rounds in turns, each in its own page. */
async function inTurns(
  stage: Stage,
  source: Source,
  kinds: readonly Kind[],
  order: SendOrder & { count: number }
): Promise<Record<string, number>> {
  const samples = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  const count = stage.short ? 2_000 : order.count;
  for (let round = 0; round < (stage.short ? 1 : 5); round++) {
    for (const kind of round % 2 === 0 ? kinds : kinds.toReversed()) {
      samples.get(kind)!.push(await rateOf(stage, source, kind, { ...order, count }));
    }
  }
  return Object.fromEntries(kinds.map((kind) => [kind, median(samples.get(kind)!)]));
}

async function rateOf(stage: Stage, source: Source, kind: Kind, order: SendOrder): Promise<number> {
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'open', kind, source.url);
  source.start(order);
  const sent = await source.done(LATE_MS);
  const { received, ms } = await ask(page, 'until', sent, LATE_MS);
  const { lost } = await ask(page, 'state');
  // At full speed, a page that stalls for a moment may be sent more rows than the capacity of a series: those are not counted.
  if (received !== sent || lost > MOST_LOST * sent) {
    throw new Error(`${kind}: ${sent} messages were sent, ${received} arrived, ${lost} were given up`);
  }
  return ((received - lost) / ms) * 1000;
}
