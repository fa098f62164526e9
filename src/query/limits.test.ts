import type { DataQueryResponse } from '@grafana/data';
import { expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';

test('the data source’s limits on rows hold whatever a query asks for', async () => {
  await using broker = await startBroker();
  const deps = testDeps({ url: broker.ws!.url, pool: testPool() });
  const targets = [
    { topic: 'more', keep: { rows: 10 } },
    { topic: 'less', keep: { rows: 1 } },
  ];
  using responses = responsesOf(request(targets), { ...deps, limits: { maxRows: 2 } });
  await subscribed(broker, 'more', 'less');
  for (const payload of ['1', '2', '3']) {
    for (const topic of ['more', 'less']) {
      await broker.publish({ topic, payload });
    }
  }
  const response = await responses.until((each) => valuesOf(each, 'B').includes(3) && valuesOf(each, 'A').includes(3));
  expect(valuesOf(response, 'A')).toEqual([2, 3]);
  expect(valuesOf(response, 'B')).toEqual([3]);
});

test('its limits on payloads, too, and what they leave out is said', async () => {
  await using broker = await startBroker();
  const deps = testDeps({ url: broker.ws!.url, pool: testPool() });
  const limits = { levels: 1, items: 16, fields: 2, rows: 1 };
  using responses = responsesOf(request([{ topic: '+' }]), { ...deps, limits: { maxRows: 10, maxSeries: 2, limits } });
  await subscribed(broker, '+');
  for (const topic of ['a', 'b', 'c', 'd']) {
    await broker.publish({ topic, payload: '{"a":{"b":1},"c":2,"d":3}' });
  }
  const response = await responses.until(
    ({ data }) => data[0].meta?.notices?.[0]?.text.startsWith('4 topics') === true
  );
  expect(response.data.map(({ name, fields }) => [name, fields.map((each: { name: string }) => each.name)])).toEqual([
    ['a', ['Time', 'a', 'c']],
    ['b', ['Time', 'a', 'c']],
  ]);
  expect(response.data[0].meta?.notices).toEqual([
    {
      severity: 'warning',
      text: '4 topics match the query, and the first 2 are shown. Narrow the topic filter, or raise "Series per query" in the settings of the data source. Messages have more fields than a series may have, and 2 values were left out. Name the fields that you need, or raise "Fields per series" in the settings of the data source.',
    },
    {
      severity: 'info',
      text: '2 values nested deeper than 1 level are shown as JSON. Name the fields that you need, or raise "Levels of nesting" in the settings of the data source.',
    },
  ]);
});

test('more series as latest values than as time series, out of one stream, unless the data source has a number', async () => {
  await using broker = await startBroker();
  const deps = testDeps({ url: broker.ws!.url, pool: testPool() });
  const targets = [{ topic: 'd/+' }, { topic: 'd/+', shape: 'latest' as const }];
  using responses = responsesOf(request(targets), deps);
  using few = responsesOf(request(targets), { ...deps, limits: { maxRows: 10, maxSeries: 2 } });
  await subscribed(broker, 'd/+');
  for (let n = 0; n < 501; n++) {
    await broker.publish({ topic: `d/${n}`, payload: '1' });
  }
  const rowsOf = ({ data }: DataQueryResponse, refId: string): number[] =>
    data.filter((frame) => frame.refId === refId).map(({ length }) => length);
  const response = await responses.until((each) => rowsOf(each, 'B')[0] === 501);
  expect(rowsOf(response, 'A')).toHaveLength(500);
  expect(response.data[0].meta?.notices).toEqual([
    {
      severity: 'warning',
      text: 'A: 501 topics match the query, and the first 500 are shown. Narrow the topic filter, show up to 2,000 as a table or as latest values, or raise "Series per query" in the settings of the data source.',
    },
  ]);
  const limited = await few.until(({ data }) => data[0].meta?.notices?.[0]?.text.startsWith('501 topics') === true);
  expect([rowsOf(limited, 'A').length, rowsOf(limited, 'B')]).toEqual([2, [2]]);
});
