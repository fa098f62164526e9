import { join } from 'node:path';
import mqtt from 'mqtt';
import { HistoryStore } from '../../broker/history/store';
import { scratchFolder } from '../bundle';
import type { Result } from '../measurement';
import { median } from '../stats';
import { start } from './brokers';
import { runLoad } from './load';
import { BROKER_ROW, type BrokerStage } from './rows';

/** Topics, and messages of a request. */
const TOPICS = 100;
const ROWS = 100_000;

/** The cost of history for a broker, next to the same broker without history; and the duration of a response. */
export async function history(stage: BrokerStage): Promise<Result[]> {
  return [await append(stage), ...(await throughput(stage)), await answer(stage)];
}

/** Storing one message, next to the plainest store. */
function append({ short }: BrokerStage): Promise<Result> {
  const count = short ? 1_000 : 300_000;
  const topics = Array.from({ length: TOPICS }, (_, n) => `home/${n}/temperature`);
  const payload = Buffer.from('{"temperature":21.5,"humidity":48,"battery":97}');
  const nsOf = (keep: (topic: string) => void): number => {
    const began = performance.now();
    for (let n = 0; n < count; n += 1) {
      keep(topics[n % TOPICS]);
    }
    return ((performance.now() - began) * 1e6) / count;
  };
  const samples = Array.from({ length: short ? 1 : 9 }, () => {
    const store = new HistoryStore({ age: 86_400, messages: 10_000, bytes: 64 << 20, topics: 10_000 });
    const plain = new Map<string, Array<{ time: number; payload: Buffer }>>(topics.map((topic) => [topic, []]));
    return {
      ours: nsOf((topic) => store.append(topic, payload, false)),
      peer: nsOf((topic) => plain.get(topic)?.push({ time: Date.now(), payload: Buffer.from(payload) })),
    };
  });
  const ours = median(samples.map((sample) => sample.ours));
  const peer = median(samples.map((sample) => sample.peer));
  return Promise.resolve({
    row: BROKER_ROW.history,
    what: `history: one message of ${payload.length} bytes into the store`,
    ours: { value: ours, unit: 'ns' },
    peer: { name: 'an array of copies for each topic', value: peer, unit: 'ns' },
    ratio: { value: ours / peer, means: 'times its cost' },
  });
}

/** Messages per second through the broker, with and without history, in turns. */
async function throughput({ file, short }: BrokerStage): Promise<Result[]> {
  using folder = await scratchFolder();
  const rates = { without: [] as number[], memory: [] as number[], disk: [] as number[] };
  for (let round = 0; round < (short ? 1 : 5); round += 1) {
    const names = ['without', 'memory', 'disk'] as const;
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const keeps = { without: [], memory: ['history'], disk: ['history', join(folder.path, String(round))] }[name];
      await using broker = await start('ours', file, keeps);
      const { receivedPerSecond } = await runLoad({
        url: broker.tcp,
        qos: 0,
        subscribers: 1,
        publishers: 10,
        messages: short ? 100 : 30_000,
        size: 50,
      });
      rates[name].push(receivedPerSecond);
    }
  }
  return (['memory', 'disk'] as const).map((name) => ({
    row: BROKER_ROW.history,
    what: `history ${name === 'memory' ? 'in memory' : 'on disk'}: messages through the broker, ten publishers`,
    ours: { value: median(rates[name]), unit: '/s' },
    peer: { name: 'the same without history', value: median(rates.without), unit: '/s' },
    ratio: { value: median(rates[name]) / median(rates.without), means: 'of its rate' },
  }));
}

/** From a request to the last part of its response, next to the same messages delivered live. */
async function answer({ file, short }: BrokerStage): Promise<Result> {
  await using broker = await start('ours', file, ['history']);
  const client = await mqtt.connectAsync(broker.tcp, { clientId: 'reader' });
  const count = short ? 1_000 : ROWS;
  let live = 0;
  let parts = 0;
  let bytes = 0;
  let wake = (): void => {};
  client.on('message', (topic, payload) => {
    if (topic === 'history/response/reader/1') {
      parts += 1;
      bytes += payload.length;
      if (payload.includes('"done":true')) {
        wake();
      }
    } else if ((live += 1) === count) {
      wake();
    }
  });
  const timed = (work: () => void): Promise<number> => {
    const began = performance.now();
    return new Promise((resolve) => {
      wake = () => resolve(performance.now() - began);
      work();
    });
  };
  await client.subscribeAsync(['home/#', 'history/response/reader/+']);
  const publisher = await mqtt.connectAsync(broker.tcp);
  const liveMs = await timed(() => {
    for (let n = 0; n < count; n += 1) {
      publisher.publish(`home/${n % TOPICS}/temperature`, `{"temperature":21.${n % 10},"humidity":48}`);
    }
  });
  const samples: number[] = [];
  for (let round = 0; round < (short ? 1 : 7); round += 1) {
    parts = 0;
    bytes = 0;
    samples.push(
      await timed(() => client.publish('history/request/reader/1', '{"v":1,"filters":["home/#"],"from":0}'))
    );
  }
  await Promise.all([client.endAsync(true), publisher.endAsync(true)]);
  return {
    row: BROKER_ROW.history,
    what: `history: ${count.toLocaleString('en-US')} messages in a response`,
    ours: { value: median(samples), unit: 'ms' },
    peer: { name: 'the same published and delivered by mqtt.js', value: liveMs, unit: 'ms' },
    ratio: { value: liveMs / median(samples), means: 'times cheaper' },
    note: `${parts} parts, ${(bytes / 1e6).toFixed(1)} MB`,
  };
}
