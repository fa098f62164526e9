/**
 * Kills the broker with SIGKILL during QoS 1 and QoS 2 traffic, some sixty times, and counts the messages. `npm run kill`
 * kills it a thousand times; `KILLS=… npm run kill` sets another number.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClient, until } from '../testing/clients';
import { buildProgram, type Program } from '../testing/program';
import {
  allSettled,
  connectLasting,
  publishOn,
  Received,
  MAX_IN_FLIGHT,
  type Publisher,
} from '../testing/counted-traffic';
import { KilledBroker } from '../testing/killed-broker';

const KILLS = Number(process.env.KILLS ?? 60);

let directory: string;
let program: Program;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broker-kill-'));
  program = await buildProgram('killed-broker-child.ts');
});

afterAll(async () => {
  await program[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test(
  `nothing acknowledged is lost over ${KILLS} kills`,
  async () => {
    await using broker = await KilledBroker.start(program, join(directory, 'data'));
    const unanswered: string[] = [];
    const subscriber = connectLasting('subscriber', [broker.port], unanswered);
    const received = new Received(subscriber);
    await subscriber.subscribeAsync('kill/#', { qos: 2 });

    let goingOn = true;
    const publishing = (topic: string, qos: 1 | 2, retain: boolean): Publisher =>
      publishOn(connectLasting(`publisher ${topic}`, [broker.port], unanswered), topic, { qos, retain }, () => goingOn);
    const publishers: Record<string, Publisher> = {
      'kill/1': publishing('kill/1', 1, false),
      'kill/2': publishing('kill/2', 2, false),
      'kill/1/retained': publishing('kill/1/retained', 1, true),
      'kill/2/retained': publishing('kill/2/retained', 2, true),
    };
    const all = Object.values(publishers);
    const acknowledged = (): number => all.reduce((sum, publisher) => sum + publisher.acknowledged.size, 0);

    let inTraffic = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Some are killed while their clients reconnect, most during traffic
      const before = acknowledged();
      if (kill % 5 !== 0) {
        await until('traffic', () => acknowledged() > before);
      }
      await sleep(Math.random() * 60);
      inTraffic += acknowledged() > before ? 1 : 0;
      await broker.kill();
      await broker.start();
    }
    goingOn = false;
    await allSettled(all);
    const lost = (): string[] => received.missing(publishers);
    await until('every message to arrive', () => lost().length === 0).catch(() => {});
    process.stdout.write(
      `${KILLS} kills, ${inTraffic} of them in the middle of traffic: ` +
        `${acknowledged()} messages acknowledged, ${lost().length} of them lost; delivered again: ` +
        `QoS 1 ${received.again('kill/1', 'kill/1/retained').length}, ` +
        `QoS 2 ${received.again('kill/2', 'kill/2/retained').length}\n`
    );
    expect(lost()).toEqual([]);
    expect(unanswered).toEqual([]);
    expect(received.again('kill/2', 'kill/2/retained')).toEqual([]);

    // The retained message of each is the last acknowledged one, or one that was in flight at the same time
    await broker.kill();
    await broker.start();
    await using late = await connectClient(broker.url);
    await late.client.subscribeAsync('kill/+/retained');
    await until('the retained messages', () => late.deliveries.length === 2);
    for (const { topic, text } of late.deliveries) {
      expect(Number(text)).toBeGreaterThanOrEqual(publishers[topic].published - MAX_IN_FLIGHT);
    }
    await Promise.all([...all.map(({ client }) => client.endAsync(true)), subscriber.endAsync(true)]);
  },
  120_000 + KILLS * 3_000
);
