import { setTimeout as sleep } from 'node:timers/promises';
import { connected, type Context, equal, open, received, until } from '../context';

/** A panel that opens late has the retained value, and the earlier panel has nothing twice. */
export async function retained(context: Context): Promise<string> {
  const publisher = await context.client();
  await publisher.publishAsync('retained/a', '1', { retain: true, qos: 1 });
  using engine = context.engine();
  await open(engine, 1, { filters: ['retained/a'] });
  await received(engine, 1, 1);
  await open(engine, 2, { filters: ['retained/a'] });
  await received(engine, 2, 1);
  await publisher.publishAsync('retained/a', '2', { qos: 1 });
  await received(engine, 1, 2);
  await received(engine, 2, 2);
  equal('first', engine.numbers(1), [1, 2]);
  equal('late', engine.numbers(2), [1, 2]);
  await publisher.publishAsync('retained/a', '', { retain: true, qos: 1 });
  await publisher.endAsync();
  return '';
}

/** The retained values of all topics below a wildcard, next to a panel that has one of the topics already. */
export async function retainedByWildcard(context: Context): Promise<string> {
  const publisher = await context.client();
  await publisher.publishAsync('below/a', '1', { retain: true, qos: 1 });
  await publisher.publishAsync('below/b', '2', { retain: true, qos: 1 });
  using engine = context.engine();
  try {
    await open(engine, 1, { filters: ['below/a'] });
    await received(engine, 1, 1);
    await open(engine, 2, { filters: ['below/#'] });
    await received(engine, 2, 1, 5_000);
    await received(engine, 2, 2, 5_000);
    equal('first', engine.numbers(1), [1]);
    equal(
      'late',
      engine.numbers(2).toSorted((a, b) => a - b),
      [1, 2]
    );
    return '';
  } finally {
    for (const topic of ['below/a', 'below/b']) {
      await publisher.publishAsync(topic, '', { retain: true, qos: 1 });
    }
    await publisher.endAsync();
  }
}

const BYTES = 1_000_000;

/** A message of 1 MB arrives whole. */
export async function big(context: Context): Promise<string> {
  const publisher = await context.client();
  using engine = context.engine();
  await open(engine, 1, { filters: ['big'], format: 'json' });
  // The streams of another check may have this message too: a number that is not one of theirs.
  const [head, tail] = ['{"value":-7,"more":"', '"}'];
  const began = performance.now();
  publisher.publish('big', head + 'x'.repeat(BYTES - head.length - tail.length) + tail, { qos: 1 });
  publisher.once('error', () => undefined);
  await received(engine, 1, -7, 40_000);
  const seconds = (performance.now() - began) / 1_000;
  equal('rows', engine.numbers(1), [-7]);
  await publisher.endAsync(true);
  return seconds < 1 ? '' : `after ${Math.round(seconds)} s`;
}

/** Each is a topic name by the specification [MQTT-4.7.3]. */
const ODD = [
  'odd/two words',
  'odd/Küche/温度',
  'odd//empty',
  '/odd/leading',
  'odd/trailing/',
  'odd/a.b',
  'odd/a*b',
  'odd/a>b',
  `odd/"quoted"\\'`,
  'odd/$dollar',
  `odd/${'long'.repeat(50)}`,
];

/** A message on a topic with unusual characters arrives at the query for this topic. */
export async function oddTopics(context: Context): Promise<string> {
  using engine = context.engine();
  await connected(engine);
  for (const [i, topic] of ODD.entries()) {
    engine.open(i, { filters: [topic] });
  }
  const answered = (i: number): boolean => {
    const answer = engine.subscribed(i);
    return answer !== undefined && (answer.granted || answer.refused.length > 0);
  };
  await until('an answer for each topic', () => ODD.every((_, i) => answered(i)));
  const wrong: string[] = [];
  for (const [i, topic] of ODD.entries()) {
    // Some brokers disconnect a client that publishes to such a topic.
    const [plain, publisher] = [await context.client(), await context.client()];
    for (const client of [plain, publisher]) {
      client.on('error', () => undefined);
    }
    let toPlain = false;
    plain.on('message', (name) => (toPlain ||= name === topic));
    await Promise.race([plain.subscribeAsync(topic).catch(() => undefined), sleep(1_000)]);
    publisher.publish(topic, String(i + 1));
    await until(topic, () => engine.numbers(i).length > 0 && toPlain, { ms: 1_000 }).catch(() => undefined);
    if (JSON.stringify(engine.numbers(i)) !== `[${i + 1}]`) {
      wrong.push(toPlain ? topic : `${topic} (nor has a plain client)`);
    }
    await Promise.all([plain.endAsync(true), publisher.endAsync(true)]);
  }
  equal('topics without their message', wrong, []);
  return '';
}
