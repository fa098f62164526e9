/** The options of queries for retained messages. */
import { FieldType } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import type { Recording } from '../connection/recording';
import { streamNotices } from '../notices/stream';
import { responsesOf, valuesOf } from '../testing/responses';
import { ARRIVAL, type TestMessage, TestPanel } from '../testing/test-panel';
import { testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const RECORDING: Recording = { bytes: 16_000_000, ageMs: 366 * 86_400_000 };

/** Each way to a row that `Stream.add` has: a plain value, JSON like the last message, rows with options. */
const PAYLOADS: Array<[name: string, query: Partial<MqttQuery>, payload: (n: number) => TestMessage['payload']]> = [
  ['a number', {}, String],
  ['text', {}, (n) => `on ${n}`],
  ['JSON', {}, (n) => ({ a: n, b: 'x' })],
  ['JSON with a time', { time: { from: 'auto' } }, (n) => ({ a: n, ts: ARRIVAL + n * 1_000 })],
  ['JSON with chosen fields', { fields: [{ path: 'a' }] }, (n) => ({ a: n })],
  ['JSON with labels', { labels: [{ path: 'id' }] }, (n) => ({ a: n, id: 'x' })],
  ['a list of rows', {}, (n) => [{ a: n }]],
];

describe('marked', () => {
  test.each(PAYLOADS)('%s', (_, query, payload) => {
    for (const shape of ['table', 'logs'] as const) {
      const panel = new TestPanel({ ...query, shape, retained: 'mark' });
      panel.send(
        { topic: 'a', payload: payload(1), retained: true },
        { topic: 'a', payload: payload(2) },
        { topic: 'b', payload: payload(3), retained: true },
        { topic: 'b', payload: payload(4) }
      );
      const field = panel.frames[0].fields.find(({ name }) => name === 'Retained');
      // A table has the newest row first.
      const expected = shape === 'table' ? [false, true, false, true] : [true, false, true, false];
      expect(field).toMatchObject({ type: FieldType.boolean, values: expected });
    }
  });

  test('in a table, next to a value of the same name', () => {
    const panel = new TestPanel({ shape: 'table', retained: 'mark' });
    panel.send({ payload: { Retained: 7 }, retained: true }, { payload: { Retained: 8 } });
    expect(panel.fields()).toEqual({
      Time: [ARRIVAL + 1_000, ARRIVAL],
      Topic: ['t', 't'],
      Retained: [false, true],
      'Retained (payload)': [8, 7],
    });
  });

  test('of the latest values, those that nobody has published since', () => {
    const panel = new TestPanel({ shape: 'latest', retained: 'mark' });
    panel.send(
      { topic: 'a', payload: '1', retained: true },
      { topic: 'b', payload: '2', retained: true },
      { topic: 'b', payload: '3' }
    );
    expect(panel.fields()).toMatchObject({ Topic: ['a', 'b'], Retained: [true, false], Value: [1, 3] });
  });

  test('as a tag of annotations', () => {
    const panel = new TestPanel({ shape: 'annotations', retained: 'mark' });
    panel.send({ payload: '1', retained: true }, { payload: '2' });
    expect(panel.fields().tags).toEqual([['t', 'retained'], ['t']]);
  });

  test('and not in time series, whose fields are drawn', () => {
    const panel = new TestPanel({ retained: 'mark' });
    panel.send({ payload: '1', retained: true }, { payload: '2' });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL, ARRIVAL + 1_000], Value: [1, 2] });
  });

  test('without a notice about rows that the query does not want', () => {
    const panel = new TestPanel({ retained: 'mark', keep: { rows: 2 } });
    panel.send({ payload: '1', retained: true }, ...[2, 3, 4, 5].map((n) => ({ payload: String(n) })));
    expect(panel.notices).toEqual([]);
    expect(panel.fields().Value).toEqual([4, 5]);
  });
});

describe.each(['use', undefined])('with %j', (retained) => {
  test('they are rows like all others', () => {
    const panel = new TestPanel({ shape: 'table', ...(retained && { retained: retained as 'use' }) });
    panel.send({ payload: '1', retained: true }, { payload: '2' });
    expect(panel.fields()).toEqual({ Time: [ARRIVAL + 1_000, ARRIVAL], Topic: ['t', 't'], Value: [2, 1] });
  });
});

describe('ignored', () => {
  test.each(PAYLOADS)('%s', (_, query, payload) => {
    const panel = new TestPanel({ ...query, retained: 'ignore' });
    panel.send({ payload: payload(1), retained: true });
    expect(panel.frames.every(({ length }) => length === 0)).toBe(true);
    panel.send({ payload: payload(2) });
    expect(panel.frames.map(({ length }) => length)).toEqual([1]);
  });

  test('which is said where nothing else comes', () => {
    const panel = new TestPanel({ topic: 't', retained: 'ignore' }).send({ payload: '1', retained: true });
    panel.stream.grantedAt = ARRIVAL;
    const connected = {
      state: 'connected',
      since: 0,
      protocolVersion: 5,
      sessionPresent: false,
      connectMs: 1,
    } as const;
    expect(streamNotices(panel.stream, connected, { now: ARRIVAL + 60_000, timeZone: 'utc' })).toEqual([
      {
        severity: 'info',
        text: 'Only retained messages have arrived on "t" since 12:00:00, and the query ignores them. Set "Retained messages" of the query to Use or Mark to see them.',
      },
    ]);
  });
});

test('a sample says whether its message was retained', () => {
  const panel = new TestPanel({ format: 'json' }).send({ payload: 'no JSON', retained: true });
  const { sample, lastFailure } = panel.frames[0].meta!.custom!.mqtt;
  expect([sample, lastFailure]).toMatchObject([{ retained: true }, { retained: true }]);
  panel.send({ payload: '{}' });
  expect(panel.frames[0].meta!.custom!.mqtt.sample).not.toHaveProperty('retained');
});

test('an edit of the query finds them among the messages that are stored', async () => {
  await using broker = await startBroker();
  await broker.publish({ topic: 't', payload: '1', retain: true });
  const deps = testDeps({ url: broker.ws!.url, pool: testPool(), recording: RECORDING, lingerMs: 0 });
  const hold = deps.connect().hold();
  using before = responsesOf(request([{ topic: 't', shape: 'table' }]), deps);
  await before.until((each) => valuesOf(each, 'A').length === 1);
  await broker.publish({ topic: 't', payload: '2', retain: true });
  await before.until((each) => valuesOf(each, 'A').length === 2);
  using marked = responsesOf(request([{ topic: 't', shape: 'table', retained: 'mark' }]), deps);
  const response = await marked.until((each) => valuesOf(each, 'A').length === 2);
  expect(valuesOf(response, 'A')).toEqual([2, 1]);
  expect(valuesOf(response, 'A', 'Retained')).toEqual([false, true]);
  using live = responsesOf(request([{ topic: 't', retained: 'ignore' }]), deps);
  expect(valuesOf(await live.until((each) => valuesOf(each, 'A').length > 0), 'A')).toEqual([2]);
  hold();
});

test('a message of a historian is none, even if it was published as one', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  await broker.publish({ topic: 't', payload: '1', retain: true });
  await broker.publish({ topic: 't', payload: '2', retain: true });
  const recording = { ...RECORDING, historian: 'history' };
  const range = absolute(Date.now() - 60_000, Date.now() + 60_000);
  for (const retained of ['ignore', 'mark'] as const) {
    const deps = testDeps({ url: broker.ws!.url, pool: testPool(), recording });
    using panel = responsesOf(request([{ topic: 't', shape: 'table', retained }], range), deps);
    await panel.done();
    expect(valuesOf(panel.last, 'A')).toEqual([2, 1]);
    expect(valuesOf(panel.last, 'A', 'Retained')).toEqual(retained === 'mark' ? [false, false] : []);
  }
});
