import { expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { packetsOf, request, subscribed, testDeps, testPool, valuesOf } from '../testing/live';

test('the data source’s limits hold whatever a query asks for', async () => {
  await using broker = await startBroker();
  const deps = testDeps({ url: broker.ws!.url, pool: testPool() });
  const targets = [
    { topic: 'more', keep: { rows: 10 } },
    { topic: 'less', keep: { rows: 1 } },
  ];
  using packets = packetsOf(request(targets), { ...deps, caps: { maxRows: 2 } });
  await subscribed(broker, 'more', 'less');
  for (const payload of ['1', '2', '3']) {
    for (const topic of ['more', 'less']) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await broker.publish({ topic, payload });
    }
  }
  const packet = await packets.until((each) => valuesOf(each, 'B').includes(3) && valuesOf(each, 'A').includes(3));
  expect(valuesOf(packet, 'A')).toEqual([2, 3]);
  expect(valuesOf(packet, 'B')).toEqual([3]);
});
