import { setTimeout as sleep } from 'node:timers/promises';
import { reachesRate, type Result } from '../measurement';
import { median } from '../stats';
import { available, start, type BrokerName } from './brokers';
import { openClient, type Client } from './client';
import { runLoad } from './load';
import { subscribe } from './wire';

export interface BrokerStage {
  /** The bundled `child.ts`. */
  readonly file: string;
  readonly short: boolean;
}

/** Numbers of the rows of the broker suite; they follow those of the other suites. */
export const BROKER_ROW = { throughput: 21, memory: 22, idle: 23, frozen: 24, history: 25 } as const;

/** What each rate should at least be of the peer's. */
const TARGETS: ReadonlyArray<{ readonly peer: BrokerName; readonly times: number }> = [
  { peer: 'bare Aedes', times: 1.3 },
  { peer: 'mosquitto', times: 1 },
];
const MOST_GAP_MS = 100;

interface Shape {
  transport: 'tcp' | 'ws';
  qos: 0 | 1;
  subscribers: number;
  messages: number;
}

const SHAPES: Shape[] = (['tcp', 'ws'] as const).flatMap((transport) =>
  ([0, 1] as const).flatMap((qos) => [
    { transport, qos, subscribers: 1, messages: qos === 0 ? 150_000 : 60_000 },
    { transport, qos, subscribers: 10, messages: qos === 0 ? 25_000 : 12_000 },
  ])
);

/** Deliveries per second, as fast as each broker reads, in turns. */
export async function throughput({ file, short }: BrokerStage): Promise<Result[]> {
  const results: Result[] = [];
  for (const { transport, qos, subscribers, messages } of SHAPES) {
    const rates = new Map<BrokerName, number[]>(available().map((name) => [name, []]));
    for (let round = 0; round < (short ? 1 : 3); round += 1) {
      for (const [name, samples] of round % 2 === 0 ? rates : [...rates].toReversed()) {
        await using broker = await start(name, file);
        const { receivedPerSecond, lost } = await runLoad({
          url: broker[transport],
          qos,
          subscribers,
          publishers: 1,
          messages: short ? 500 : messages,
          size: 50,
        });
        if (lost > 0 && name === 'ours') {
          throw new Error(`${lost} deliveries were lost (${transport}, QoS ${qos}, 1 to ${subscribers})`);
        }
        samples.push(receivedPerSecond);
      }
    }
    const rate = (name: BrokerName): number => median(rates.get(name) ?? [Number.NaN]);
    const what = `${transport === 'tcp' ? 'TCP' : 'WebSocket'}, QoS ${qos}, 1 to ${subscribers}, 50 bytes: deliveries`;
    for (const { peer, times } of TARGETS) {
      results.push(
        rates.has(peer)
          ? reachesRate(
              {
                row: BROKER_ROW.throughput,
                what,
                ours: { value: rate('ours'), unit: '/s' },
                peer: { name: peer, value: rate(peer), unit: '/s' },
              },
              times
            )
          : { row: BROKER_ROW.throughput, what, unmeasured: `${peer} is not installed` }
      );
    }
  }
  return results;
}

/** Memory of an idle connection, and whether the broker holds thousands of them. */
export async function idle({ file, short }: BrokerStage): Promise<Result[]> {
  const count = short ? 100 : 5_000;
  const perConnection = new Map<string, number>();
  let held = 0;
  for (const name of ['ours', 'bare Aedes'] as const) {
    for (const transport of ['tcp', 'ws'] as const) {
      await using broker = await start(name, file);
      const before = (await broker.memory()) ?? 0;
      const clients: Client[] = [];
      for (let n = 0; n < count; n += 50) {
        const some = Array.from({ length: 50 }, async (_, offset) => {
          const client = await openClient(broker[transport], `idle-${n + offset}`);
          client.send(subscribe(`idle/${n + offset}`, 0));
          return client;
        });
        clients.push(...(await Promise.all(some)));
        if (name === 'ours') {
          // The limit is 1,000 new connections per second.
          await sleep(short ? 0 : 60);
        }
      }
      await sleep(short ? 100 : 2_000);
      perConnection.set(`${name} ${transport}`, (((await broker.memory()) ?? 0) - before) / count);
      if (name === 'ours' && transport === 'ws') {
        held = clients.filter(({ isOpen }) => isOpen).length;
      }
      for (const client of clients) {
        client.close();
      }
    }
  }
  const memory = (['tcp', 'ws'] as const).map((transport): Result => {
    const ours = perConnection.get(`ours ${transport}`) ?? Number.NaN;
    const peer = perConnection.get(`bare Aedes ${transport}`) ?? Number.NaN;
    return {
      row: BROKER_ROW.memory,
      what: `${transport === 'tcp' ? 'TCP' : 'WebSocket'}, idle, one subscription: memory of a connection`,
      ours: { value: ours, unit: 'bytes' },
      peer: { name: 'bare Aedes', value: peer, unit: 'bytes' },
      ratio: { value: ours / peer, means: 'times its size' },
    };
  });
  return [
    ...memory,
    {
      row: BROKER_ROW.idle,
      what: `idle WebSocket connections held, of ${count.toLocaleString('en-US')}`,
      ours: { value: held, unit: '×' },
      target: 'all',
      met: held === count,
    },
  ];
}

/** How much longer the other subscribers wait when one subscriber stops reading. */
export async function frozen({ file, short }: BrokerStage): Promise<Result[]> {
  const gaps = new Map<string, number>();
  const names = available();
  for (const name of names) {
    for (const isFrozen of [false, true]) {
      await using broker = await start(name, file);
      const sleeper = await openClient(broker.tcp, 'frozen');
      if (isFrozen) {
        sleeper.send(subscribe('load/#', 0));
        sleeper.pause();
      }
      const { worstGap, lost } = await runLoad({
        url: broker.tcp,
        qos: 0,
        subscribers: 1,
        publishers: 1,
        rate: 2_000,
        seconds: short ? 1 : 10,
        size: 1_024,
        // Bare Aedes stops for longer than this measurement may take.
        waitMs: 3_000,
      });
      gaps.set(`${name} ${isFrozen}`, name === 'bare Aedes' && lost > 0 ? Infinity : worstGap);
      sleeper.close();
    }
  }
  const added = (name: BrokerName): number =>
    Math.max(0.1, (gaps.get(`${name} true`) ?? 0) - (gaps.get(`${name} false`) ?? 0));
  const words = (name: BrokerName): string =>
    Number.isFinite(added(name)) ? `${name}: ${Math.round(added(name))} ms` : `${name}: stands still`;
  return [
    {
      row: BROKER_ROW.frozen,
      what: 'one frozen subscriber, 2,000 messages of 1 KiB a second: added to the worst gap of another',
      ours: { value: added('ours'), unit: 'ms' },
      target: `under ${MOST_GAP_MS} ms`,
      met: added('ours') < MOST_GAP_MS,
      note: names
        .filter((name) => name !== 'ours')
        .map(words)
        .join(', '),
    },
  ];
}
