import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { startBroker } from '../../../broker/fixture';
import { eventually, publishAll, TestEngine } from '../../testing/test-engine';
import type { RecorderOptions } from '../protocol';

/** Enough for some 40 of the messages. */
const FEW: RecorderOptions = { bytes: 1_000, ageMs: 366 * 86_400_000, historian: 'history' };
const MANY = { pendingRows: 10_000, maxRows: 100_000 };

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Rows of a stream since it began again the last time. */
function rowsOf(engine: TestEngine, stream: number): number {
  const batches = engine.all('batch').flatMap(({ streams }) => streams.filter((each) => each.stream === stream));
  const begin = batches.findLastIndex(({ restarted }) => restarted === true);
  return batches
    .slice(Math.max(0, begin))
    .flatMap(({ chunks }) => chunks)
    .reduce((sum, { rows }) => sum + rows, 0);
}

test('a stream that begins again has what was evicted of all ranges that panels show of it', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const client = await mqtt.connectAsync(broker.tcp!.url);
  await publishAll(client, upTo(100));
  using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, FEW);
  engine.open(1, { ...MANY, filters: ['+'] });
  const { sockets } = engine;
  engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
  await expect.poll(() => rowsOf(engine, 1), eventually).toBe(100);
  // Another panel, whose range is shorter
  engine.post({ type: 'past', stream: 1, from: Date.now(), to: Infinity });
  // A retained message that was missed comes as such, and then from the historian: the stream begins again
  for (const socket of sockets) {
    socket.terminate();
  }
  await client.publishAsync('retained', '1', { qos: 1, retain: true });
  await expect
    .poll(() => engine.all('batch').some(({ streams }) => streams.some((each) => each.restarted)), eventually)
    .toBe(true);
  await expect.poll(() => rowsOf(engine, 1), eventually).toBe(101);
  await client.endAsync(true);
});
