import type { Measurement, Unit } from '../measurement';
import { quantile } from '../stats';
import { ask, openPage } from './chromium';
import type { Endpoints } from './endpoints';
import { findMosquitto, startMosquitto } from './mosquitto';
import { brokerSource, type Stage, startEmbedded } from './stage';

const RATE = 1_000;
const MOST_FRAMES = 100;
const MOST_MS = 15;

interface Seen {
  readonly framesPerSecond: number;
  readonly medianMs: number;
}

/**
 * Row 18: WebSocket frames from the embedded broker at 1,000 messages a second, and what waiting for others costs. The peer
 * is mosquitto, which sends a frame for each message.
 */
export async function framesPerSecond(stage: Stage): Promise<Measurement[]> {
  const ours = await watch(stage, await startEmbedded(stage));
  const program = findMosquitto();
  const peer = program === undefined ? undefined : await watch(stage, await startMosquitto(program));
  return [
    {
      row: 18,
      what: `embedded broker to a browser at ${RATE.toLocaleString('en-US')} messages/s: WebSocket frames`,
      ours: { value: ours.framesPerSecond, unit: '/s' },
      ...(peer && against(ours.framesPerSecond, peer.framesPerSecond, '/s')),
      target: `at most ${MOST_FRAMES}/s`,
      met: ours.framesPerSecond <= MOST_FRAMES,
    },
    {
      row: 18,
      what: 'the same: publish to message in the page, median',
      ours: { value: ours.medianMs, unit: 'ms' },
      ...(peer && against(ours.medianMs, peer.medianMs, 'ms')),
      target: `at most ${MOST_MS} ms`,
      met: ours.medianMs <= MOST_MS,
    },
  ];
}

function against(ours: number, peer: number, unit: Unit): Pick<Measurement, 'peer' | 'ratio'> {
  return { peer: { name: 'mosquitto', value: peer, unit }, ratio: { value: ours / peer, means: 'times its size' } };
}

async function watch(stage: Stage, broker: Endpoints & AsyncDisposable): Promise<Seen> {
  await using source = await brokerSource(stage, broker);
  await using opened = await openPage(stage.browser, stage.pageUrl);
  const { page } = opened;
  await ask(page, 'openStamped', 'frames', source.url);
  const seconds = stage.short ? 0.5 : 20;
  source.start({ count: RATE * seconds, rate: RATE });
  const sent = await source.done(seconds * 3_000 + 5_000);
  const { received, ms } = await ask(page, 'until', sent, 5_000);
  if (received !== sent) {
    throw new Error(`${sent} messages were sent and ${received} arrived`);
  }
  const { packets } = await ask(page, 'state');
  return { framesPerSecond: (packets / ms) * 1_000, medianMs: quantile(await ask(page, 'ages'), 0.5) };
}
