import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { OverlappingBroker } from '../testing/overlapping-broker';
import { eventually, TestEngine } from '../testing/test-engine';
import { SubscriptionPlan } from './subscription-plan';

/** Longer than two reviews, in milliseconds. */
const TWO_REVIEWS_MS = 500;

test('filters that bring nothing and overlap no others are not planned again', async () => {
  const update = vi.spyOn(SubscriptionPlan.prototype, 'update');
  await using broker = await OverlappingBroker.start({});
  using engine = new TestEngine(broker.url);
  engine.open(1, { filters: ['o/#'] });
  engine.open(2, { filters: ['p/+', 'q'] });
  await expect.poll(() => [1, 2].every((each) => engine.subscribed(each)?.granted), eventually).toBe(true);
  await expect
    .poll(async () => {
      update.mockClear();
      await sleep(TWO_REVIEWS_MS);
      return update.mock.calls.length;
    }, eventually)
    .toBe(0);
  // A filter that it would cover later is planned.
  engine.open(3, { filters: ['o/a'] });
  await expect.poll(() => engine.subscribed(3)?.granted, eventually).toBe(true);
  expect(broker.filters).toEqual([['o/#', 'p/+', 'q']]);
});

test('an engine that was told to stop opens no further session when streams close', async () => {
  await using broker = await OverlappingBroker.start({});
  using engine = new TestEngine(broker.url);
  for (const [at, filter] of ['#', 'a/+', '+/b'].entries()) {
    engine.open(at + 1, { filters: [filter] });
  }
  await expect.poll(() => [1, 2, 3].every((each) => engine.subscribed(each)?.granted), eventually).toBe(true);
  expect(engine.sockets).toHaveLength(1);
  engine.post({ type: 'stop' });
  // What it has covered would be subscribed in two sessions
  engine.post({ type: 'close', stream: 1 });
  await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
  await sleep(TWO_REVIEWS_MS);
  expect(engine.sockets).toHaveLength(1);
});
