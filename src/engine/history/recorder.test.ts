import 'fake-indexeddb/auto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { deleteStored } from '../../connection/stored-messages';
import { startBroker } from '../../../broker/fixture';
import { connectedAndSubscribed, eventually, TestEngine } from '../../testing/test-engine';
import { incoming } from '../../testing/incoming';
import type { RecorderOptions } from '../protocol';
import { Stream } from '../stream';
import { MessageStorage } from './message-storage';
import { Recorder } from './recorder';

const RECORD: RecorderOptions = { bytes: 16_000_000, ageMs: 3_600_000 };
const MANY = { pendingRows: 10_000, maxRows: 100_000 };

function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

/** An engine that records, with a stream of topic `t` that has had `count` numbers. */
async function recorded(url: string, publish: (payload: string) => Promise<void>, count: number, options = RECORD) {
  const engine = new TestEngine(url, {}, {}, false, options);
  engine.open(1, MANY);
  await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
  for (const n of upTo(count)) {
    await publish(String(n));
  }
  await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(count));
  return engine;
}

describe('a stream that opens later', () => {
  test('is handed what came before, read in its own way, then what comes', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    using engine = await recorded(broker.ws!.url, publish, 200);
    engine.open(2, { ...MANY, format: 'text' });
    engine.open(3, { ...MANY, qos: 1, filters: ['+'] });
    await expect.poll(() => [engine.rows(2), engine.rows(3)], eventually).toEqual([200, 200]);
    await publish('200');
    await expect.poll(() => [engine.rows(2), engine.rows(3)], eventually).toEqual([201, 201]);
    expect(engine.numbers(3)).toEqual(upTo(201));
  });

  test('has every message once and in order, however fast they come meanwhile and however slow the page is', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    using engine = await recorded(broker.ws!.url, publish, 30_000);
    engine.acknowledges = false;
    let sent = 30_000;
    for (let stream = 2; stream < 8; stream++) {
      engine.open(stream, { ...MANY, format: stream % 2 === 0 ? 'number' : 'json' });
      for (let n = 0; n < 300; n++) {
        await publish(String(sent++));
      }
    }
    engine.acknowledges = true;
    for (let n = 0; n < 10; n++) {
      engine.post({ type: 'ack' });
    }
    for (let stream = 1; stream < 8; stream++) {
      await expect.poll(() => engine.rows(stream), eventually).toBe(sent);
      expect(engine.numbers(stream)).toEqual(upTo(sent));
    }
  }, 60_000);

  test('is handed the last of it without waiting for the page', async () => {
    await using broker = await startBroker();
    using engine = await recorded(broker.ws!.url, (payload) => broker.publish({ topic: 't', payload }), 70);
    engine.acknowledges = false;
    // Batches of 50 rows are sent at once
    engine.open(2, { ...MANY, pendingRows: 100, qos: 1 });
    await expect.poll(() => engine.numbers(2), { ...eventually, timeout: 3_000 }).toEqual(upTo(70));
  });

  test('is not handed what its filters do not match', async () => {
    await using broker = await startBroker();
    using engine = await recorded(broker.ws!.url, (payload) => broker.publish({ topic: 't', payload }), 20);
    engine.open(2, { ...MANY, filters: ['other'] });
    await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
    await broker.publish({ topic: 'other', payload: '7' });
    await expect.poll(() => engine.numbers(2), eventually).toEqual([7]);
  });

  test('has a retained message once', async () => {
    await using broker = await startBroker();
    await broker.publish({ topic: 't', payload: '5', retain: true });
    using engine = new TestEngine(broker.ws!.url, {}, {}, false, RECORD);
    engine.open(1, MANY);
    await expect.poll(() => engine.numbers(1), eventually).toEqual([5]);
    engine.open(2, { ...MANY, format: 'number' });
    await expect.poll(() => engine.numbers(2), eventually).toEqual([5]);
    await broker.publish({ topic: 't', payload: '6' });
    engine.open(3, { ...MANY, format: 'json' });
    await expect.poll(() => engine.numbers(3), eventually).toEqual([5, 6]);
    await expect.poll(() => engine.subscribed(3)?.granted, eventually).toBe(true);
    await broker.publish({ topic: 't', payload: '7' });
    for (const stream of [1, 2, 3]) {
      await expect.poll(() => engine.numbers(stream), eventually).toEqual([5, 6, 7]);
    }
  });

  test('without a record has what comes from then on', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    using engine = await recorded(broker.ws!.url, publish, 20, { ...RECORD, bytes: 0 });
    engine.open(2, MANY);
    await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
    await publish('20');
    await expect.poll(() => engine.numbers(2), eventually).toEqual([20]);
  });
});

let names = 0;
function stored(owner = 'anna'): RecorderOptions {
  return { ...RECORD, storage: { name: `recorder ${++names}`, owner, tab: 'tab', ageMs: 900_000 } };
}

describe('after a reload of the page', () => {
  test('streams have what came before it, then what comes; the time between is a gap', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    const options = stored();
    {
      using engine = await recorded(broker.ws!.url, publish, 500, options);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
    await publish('lost');
    using engine = new TestEngine(broker.ws!.url, {}, {}, false, options);
    engine.open(1, MANY);
    await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(500));
    await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
    await publish('500');
    await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(501));
    const [{ status }] = engine.all('storage');
    expect(status).toMatchObject({ state: 'on', restored: { messages: 500 }, skipped: 0 });
    const [gap] = engine.all('gap');
    expect(gap.to).toBeGreaterThan(gap.from);
  });

  test('what a further session missed, which filters that overlap have, is still a gap', async () => {
    await using broker = await startBroker();
    const options = stored();
    {
      using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, options);
      engine.open(1, { ...MANY, filters: ['a/+'] });
      await connectedAndSubscribed(engine);
      engine.open(2, { ...MANY, filters: ['+/b'] });
      await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
      await broker.publish({ topic: 'x/b', payload: '1' });
      await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
      engine.sockets[1].terminate();
      await expect.poll(() => engine.all('gap').length, eventually).toBe(1);
      await broker.publish({ topic: 'a/0', payload: '2' });
      await expect.poll(() => engine.numbers(1), eventually).toEqual([2]);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
      const [{ from, to }] = engine.all('gap');
      using next = new TestEngine(broker.ws!.url, {}, {}, false, options);
      await expect.poll(() => next.all('gap'), eventually).toContainEqual({ type: 'gap', from, to, stored: [] });
    }
  });

  test('messages of a historian wait for those that the browser has stored, however slow it is', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    const options = { ...stored(), historian: 'history' };
    {
      using engine = await recorded(broker.ws!.url, publish, 5, options);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
    const open = MessageStorage.open.bind(MessageStorage);
    const slow = vi.spyOn(MessageStorage, 'open').mockImplementation(async (each) => {
      await sleep(1_000);
      return open(each);
    });
    using engine = new TestEngine(broker.ws!.url, {}, {}, false, options);
    engine.open(1, MANY);
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    await expect.poll(() => engine.all('past').at(-1)?.status.state, { timeout: 10_000 }).toBe('done');
    engine.open(2, { ...MANY, format: 'number' });
    await expect.poll(() => engine.numbers(2), eventually).toEqual(upTo(5));
    slow.mockRestore();
  });

  test('a second reload has what both had', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    const options = stored();
    for (let load = 0; load < 3; load++) {
      using engine = new TestEngine(broker.ws!.url, {}, {}, false, options);
      engine.open(1, MANY);
      await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(load * 10));
      await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
      for (const n of upTo(10, load * 10)) {
        await publish(String(n));
      }
      await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(load * 10 + 10));
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
  });

  test.each([{ historian: undefined }, { historian: 'history' }])(
    'a retained message that was live before is no row of its own (historian: $historian)',
    async ({ historian }) => {
      await using broker = await startBroker({ history: { filters: ['#'] } });
      const options = { ...stored(), historian };
      for (let load = 0; load < 4; load++) {
        using engine = new TestEngine(broker.ws!.url, {}, {}, false, options);
        engine.open(1, MANY);
        engine.post({ type: 'past', stream: 1, from: Date.now() - 60_000, to: Infinity });
        await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
        await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
        if (load === 0) {
          await broker.publish({ topic: 't', payload: '1', retain: true });
        }
        await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
        // Another subscription brings it again
        engine.open(2, { ...MANY, filters: ['+'], qos: 1 });
        await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
        await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
        expect(engine.numbers(1)).toEqual([1]);
        engine.post({ type: 'stop' });
        await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
      }
    }
  );

  test('a retained message that a historian had with its own time is not stored, whatever the panels show then', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    await broker.publish({ topic: 't', payload: '1', retain: true });
    await sleep(20);
    const behind = Date.now();
    const options = { ...stored(), historian: 'history' };
    for (let load = 0; load < 2; load++) {
      const loadedAt = Date.now();
      using engine = new TestEngine(broker.ws!.url, {}, {}, false, options);
      engine.open(1, MANY);
      await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
      await sleep(load === 0 ? 1_200 : 0); // it is written
      engine.post({ type: 'past', stream: 1, from: load === 0 ? behind - 60_000 : behind, to: Infinity });
      await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
      await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
      const [time] = engine.times(1);
      if (load === 0) {
        expect(time).toBeLessThan(behind);
      } else {
        expect(time).toBeGreaterThanOrEqual(loadedAt);
      }
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
  });

  test('a retained message has a row where the stored one is older than what the panels show', async () => {
    await using broker = await startBroker();
    const options = stored();
    for (const [load, expected] of [[1], [1, 1]].entries()) {
      using engine = new TestEngine(broker.ws!.url, {}, {}, false, options);
      engine.open(1, MANY);
      engine.post({ type: 'past', stream: 1, from: Date.now(), to: Infinity });
      await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
      if (load === 0) {
        await broker.publish({ topic: 't', payload: '1', retain: true });
      }
      await expect.poll(() => engine.numbers(1), eventually).toEqual(expected);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
  });

  test('the next viewer, who enters other credentials, sees nothing of it', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    const options = stored();
    const load = async (username: string) => {
      const engine = new TestEngine(broker.ws!.url, { credentials: 'request' }, {}, false, options);
      await expect.poll(() => engine.all('credentials').length, eventually).toBe(1);
      engine.open(1, MANY);
      engine.post({ type: 'credentials', attempt: 1, credentials: { username } });
      await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
      return engine;
    };
    {
      using engine = await load('anna');
      await publish('1');
      await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
    using engine = await load('bert');
    await publish('2');
    await expect.poll(() => engine.numbers(1), eventually).toEqual([2]);
  });

  test('what came after another user had connected is there for this user', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    const options = stored();
    const answer = async (engine: TestEngine, attempt: number, username: string) => {
      await expect.poll(() => engine.all('credentials').length, eventually).toBeGreaterThanOrEqual(attempt);
      const { attempt: asked } = engine.all('credentials')[attempt - 1];
      engine.post({ type: 'credentials', attempt: asked, credentials: { username } });
    };
    {
      using engine = new TestEngine(broker.ws!.url, { credentials: 'request' }, {}, false, options);
      engine.open(1, MANY);
      await answer(engine, 1, 'anna');
      await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
      await publish('1');
      await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
      broker.disconnectAll();
      await answer(engine, 2, 'bert');
      await connectedAndSubscribed(engine, 2);
      await publish('2');
      await expect.poll(() => engine.numbers(1), eventually).toContain(2);
      engine.open(2, { ...MANY, format: 'number' });
      await expect.poll(() => engine.numbers(2), eventually).toEqual([2]);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
    using engine = new TestEngine(broker.ws!.url, { credentials: 'request' }, {}, false, options);
    engine.open(1, MANY);
    await answer(engine, 1, 'bert');
    await expect.poll(() => engine.numbers(1), eventually).toEqual([2]);
  });

  test('a token whose user name changes with each attempt gives up nothing', async () => {
    await using broker = await startBroker();
    const publish = (payload: string) => broker.publish({ topic: 't', payload });
    const options = { ...stored(), ignoresUser: true };
    const answer = async (engine: TestEngine, attempt: number) => {
      await expect.poll(() => engine.all('credentials').length, eventually).toBeGreaterThanOrEqual(attempt);
      const { attempt: asked } = engine.all('credentials')[attempt - 1];
      engine.post({ type: 'credentials', attempt: asked, credentials: { username: `token ${++names}` } });
    };
    {
      using engine = new TestEngine(broker.ws!.url, { credentials: 'request' }, {}, false, options);
      engine.open(1, MANY);
      await answer(engine, 1);
      await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
      await publish('1');
      await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
      broker.disconnectAll();
      await answer(engine, 2);
      await expect.poll(() => broker.clients(), eventually).toBe(1);
      // A changed query finds what came over the connection before.
      engine.open(2, { ...MANY, format: 'number' });
      await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
      engine.post({ type: 'stop' });
      await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    }
    // Before there is a connection: what is stored belongs to the Grafana user.
    using engine = new TestEngine(broker.ws!.url, { credentials: 'request' }, {}, false, options);
    engine.open(1, MANY);
    await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
  });

  test('where the disk is full, messages stream and the cause is told', async () => {
    await using broker = await startBroker();
    const full = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('', 'QuotaExceededError');
    });
    using engine = await recorded(broker.ws!.url, (payload) => broker.publish({ topic: 't', payload }), 5, stored());
    await expect
      .poll(() => engine.all('storage').at(-1)?.status, eventually)
      .toMatchObject({
        state: 'failed',
        cause: 'full',
      });
    await broker.publish({ topic: 't', payload: '5' });
    await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(6));
    full.mockRestore();
  });

  test('where the stored messages are deleted meanwhile, messages stream and the cause is told', async () => {
    await using broker = await startBroker();
    const options = stored();
    using engine = await recorded(broker.ws!.url, (payload) => broker.publish({ topic: 't', payload }), 5, options);
    await deleteStored(options.storage!.name);
    await broker.publish({ topic: 't', payload: '5' });
    await expect
      .poll(() => engine.all('storage').at(-1)?.status, eventually)
      .toMatchObject({
        state: 'failed',
        cause: 'deleted',
      });
    await expect.poll(() => engine.numbers(1), eventually).toEqual(upTo(6));
  });

  test('where the browser denies storage, messages stream and the reason is told', async () => {
    await using broker = await startBroker();
    const { indexedDB: original } = globalThis;
    Reflect.deleteProperty(globalThis, 'indexedDB');
    try {
      using engine = await recorded(broker.ws!.url, (payload) => broker.publish({ topic: 't', payload }), 5, stored());
      const [{ status }] = engine.all('storage');
      expect(status).toEqual({ state: 'failed', cause: 'denied', reason: 'this browser has no IndexedDB here' });
    } finally {
      globalThis.indexedDB = original;
    }
  });
});

describe('replayed', () => {
  /** A recorder with `count` messages, and a stream that is handed them while the page takes rows. */
  function replaying(count: number) {
    let isReady = false;
    const recorder = new Recorder(
      { onReplayed: () => undefined, isReady: () => isReady, onStorage: () => undefined, onGap: () => undefined },
      () => 1
    );
    recorder.configure(RECORD);
    for (const n of upTo(count)) {
      recorder.record(incoming('t', String(n)), 1, 1);
    }
    const stream = new Stream(1, { filters: ['t'], qos: 0, format: 'auto', maxSeries: 1, pendingRows: 10 * count });
    recorder.open(stream);
    return {
      recorder,
      stream,
      takeRows: () => {
        isReady = true;
        recorder.resume();
      },
    };
  }

  test('resolves when the last stream has had the record, or has closed, and at once if none is handed it', async () => {
    const { recorder, stream, takeRows } = replaying(100);
    let isDone = false;
    const done = recorder.replayed(60_000).then(() => (isDone = true));
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    expect(isDone).toBe(false);
    takeRows();
    await done;
    expect(stream.take()?.chunks[0].rows).toBe(100);
    await recorder.replayed(60_000);

    const other = replaying(1);
    const closed = other.recorder.replayed(60_000);
    other.recorder.close(other.stream);
    await closed;
  });

  test('waits for a stream that takes the place of another, and no longer than it may', async () => {
    const { recorder, stream } = replaying(1);
    let isDone = false;
    const done = recorder.replayed(50).then(() => (isDone = true));
    recorder.close(stream);
    recorder.open(new Stream(1, stream.spec, undefined, true));
    await Promise.resolve();
    await Promise.resolve();
    expect(isDone).toBe(false);
    await done;
  });
});
