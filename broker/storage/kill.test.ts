/**
 * Kills the broker with SIGKILL in the middle of QoS 1 and QoS 2 traffic, over and over, and counts. `KILLS=300` makes
 * it hundreds; 25 by default, which takes some ten seconds.
 */
import { once } from 'node:events';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClient, until } from '../test-helpers';

const KILLS = Number(process.env.KILLS ?? 25);
/** Messages that each publisher has unacknowledged at a time. */
const WINDOW = 20;

const root = fileURLToPath(new URL('../..', import.meta.url));
let directory: string;
let program: string;
let child: ChildProcess | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broker-kill-'));
  // In the project, where its packages are found; bundled, because compiling it anew for each start takes long.
  await mkdir(join(root, 'build'), { recursive: true });
  program = join(root, 'build', `kill-child-${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL('kill-child.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  });
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(program, { force: true });
  await rm(directory, { recursive: true, force: true });
});

async function startChild(data: string, port: number): Promise<number> {
  child = fork(program, [data, String(port)]);
  const [{ port: got }] = (await once(child, 'message')) as [{ port: number }];
  return got;
}

async function killChild(): Promise<void> {
  if (child) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

interface Publisher {
  client: MqttClient;
  published: number;
  /** Those that the broker acknowledged. */
  acknowledged: Set<number>;
  /** Published and settled: acknowledged, or given up by mqtt.js, which does that to what it has not sent yet. */
  settled: number;
}

/** Publishes 0, 1, 2… on a topic, keeping `WINDOW` in flight, until it is told to stop. */
function publishOn(url: string, qos: 1 | 2, retain: boolean, goingOn: () => boolean): Publisher {
  const topic = `kill/${qos}${retain ? '/retained' : ''}`;
  const client = mqtt.connect(url, { clientId: `publisher ${topic}`, clean: false, reconnectPeriod: 10 });
  client.on('error', () => {});
  const publisher: Publisher = { client, published: 0, acknowledged: new Set(), settled: 0 };
  const publishNext = (): void => {
    if (!goingOn()) {
      return;
    }
    const number = publisher.published;
    publisher.published += 1;
    client.publish(topic, String(number), { qos, retain }, (error) => {
      publisher.settled += 1;
      if (!error) {
        publisher.acknowledged.add(number);
      }
      // Not faster than what a test needs
      setTimeout(publishNext, 1);
    });
  };
  for (let n = 0; n < WINDOW; n += 1) {
    publishNext();
  }
  return publisher;
}

test(
  `nothing acknowledged is lost over ${KILLS} kills`,
  async () => {
    const data = join(directory, 'data');
    const port = await startChild(data, 0);
    const url = `mqtt://127.0.0.1:${port}`;

    const counts = new Map<string, Map<number, number>>();
    const subscriber = mqtt.connect(url, { clientId: 'subscriber', clean: false, reconnectPeriod: 10 });
    subscriber.on('error', () => {});
    subscriber.on('message', (topic, payload) => {
      const own = counts.get(topic) ?? new Map<number, number>();
      const n = Number(payload.toString());
      counts.set(topic, own.set(n, (own.get(n) ?? 0) + 1));
    });
    await subscriber.subscribeAsync('kill/#', { qos: 2 });

    let goingOn = true;
    const publishers = {
      'kill/1': publishOn(url, 1, false, () => goingOn),
      'kill/2': publishOn(url, 2, false, () => goingOn),
      'kill/1/retained': publishOn(url, 1, true, () => goingOn),
      'kill/2/retained': publishOn(url, 2, true, () => goingOn),
    };
    const all = Object.values(publishers);
    const acknowledged = (): number => all.reduce((sum, publisher) => sum + publisher.acknowledged.size, 0);

    for (let kill = 0; kill < KILLS; kill += 1) {
      // Some are killed while their clients come back, most in the middle of traffic.
      const before = acknowledged();
      if (kill % 5 !== 0) {
        // oxlint-disable-next-line no-await-in-loop -- one life after the other
        await until('traffic', () => acknowledged() > before);
      }
      // oxlint-disable-next-line no-await-in-loop
      await sleep(Math.random() * 60);
      // oxlint-disable-next-line no-await-in-loop
      await killChild();
      // oxlint-disable-next-line no-await-in-loop
      expect(await startChild(data, port)).toBe(port);
    }
    goingOn = false;
    await until(
      'every message to be settled',
      () => all.every(({ published, settled }) => published === settled),
      30_000
    );
    const lost = (): string[] =>
      Object.entries(publishers).flatMap(([topic, publisher]) =>
        [...publisher.acknowledged].filter((n) => !counts.get(topic)?.has(n)).map((n) => `${topic} ${n}`)
      );
    await until('every message to arrive', () => lost().length === 0, 15_000).catch(() => {});
    const again = (...topics: string[]): string[] =>
      topics.flatMap((topic) =>
        [...(counts.get(topic) ?? [])].filter(([, count]) => count > 1).map(([n]) => `${topic} ${n}`)
      );
    process.stdout.write(
      `${KILLS} kills: ${acknowledged()} messages acknowledged, ${lost().length} of them lost; ` +
        `delivered again: QoS 1 ${again('kill/1', 'kill/1/retained').length}, ` +
        `QoS 2 ${again('kill/2', 'kill/2/retained').length}\n`
    );
    expect(lost()).toEqual([]);
    expect(again('kill/2', 'kill/2/retained')).toEqual([]);

    // The last retained message of each is the last that was acknowledged, or one of those in flight beside it.
    await killChild();
    await startChild(data, port);
    await using late = await connectClient(url);
    await late.client.subscribeAsync('kill/+/retained');
    await until('the retained messages', () => late.deliveries.length === 2);
    for (const { topic, text } of late.deliveries) {
      const { published: count } = publishers[topic as keyof typeof publishers];
      expect(Number(text)).toBeGreaterThanOrEqual(count - WINDOW);
    }
    await Promise.all([...all.map(({ client }) => client.endAsync(true)), subscriber.endAsync(true)]);
  },
  60_000 + KILLS * 3_000
);
