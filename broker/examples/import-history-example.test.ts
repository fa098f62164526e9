import { expect, test } from 'vitest';
import { startBroker } from '../fixture';

test('yesterday comes from a file', async () => {
  await using broker = await startBroker({ history: { filters: ['home/#'], age: 7 * 86_400 } });
  const yesterday = Date.now() - 86_400_000;
  const recorded = await broker.importHistory([
    { topic: 'home/kitchen/temperature', payload: '21.5', time: yesterday },
    { topic: 'home/kitchen/temperature', payload: '21.6', time: yesterday + 1000, retain: true },
    { topic: 'garden/temperature', payload: '11.2', time: yesterday },
  ]);
  expect(recorded).toBe(2);
});
