import { type DataQueryResponse, LoadingState } from '@grafana/data';
import { describe, expect, test, vi } from 'vitest';
import { startBroker } from '../../broker/fixture';
import type { LaunchedEngine } from '../connection/launch';
import { responsesOf, valuesOf } from '../testing/responses';
import { parseQuery } from './parse-query';
import { eventually } from '../testing/test-engine';
import { launchTestEngine, subscribed, testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';

describe('a query', () => {
  test('streams numbers, flat and nested JSON, and text into frames', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(
      request([{ topic: 'home/+/temperature' }, { topic: 'motor' }, { topic: 'press/status' }]),
      testDeps({ url: broker.ws!.url, pool })
    );
    await subscribed(broker, 'home/+/temperature', 'motor', 'press/status');
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5' });
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.7' });
    await broker.publish({ topic: 'home/bath/temperature', payload: '24' });
    await broker.publish({ topic: 'motor', payload: '{"speed":1450,"vibration":{"x":0.1,"ok":true}}' });
    await broker.publish({ topic: 'press/status', payload: 'running' });
    const response = await responses.until((p) => valuesOf(p, 'C').length === 1);

    expect(response.state).toBe(LoadingState.Streaming);
    expect(valuesOf(response, 'A', 'Value', 'home/kitchen/temperature')).toEqual([21.5, 21.7]);
    expect(valuesOf(response, 'A', 'Value', 'home/bath/temperature')).toEqual([24]);
    expect(valuesOf(response, 'B', 'speed')).toEqual([1450]);
    expect(valuesOf(response, 'B', 'vibration.x')).toEqual([0.1]);
    expect(valuesOf(response, 'B', 'vibration.ok')).toEqual([true]);
    expect(valuesOf(response, 'C')).toEqual(['running']);
    for (const frame of response.data) {
      expect(frame.fields[0]).toMatchObject({ name: 'Time', type: 'time' });
    }
  });

  test('labels each series by its topic and named levels', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(
      request([{ topic: 'home/{room}/{quantity}', legend: '{{quantity}} in {{room}}' }]),
      testDeps({ url: broker.ws!.url, pool })
    );
    await subscribed(broker, 'home/+/+');
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5' });
    const response = await responses.until((p) => valuesOf(p, 'A').length === 1);
    expect(response.data[0].fields[1]).toMatchObject({
      labels: { room: 'kitchen', quantity: 'temperature', topic: 'home/kitchen/temperature' },
      config: { displayNameFromDS: 'temperature in kitchen' },
    });
  });

  test('shows a retained message at once, and to a second panel too, without doubling it in the first', async () => {
    await using broker = await startBroker();
    await broker.publish({ topic: 'lamp', payload: '42', retain: true });
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool, lingerMs: 1_000 });
    using first = responsesOf(request([{ topic: 'lamp' }]), deps);
    await first.until((p) => valuesOf(p, 'A').length === 1);
    using second = responsesOf(request([{ topic: 'lamp', format: 'text' }]), deps);
    await second.until((p) => valuesOf(p, 'A').length === 1);
    await broker.publish({ topic: 'lamp', payload: '43' });
    const response = await first.until((p) => valuesOf(p, 'A').includes(43));
    expect(valuesOf(response, 'A')).toEqual([42, 43]);
  });

  test('keeps the newest rows of a series and no more', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(
      request([{ topic: 'n', keep: { rows: 3 } }]),
      testDeps({ url: broker.ws!.url, pool })
    );
    await subscribed(broker, 'n');
    for (let i = 1; i <= 10; i++) {
      await broker.publish({ topic: 'n', payload: String(i) });
    }
    const response = await responses.until((p) => valuesOf(p, 'A').includes(10));
    expect(valuesOf(response, 'A')).toEqual([8, 9, 10]);
  });

  test('lets go of its topic after the linger, and of the connection', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const responses = responsesOf(request([{ topic: 'a/#' }]), testDeps({ url: broker.ws!.url, pool, lingerMs: 50 }));
    await subscribed(broker, 'a/#');
    expect(pool.size).toBe(1);
    responses.unsubscribe();
    await expect.poll(() => broker.clients(), { timeout: 5_000 }).toBe(0);
    expect(pool.size).toBe(0);
  });

  test('finds its rows again after a refresh', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool, lingerMs: 5_000 });
    const before = responsesOf(request([{ topic: 't' }]), deps);
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await before.until((p) => valuesOf(p, 'A').length === 1);
    before.unsubscribe();
    await broker.publish({ topic: 't', payload: '2' });
    using after = responsesOf(request([{ topic: 't' }]), deps);
    const first = await after.until(() => true);
    expect(valuesOf(first, 'A')[0]).toBe(1);
    await after.until((p) => valuesOf(p, 'A').length === 2);
  });
});

describe('an error', () => {
  test('in one query is said on that query, and its neighbours stream on', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(
      request([{ topic: 'a/#/b' }, { topic: 'ok' }, { topic: '' }]),
      testDeps({ url: broker.ws!.url, pool })
    );
    await subscribed(broker, 'ok');
    await broker.publish({ topic: 'ok', payload: '1' });
    const response = await responses.until((p) => valuesOf(p, 'B').length === 1);
    expect(response.state).toBe(LoadingState.Streaming);
    expect(response.errors).toBeUndefined();
    // Grafana shows one notice of a severity: it has both, and the editor of each query has its own.
    expect(response.data.flatMap(({ meta }) => meta?.notices ?? [])).toEqual([
      { severity: 'error', text: expect.stringMatching(/^A: .*"a\/#".* C: .*topic filter is empty/) },
    ]);
    expect(response.data[0].meta?.notices).toHaveLength(1);
    const problems = Object.fromEntries(response.data.map((frame) => [frame.refId, frame.meta?.custom?.mqtt.problems]));
    expect(problems).toEqual({
      A: [expect.stringContaining('"a/#"')],
      B: undefined,
      C: [expect.stringContaining('topic filter is empty')],
    });
  });

  test.each([
    ['a/#/b', /nothing may follow/],
    ['a+/b', /"\+" must be a whole level/],
    ['', /empty/],
    ['x'.repeat(65_536), /65,535/],
    ['a\0b', /NUL/],
  ])('in every query is an error with the refId: %j', async (topic, message) => {
    using responses = responsesOf(request([{ topic }]), testDeps({ url: 'ws://127.0.0.1:1', pool: testPool() }));
    await responses.done();
    expect(responses.all).toHaveLength(1);
    expect(responses.last?.state).toBe(LoadingState.Error);
    expect(responses.last?.errors).toEqual([{ refId: 'A', message: expect.stringMatching(message) }]);
    expect(responses.failure).toBeUndefined();
  });

  test('of the broker is said within five seconds, and data comes as soon as it is back', async () => {
    await using broker = await startBroker();
    const { url } = broker.ws!;
    await broker.stop();
    const pool = testPool();
    using responses = responsesOf(request([{ topic: 't' }]), testDeps({ url, pool }));
    const down = await responses.until((p) => p.error !== undefined, 5_000);
    expect(down.state).toBe(LoadingState.Error);
    expect(down.error?.message).toMatch(
      new RegExp(`^Cannot reach ${url}\\. Check .* The data source has tried to connect since [\\d:]+\\.$`)
    );
    await broker.restart();
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '7' });
    const up = await responses.until((p) => valuesOf(p, 'A').length === 1);
    expect(up.state).toBe(LoadingState.Streaming);
    expect(up.errors).toBeUndefined();
    expect(up.data[0].meta?.notices).toBeUndefined();
  });

  test('while data is shown is a notice, and all filters are subscribed to again', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(request([{ topic: 'a' }, { topic: 'b' }]), testDeps({ url: broker.ws!.url, pool }));
    await subscribed(broker, 'a', 'b');
    await broker.publish({ topic: 'a', payload: '1' });
    await responses.until((p) => valuesOf(p, 'A').length === 1);
    await broker.stop();
    const lost = await responses.until((p) => p.data[0]?.meta?.notices !== undefined);
    expect(lost.state).toBe(LoadingState.Streaming);
    expect(valuesOf(lost, 'A')).toEqual([1]);
    expect(lost.data[0].meta?.notices[0].text).toMatch(/^No live data since [\d:]+\. The connection to ws:.* was lost/);
    await broker.restart();
    await subscribed(broker, 'a', 'b');
    await broker.publish({ topic: 'a', payload: '2' });
    const again = await responses.until((p) => valuesOf(p, 'A').includes(2));
    // The line has a gap, and not a bridge.
    expect(valuesOf(again, 'A')).toEqual([1, null, 2]);
  });

  test('of a payload is counted and shown with its reason', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(request([{ topic: 't' }]), testDeps({ url: broker.ws!.url, pool }));
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await broker.publish({ topic: 't', payload: Uint8Array.of(0xff, 0xfe, 0x00) });
    const response = await responses.until((p) => p.data[0]?.meta?.notices !== undefined);
    expect(valuesOf(response, 'A')).toEqual([1]);
    expect(response.data[0].meta?.notices[0].text).toMatch(/^1 of 2 messages did not decode.*"t".*binary/);
  });

  test('of the access rules is an error on the query that was refused', async () => {
    await using broker = await startBroker({
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic === 'secret' ? null : subscription),
    });
    const pool = testPool();
    using responses = responsesOf(request([{ topic: 'secret' }]), testDeps({ url: broker.ws!.url, pool }));
    const response = await responses.until((p) => p.errors !== undefined);
    expect(response.errors?.[0]).toMatchObject({
      refId: 'A',
      message: expect.stringContaining('refused the subscription to "secret"'),
    });
  });
});

describe('where Grafana waits for the end', () => {
  test('an absolute range gets a snapshot of what this tab has kept', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool, lingerMs: 5_000 });
    using live = responsesOf(request([{ topic: 't' }]), deps);
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await live.until((p) => valuesOf(p, 'A').length === 1);
    const now = Date.now();
    using zoomed = responsesOf(request([{ topic: 't' }], absolute(now - 60_000, now + 1_000)), deps);
    await zoomed.done();
    expect(zoomed.all).toHaveLength(1);
    expect(zoomed.last?.state).toBe(LoadingState.Done);
    expect(valuesOf(zoomed.last, 'A')).toEqual([1]);
    using before = responsesOf(request([{ topic: 't' }], absolute(now - 120_000, now - 60_000)), deps);
    await before.done();
    expect(valuesOf(before.last, 'A')).toEqual([]);
    expect(before.last?.data[0].meta?.notices[0].text).toMatch(
      /^No row is in this time range\. The newest row is from/
    );
  });

  test('-- Mixed -- gets a snapshot with the first message, or what there is after a short while', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool });
    using responses = responsesOf(request([{ topic: 't' }], { requestId: 'mixed-0-SQR1' }), deps);
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await responses.done();
    expect(responses.all).toHaveLength(1);
    expect(responses.last?.state).toBe(LoadingState.Done);
    expect(valuesOf(responses.last, 'A')).toEqual([1]);
    using silent = responsesOf(request([{ topic: 'nothing/here' }], { requestId: 'mixed-1-SQR1' }), deps);
    await silent.done();
    expect(silent.last?.state).toBe(LoadingState.Done);
  });
});

describe('a hidden page', () => {
  test('is sent nothing, misses nothing, and is right the moment it is shown', async () => {
    await using broker = await startBroker();
    let hidden = true;
    let show: () => void = () => undefined;
    const page = {
      hidden: () => hidden,
      onShown: (listener: () => void) => {
        show = listener;
        return () => undefined;
      },
    };
    using responses = responsesOf(
      request([{ topic: 't' }]),
      testDeps({ url: broker.ws!.url, pool: testPool(), visibility: page })
    );
    await subscribed(broker, 't');
    // Also a page that opens in the background gets its first response: core waits for it.
    await responses.until(() => true);
    const before = responses.all.length;
    for (let i = 1; i <= 500; i++) {
      await broker.publish({ topic: 't', payload: String(i) });
    }
    using other = responsesOf(request([{ topic: 't' }]), testDeps({ url: broker.ws!.url, pool: testPool() }));
    await broker.publish({ topic: 'marker', payload: '1' });
    await other.until(({ data }) => data.length > 0);
    expect(responses.all.length).toBe(before);
    hidden = false;
    show();
    await responses.until((p) => valuesOf(p, 'A').length === 500);
    expect(valuesOf(responses.last, 'A')).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  });
});

describe('how often batches come', () => {
  test('is as often as the panel draws, from its first rows on, and seldom while the page is hidden', async () => {
    await using broker = await startBroker();
    const ticks: number[] = [];
    const launch = (): Promise<LaunchedEngine> => {
      const engine = launchTestEngine();
      const post = engine.port.postMessage.bind(engine.port);
      engine.port.postMessage = (message) => {
        if (message.type === 'tick') {
          ticks.push(message.ms);
        }
        post(message);
      };
      return Promise.resolve(engine);
    };
    let hidden = false;
    const visibility = { hidden: () => hidden, onShown: () => () => undefined };
    const deps = testDeps({ url: broker.ws!.url, pool: testPool({ launch }), visibility });
    using responses = responsesOf(request([{ topic: 't' }], { intervalMs: 500 }), deps);
    await subscribed(broker, 't');
    await responses.until(() => true);
    expect(ticks).toEqual([]);
    await broker.publish({ topic: 't', payload: '1' });
    await expect.poll(() => ticks, eventually).toEqual([500]);
    hidden = true;
    await broker.publish({ topic: 't', payload: '2' });
    await expect.poll(() => ticks, eventually).toEqual([500, 1_000]);
    hidden = false;
    await broker.publish({ topic: 't', payload: '3' });
    await expect.poll(() => ticks, eventually).toEqual([500, 1_000, 500]);
  });
});

describe('a hidden page that closes a panel', () => {
  test('leaves nothing that slows down another panel of the stream', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const visibility = { hidden: () => true, onShown: () => () => undefined };
    const deps = testDeps({ url: broker.ws!.url, pool, visibility, lingerMs: 10_000 });
    using closed = responsesOf(request([{ topic: 't' }]), deps);
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await closed.until(({ data }) => data.length > 0);
    const connection = deps.connect();
    const stream = connection.join(parseQuery({ refId: 'A', topic: 't' }, (text) => text).spec);
    const setTick = vi.spyOn(stream, 'setTick');
    // As a batch does, whose work is due when the panel is gone
    stream.changed();
    closed[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve));
    expect(setTick.mock.calls.at(-1)?.[1]).toBeUndefined();
    connection.leave(stream);
  });
});

describe('rows', () => {
  test('that are older than the query keeps are not shown', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    using responses = responsesOf(
      request([{ topic: 't', keep: { seconds: 1 } }]),
      testDeps({ url: broker.ws!.url, pool })
    );
    await subscribed(broker, 't');
    await broker.publish({ topic: 't', payload: '1' });
    await responses.until((p) => valuesOf(p, 'A').length === 1);
    const response = await responses.until((p) => valuesOf(p, 'A').length === 0);
    expect(response.data[0].fields.map(({ name }: { name: string }) => name)).toEqual(['Time', 'Value']);
  });

  test('beyond what the panel has room for become the smallest and largest of each interval, and it says so', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool });
    using responses = responsesOf(
      request([{ topic: 't' }, { topic: 't', reduce: 'all' }], { maxDataPoints: 50, intervalMs: 60_000 }),
      deps
    );
    await subscribed(broker, 't');
    for (let i = 1; i <= 500; i++) {
      await broker.publish({ topic: 't', payload: i === 250 ? '9999' : String(i % 7) });
    }
    const response = await responses.until((p) => valuesOf(p, 'B').length === 500);
    expect(valuesOf(response, 'A').length).toBeLessThan(10);
    expect(valuesOf(response, 'A')).toContain(9_999);
    expect(response.data[0].meta?.notices[0].text).toMatch(/smallest and largest values of each 60,000 ms/);
  });

  test('beyond the memory of the data source go, the oldest first, and the panel says so', async () => {
    await using broker = await startBroker();
    const pool = testPool();
    const deps = testDeps({ url: broker.ws!.url, pool, memoryBytes: 20_000 });
    using responses = responsesOf(request([{ topic: 'm/+' }]), deps);
    await subscribed(broker, 'm/+');
    for (let i = 1; i <= 2_000; i++) {
      await broker.publish({ topic: `m/${i % 4}`, payload: String(i) });
    }
    // The limit may be reached before the last row has come, and be noticed after it.
    const noticeOf = (p: DataQueryResponse): string | undefined => p.data[0]?.meta?.notices?.[0]?.text;
    const response = await responses.until(
      (p) => valuesOf(p, 'A', 'Value', 'm/0').at(-1) === 2_000 && noticeOf(p) !== undefined
    );
    expect(noticeOf(response)).toMatch(/^Memory limit reached: \d series stores? fewer rows than requested\./);
  });
});
