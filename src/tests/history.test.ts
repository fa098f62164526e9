/** Messages of a historian in panels. */
import { dateTime } from '@grafana/data';
import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import type { Recording } from '../connection/recording';
import { recordedBrokers } from '../testing/recorded-broker';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';

const RECORDING: Recording = { bytes: 16_000_000, ageMs: 366 * 86_400_000, historian: 'history' };

const BROKERS = recordedBrokers({ aheadMs: 0, isOnDisk: false });

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

function depsOf(url: string) {
  return testDeps({ url, pool: testPool(), recording: RECORDING, lingerMs: 1_000 });
}

describe('a panel that opens late', () => {
  test('has what was published before, then what comes, each once', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const publish = (n: number) => broker.publish({ topic: 't', payload: String(n) });
    for (const n of upTo(50)) {
      await publish(n);
    }
    using panel = responsesOf(request([{ topic: 't' }]), depsOf(broker.ws!.url));
    await subscribed(broker, 't');
    for (const n of upTo(50)) {
      await publish(50 + n);
    }
    const response = await panel.until((each) => valuesOf(each, 'A').length >= 100);
    expect(valuesOf(response, 'A')).toEqual(upTo(100));
    const times = valuesOf(response, 'A', 'Time') as number[];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('shows a retained message once, at its own time', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const before = Date.now();
    await broker.publish({ topic: 't', payload: '1', retain: true });
    const after = Date.now();
    await new Promise((resolve) => {
      setTimeout(resolve, 400);
    });
    using panel = responsesOf(request([{ topic: 't' }]), depsOf(broker.ws!.url));
    const response = await panel.until((each) => (valuesOf(each, 'A', 'Time')[0] as number) <= after);
    expect(valuesOf(response, 'A')).toEqual([1]);
    expect(valuesOf(response, 'A', 'Time')[0]).toBeGreaterThanOrEqual(before);
  });

  test('keeps equal messages apart that were sent one after the other', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    for (let n = 0; n < 30; n++) {
      await broker.publish({ topic: 't', payload: '7' });
    }
    using panel = responsesOf(request([{ topic: 't' }]), depsOf(broker.ws!.url));
    await subscribed(broker, 't');
    const response = await panel.until((each) => valuesOf(each, 'A').length >= 30);
    expect(valuesOf(response, 'A')).toEqual(Array.from({ length: 30 }, () => 7));
  });

  // mosquitto delivers requests, responses and marks of all clients, those of other tabs among them
  test.each(BROKERS)('does not show the messages of the history protocol under #, with %s', async (_, start) => {
    await using broker = await start();
    await broker.publisher.publishAsync('a', '1', { qos: 1 });
    await broker.publisher.publishAsync('history/of/rome', '2', { qos: 1, retain: true });
    using panel = responsesOf(request([{ topic: '#' }]), depsOf(broker.wsUrl));
    using named = responsesOf(request([{ topic: 'history/status' }]), depsOf(broker.wsUrl));
    using other = responsesOf(request([{ topic: '+' }]), depsOf(broker.wsUrl));
    await Promise.all([panel, other].map((each) => each.until((response) => valuesOf(response, 'A').includes(1))));
    await broker.publisher.publishAsync('a', '3', { qos: 1 });
    const response = await panel.until((each) => valuesOf(each, 'A').includes(3));
    expect(response.data.map(({ name }) => name as string).toSorted()).toEqual(['a', 'history/of/rome']);
    await named.until(({ data }) => data.some(({ name }) => name === 'history/status'));
  });
});

/** A historian that answers a request with these parts, and the client that it is. */
async function scriptedHistorian(url: string, parts: (request: { now: number }) => object[]): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(url);
  client.on('message', (topic, payload) => {
    const { cancel } = JSON.parse(payload.toString()) as { cancel?: true };
    const now = Date.now();
    for (const [part, rest] of cancel === true ? [] : parts({ now }).entries()) {
      const response = { v: 2, part, ...(part === 0 ? { now, run: 'run' } : undefined), ...rest };
      client.publish(topic.replace('/request/', '/response/'), JSON.stringify(response));
    }
  });
  await client.subscribeAsync('history/request/#');
  await client.publishAsync('history/status', '{"v":2}', { retain: true, qos: 1 });
  return client;
}

test('a retained message is never there twice while its own one comes, with a later part', async () => {
  await using broker = await startBroker();
  for (const topic of ['a', 'b']) {
    await broker.publish({ topic, payload: topic === 'a' ? '1' : '2', retain: true });
  }
  const historian = await mqtt.connectAsync(broker.tcp!.url);
  let sendLast = (): void => undefined;
  historian.on('message', (topic) => {
    const now = Date.now();
    const send = (part: object): unknown =>
      historian.publish(topic.replace('/request/', '/response/'), JSON.stringify({ v: 2, ...part }));
    const of = (name: string, ago: number, payload: string) => ({
      topic: name,
      first: 0,
      times: [now - ago],
      payloads: [payload],
    });
    send({ part: 0, now, run: 'run', topics: [of('a', 10_000, '1')] });
    send({ part: 1, topics: [of('b', 20_000, '2'), of('c', 20_001, '3')] });
    send({ part: 2, topics: [of('d', 30_000, '4')] });
    sendLast = () => send({ part: 3, done: true });
  });
  await historian.subscribeAsync('history/request/#');
  await historian.publishAsync('history/status', '{"v":2}', { retain: true, qos: 1 });
  using panel = responsesOf(request([{ topic: '+' }]), depsOf(broker.ws!.url));
  await panel.until((each) => valuesOf(each, 'A', 'Value', 'c').length > 0);
  const shown = Date.now();
  sendLast();
  await panel.until((each) => (valuesOf(each, 'A', 'Time', 'b')[0] as number) < shown - 10_000);
  expect(panel.all.map((each) => valuesOf(each, 'A', 'Value', 'b')).filter(({ length }) => length > 1)).toEqual([]);
  await historian.endAsync(true);
});

test('messages of one millisecond that come in several parts stay in their order', async () => {
  await using broker = await startBroker();
  const historian = await scriptedHistorian(broker.tcp!.url, ({ now }) => {
    const time = now - 10_000;
    const part = (first: number, ...times: number[]) => ({
      topics: [{ topic: 't', first, times, payloads: times.map((_, at) => String(first + at)) }],
    });
    return [part(5, time, time, time + 1), part(3, time, time), { ...part(0, time - 1, time, time), done: true }];
  });
  using panel = responsesOf(request([{ topic: 't' }]), depsOf(broker.ws!.url));
  const response = await panel.until((each) => valuesOf(each, 'A').length >= 8);
  expect(valuesOf(response, 'A')).toEqual(upTo(8));
  await historian.endAsync(true);
});

test('a range that has ended is answered from history, and completes', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const from = Date.now() - 60_000;
  for (const n of upTo(20)) {
    await broker.publish({ topic: 't', payload: String(n) });
  }
  const to = Date.now();
  await broker.publish({ topic: 't', payload: '99' });
  const panel = responsesOf(request([{ topic: 't' }], absolute(from, to + 1)), depsOf(broker.ws!.url));
  await panel.done();
  expect(valuesOf(panel.last, 'A').slice(0, 20)).toEqual(upTo(20));
  expect(panel.last?.state).toBe('Done');
});

test('twenty panels on one topic ask once', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  await broker.publish({ topic: 't', payload: '1' });
  const deps = depsOf(broker.ws!.url);
  const panels = Array.from({ length: 20 }, (_, n) =>
    responsesOf(request([{ topic: 't', fields: n % 2 === 0 ? undefined : [{ path: '', name: `field ${n}` }] }]), deps)
  );
  for (const panel of panels) {
    await panel.until((each) => each.data.some(({ length }) => length > 0));
  }
  expect(broker.stats().historyRequests).toBe(1);
  for (const panel of panels) {
    panel.unsubscribe();
  }
});

test('a panel whose messages are no longer stored does not get them again with the request of another one', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const publish = (n: number) => broker.publish({ topic: 'n/0', payload: String(n) });
  await publish(0);
  const few = { ...RECORDING, bytes: 1_000 };
  const deps = testDeps({ url: broker.ws!.url, pool: testPool(), recording: few, lingerMs: 1_000 });
  using first = responsesOf(request([{ topic: 'n/+' }]), deps);
  await first.until((each) => valuesOf(each, 'A').length === 1);
  // Until then, a message may have been published before the SUBACK
  await new Promise((resolve) => {
    setTimeout(resolve, 500);
  });
  for (const n of upTo(199)) {
    await publish(n + 1);
  }
  await first.until((each) => valuesOf(each, 'A').includes(199));
  using second = responsesOf(request([{ topic: 'n/0' }], { panelId: 2 }), deps);
  const response = await second.until((each) => valuesOf(each, 'A').length >= 200);
  expect(valuesOf(response, 'A')).toEqual(upTo(200));
  await publish(200);
  const last = await first.until((each) => valuesOf(each, 'A').includes(200));
  expect(valuesOf(last, 'A')).toEqual(upTo(201));
});

test('zooming out asks for what is missing only', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const deps = depsOf(broker.ws!.url);
  const range = (minutes: number) => {
    const raw = { from: `now-${minutes}m`, to: 'now' };
    const { range } = request([]);
    return { range: { ...range, from: dateTime(range.to.valueOf() - minutes * 60_000), raw }, rangeRaw: raw };
  };
  for (const [at, minutes] of [5, 15, 10, 60].entries()) {
    using panel = responsesOf(request([{ topic: 't' }], range(minutes)), deps);
    await panel.until(() => true);
    await expect.poll(() => broker.stats().historyRequests, { timeout: 5_000 }).toBe([1, 2, 2, 3][at]);
  }
});

test('what was published while the connection was away is filled in, and the gap goes', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const publish = (n: number) => broker.publish({ topic: 't', payload: String(n) });
  using panel = responsesOf(request([{ topic: 't' }]), depsOf(broker.ws!.url));
  await subscribed(broker, 't');
  await publish(1);
  await panel.until((each) => valuesOf(each, 'A').includes(1));
  broker.disconnectAll();
  await publish(2);
  await subscribed(broker, 't');
  await publish(3);
  // The gap goes when all that came in it is shown: a response between has both
  const response = await panel.until((each) => valuesOf(each, 'A').join() === '1,2,3');
  expect(response.data).toHaveLength(1);
});

test('a broker without a historian is asked once, and panels stream', async () => {
  await using broker = await startBroker();
  const deps = depsOf(broker.ws!.url);
  using panel = responsesOf(request([{ topic: 't' }]), deps);
  await subscribed(broker, 't');
  await broker.publish({ topic: 't', payload: '1' });
  await panel.until((each) => valuesOf(each, 'A').includes(1));
  const past = responsesOf(request([{ topic: 't' }], absolute(Date.now() - 60_000, Date.now())), deps);
  await past.done(5_000);
  expect(JSON.stringify(past.last)).not.toContain('histor');
});

test('the latest values of a range that has ended are those of its end', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  await broker.publish({ topic: 't', payload: '{"a":1,"b":2}' });
  await pause();
  await broker.publish({ topic: 't', payload: '{"a":3}' });
  await pause();
  const to = Date.now();
  await pause();
  await broker.publish({ topic: 't', payload: '{"a":5,"b":6}' });
  const panel = responsesOf(
    request([{ topic: 't', shape: 'latest' }], absolute(to - 60_000, to)),
    depsOf(broker.ws!.url)
  );
  await panel.done();
  expect([valuesOf(panel.last, 'A', 'a'), valuesOf(panel.last, 'A', 'b')]).toEqual([[3], [2]]);
});

test('a panel that refreshes for days leaves nothing behind in its stream', async () => {
  await using broker = await startBroker();
  const connection = depsOf(broker.ws!.url).connect();
  const stream = connection.join({ filters: ['t'], qos: 0, format: 'auto', pendingRows: 10, maxSeries: 1 });
  connection.requestPast(stream, { from: 0, to: Infinity });
  await expect.poll(() => connection.engine).toBeDefined();
  const before = stream.spans.length;
  for (let refresh = 0; refresh < 100; refresh++) {
    connection.requestPast(stream, { from: refresh, to: Infinity });
  }
  expect(stream.spans).toHaveLength(before);
  connection.leave(stream, 0, 0);
});
