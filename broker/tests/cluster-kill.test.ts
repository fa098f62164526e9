/** Two brokers with Redis that are killed in turn, during traffic. `KILLS=…` sets the number of kills. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../testing/clients';
import { buildProgram, type Program } from '../testing/program';
import { allSettled, connectLasting, publishOn, Received, type Publisher } from '../testing/counted-traffic';
import { KilledBroker } from '../testing/killed-broker';
import { findRedis, startRedis, type RedisServer } from '../testing/redis-server';

const redisServer = findRedis();
const KILLS = Number(process.env.KILLS ?? 12);

describe.skipIf(redisServer === undefined)('one of two brokers is killed in the middle of traffic', () => {
  let redis: RedisServer;
  let program: Program;

  beforeAll(async () => {
    [redis, program] = await Promise.all([startRedis(redisServer!), buildProgram('killed-broker-child.ts')]);
  });
  afterAll(() => Promise.all([redis, program].map((each) => each[Symbol.asyncDispose]())));

  test.each([1, 2] as const)(
    `QoS %d: nothing acknowledged is lost over ${KILLS} kills, and no exchange is stuck`,
    async (qos) => {
      await redis.run('FLUSHALL');
      await using a = await KilledBroker.start(program, redis.url);
      await using b = await KilledBroker.start(program, redis.url);
      const [here, there] = [
        [a.port, b.port],
        [b.port, a.port],
      ];
      const unanswered: string[] = [];
      const subscriber = connectLasting('subscriber', here, unanswered);
      const received = new Received(subscriber);
      await subscriber.subscribeAsync('k/#', { qos });
      const away = connectLasting('away', there, unanswered);
      await away.subscribeAsync('k/#', { qos });
      await away.endAsync();

      let goingOn = true;
      const publishing = (name: string, servers: number[]): Publisher =>
        publishOn(connectLasting(name, servers, unanswered), `k/${name}`, { qos }, () => goingOn);
      const publishers = { 'k/here': publishing('here', here), 'k/there': publishing('there', there) };
      const all = Object.values(publishers);
      const acknowledged = (): number => all.reduce((sum, publisher) => sum + publisher.acknowledged.size, 0);

      for (let kill = 0; kill < KILLS; kill += 1) {
        const before = acknowledged();
        await until('traffic', () => acknowledged() > before + 20);
        const broker = kill % 2 ? a : b;
        await broker.kill();
        await broker.start();
      }
      goingOn = false;
      await allSettled(all);
      await until('the subscriber to have all', () => received.missing(publishers).length === 0).catch(() => {});
      expect(received.missing(publishers)).toEqual([]);

      const back = connectLasting('away', there, unanswered);
      const waited = new Received(back);
      await until('the session that was away to have all', () => waited.missing(publishers).length === 0).catch(
        () => {}
      );
      expect(waited.missing(publishers)).toEqual([]);
      process.stdout.write(
        `QoS ${qos}, ${KILLS} kills: ${acknowledged()} messages acknowledged, none lost; delivered again: ` +
          `${received.again(...Object.keys(publishers)).length}, ` +
          `to the session that was away ${waited.again(...Object.keys(publishers)).length}\n`
      );
      // Every exchange is complete, whichever broker it began at
      let waiting: unknown;
      await until('nothing to wait any more', () => {
        void redis.run('HGET', 'queues', 'messages').then((messages) => (waiting = messages));
        return waiting === '0';
      });
      const keys = (await redis.run('KEYS', '*')) as string[];
      expect(keys.filter((key) => /^(queue|queue-state|message|incoming):/.test(key))).toEqual([]);
      expect(unanswered).toEqual([]);
      await Promise.all([...all.map(({ client }) => client), subscriber, back].map((client) => client.endAsync(true)));
    },
    60_000 + KILLS * 5_000
  );
});
