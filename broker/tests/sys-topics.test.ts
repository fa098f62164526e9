import { expect, test } from 'vitest';
import { startBroker } from '../broker';
import { connectClient, until } from '../testing/clients';

const PORTS = { tcp: { port: 0 }, ws: false } as const;

test('statistics appear on the topics that mosquitto has, again and again', async () => {
  await using broker = await startBroker({ ...PORTS, sysTopics: true, sysInterval: 0.1 });
  await using client = await connectClient(broker.tcp!.url);
  await client.client.subscribeAsync(['$SYS/broker/#', 'home/#']);
  for (let n = 0; n < 7; n += 1) {
    await broker.publish({ topic: 'home/kitchen', payload: String(n), retain: n === 0 });
  }
  const last = (topic: string): string | undefined =>
    client.deliveries.findLast((each) => each.topic === `$SYS/broker/${topic}`)?.text;
  const rates = (): number[] =>
    client.deliveries.filter(({ topic }) => topic.endsWith('load/bytes/sent/1min')).map(({ text }) => Number(text));
  await until('two publications, after which there are rates', () => rates().length >= 3);

  expect(last('version')).toBe('mqttstream-broker');
  expect(last('clients/connected')).toBe('1');
  expect(last('subscriptions/count')).toBe('2');
  expect(last('retained messages/count')).toBe('1');
  expect(last('publish/messages/received')).toBe('7');
  expect(Number(last('bytes/sent'))).toBeGreaterThan(100);
  expect(last('uptime')).toMatch(/^\d+ seconds$/);
  expect(rates().at(-1)).toBeGreaterThan(1_000);
  // Every value but the version and the time is a number.
  for (const { topic, text, retain } of client.deliveries.filter((each) => each.topic.startsWith('$SYS'))) {
    expect({ topic, retain }).toEqual({ topic, retain: false });
    expect(text).toMatch(/uptime|version/.test(topic) ? /\w/ : /^\d+(\.\d+)?$/);
  }
});

test('there are none by default, and none without the right to read $SYS', async () => {
  await using silent = await startBroker({ ...PORTS, sysTopics: true });
  await using closed = await startBroker({ ...PORTS, sysInterval: 0.1 });
  await using reader = await connectClient(silent.tcp!.url);
  await reader.client.subscribeAsync('$SYS/broker/#');
  await using stranger = await connectClient(closed.tcp!.url);
  await expect(stranger.client.subscribeAsync('$SYS/broker/#')).rejects.toMatchObject({ packet: { granted: [128] } });
  await new Promise((resolve) => {
    setTimeout(resolve, 400);
  });
  expect([...reader.deliveries, ...stranger.deliveries]).toEqual([]);
});
