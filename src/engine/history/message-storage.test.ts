import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { describe, expect, test, vi } from 'vitest';
import { ChunkIndex, type ChunkStore } from './chunk-index';
import { type Chunk, chunkOf } from './message-chunk';
import { DEFINITION_EPOCH, FIRST_RESTORED_EPOCH, HEADER_BYTES, type StoredMessage } from './message-segment';
import { MessageStorage, type MessageStorageOptions, type Restored } from './message-storage';

const utf8 = new TextEncoder();
let names = 0;

function optionsOf(options: Partial<MessageStorageOptions> = {}): MessageStorageOptions {
  return {
    name: `test ${++names}`,
    owner: 'anna at the broker',
    tab: 'tab 1',
    bytes: 1 << 20,
    ageMs: 900_000,
    bytesPerWrite: 1 << 20,
    ...options,
  };
}

function message(topic: string, text: string, time: number, more: Partial<StoredMessage> = {}): StoredMessage {
  const payload = utf8.encode(text);
  return { topic, payload, time, retain: false, qos: 0, userProperties: undefined, epoch: 3, ...more };
}

async function written(options: MessageStorageOptions, ...writes: StoredMessage[][]): Promise<MessageStorage> {
  const storage = await MessageStorage.open(options);
  for (const messages of writes) {
    await storage.write(messages, messages.at(-1)?.time ?? 0);
  }
  return storage;
}

async function read(
  options: MessageStorageOptions,
  now = 1_000
): Promise<{ texts: string[]; all: StoredMessage[]; found: Restored | undefined }> {
  const storage = await MessageStorage.open(options);
  const all: StoredMessage[] = [];
  const found = await storage.restore(now, (each) => all.push(each));
  storage.close();
  return { all, found, texts: all.map(({ topic, payload }) => `${topic}=${new TextDecoder().decode(payload)}`) };
}

describe('a reload', () => {
  test('gives back each message as it came, in order', async () => {
    const options = optionsOf();
    const first = message('a', '21.5', 100.25, { retain: true, qos: 2, userProperties: { room: 'kitchen' } });
    const storage = await written(options, [first, message('b', '', 101)], [message('a', '22', 102)]);
    storage.close();
    const { all, texts, found } = await read(options);
    expect(texts).toEqual(['a=21.5', 'b=', 'a=22']);
    // The connections of before the reload are none of this page's.
    expect(all[0]).toEqual({ ...first, epoch: FIRST_RESTORED_EPOCH });
    expect(found).toEqual({ isOwn: true, messages: 3, oldest: 100.25, newest: 102, gaps: [] });
  });

  test('is written without waiting for an answer of the browser, which may come too late', async () => {
    const storage = await MessageStorage.open(optionsOf());
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit');
    const write = storage.write([message('a', '1', 100)], 100);
    expect(commit).toHaveBeenCalledOnce();
    await write;
    commit.mockRestore();
    storage.close();
  });

  test('has a gap where the page was away', async () => {
    const options = optionsOf();
    const first = await written(options, [message('a', '1', 100), message('a', '2', 110)]);
    first.close();
    const second = await MessageStorage.open(options);
    await second.restore(200, () => undefined);
    await second.write([message('a', '4', 120)], 120);
    second.close();
    expect((await read(options)).found?.gaps).toEqual([{ from: 110, to: 120 }]);
  });

  test('tells connections apart, those of earlier loads of the page included', async () => {
    const options = optionsOf();
    const epochs = [[7, 7, 8], [7]];
    for (const [load, of] of epochs.entries()) {
      const storage = await MessageStorage.open(options);
      await storage.restore(100, () => undefined);
      await storage.write(
        of.map((epoch, at) => message(at % 2 === 0 ? 'a' : 'b', '1', 100 + load * 10 + at, { epoch })),
        100
      );
      storage.close();
    }
    const { all } = await read(options);
    expect(all.map(({ epoch }) => epoch - FIRST_RESTORED_EPOCH)).toEqual([0, 0, 1, 2]);
    // Another tab stores them once more, as they are
    const other = { ...options, tab: 'tab 2' };
    (await written(other, all)).close();
    const again = await read(other);
    expect(again.all.map(({ epoch }) => epoch - FIRST_RESTORED_EPOCH)).toEqual([0, 0, 1, 2]);
  });

  test('has a gap where the connection was away, whatever was evicted since', async () => {
    const options = optionsOf({ bytes: 2_000 });
    const storage = await written(options, [message('seldom', 'x', 100)]);
    storage.addGap({ from: 100, to: 150 });
    await storage.write([message('busy', 'x', 200)], 200);
    storage.addGap({ from: 210, to: 220 });
    for (let n = 0; n < 20; n++) {
      await storage.write(
        Array.from({ length: 10 }, () => message('busy', 'x', 300 + n)),
        400
      );
    }
    storage.close();
    const gaps = [
      { from: 100, to: 150 },
      { from: 210, to: 220 },
    ];
    const { all, found } = await read(options);
    expect(all.map(({ time }) => time)).not.toContain(200);
    expect(found?.gaps).toEqual(gaps);
    expect((await read({ ...options, ageMs: 100 }, 315)).found?.gaps).toEqual(gaps.slice(1));
  });

  test('has no retained message for which another one was found since, and all others', async () => {
    const options = optionsOf();
    const kept = (text: string, time: number) => message('a', text, time, { retain: true });
    const storage = await written(
      options,
      [kept('1', 100), message('a', '2', 100), message('b', '3', 101)],
      [kept('4', 102), kept('5', 103)],
      [kept('6', 104)]
    );
    await storage.remove([100, 103, 104, 105].map((time) => ({ topic: 'a', time })));
    await storage.write([message('a', '7', 106)], 106);
    storage.close();
    expect((await read(options)).texts).toEqual(['a=2', 'b=3', 'a=4', 'a=7']);
  });

  test('of another user, or of a connection with other settings, gives nothing and deletes what was there', async () => {
    const options = optionsOf();
    (await written(options, [message('a', 'secret', 100)])).close();
    expect((await read({ ...options, owner: 'bert at the broker' })).texts).toEqual([]);
    expect((await read(options)).texts).toEqual([]);
  });

  test('gives nothing that is too old', async () => {
    const options = optionsOf({ ageMs: 1_000 });
    (await written(options, [message('a', '1', 100), message('a', '2', 1_500)])).close();
    expect((await read(options, 2_000)).texts).toEqual(['a=2']);
    expect((await read(options, 5_000)).texts).toEqual([]);
  });
});

test('chunks of an earlier version of this plugin, which have another layout, are deleted', async () => {
  const options = optionsOf();
  const old = await openDB(options.name, 1, {
    upgrade: (database) =>
      database.createObjectStore('chunks', { autoIncrement: true }).createIndex('newest', 'newest'),
  });
  const chunk = {
    ...options,
    newest: 100,
    bytes: new Uint8Array(25),
    topics: ['a'],
    userProperties: new Map(),
    skipped: 0,
  };
  await old.add('chunks', chunk);
  old.close();
  expect((await read(options)).texts).toEqual([]);
  (await written(options, [message('a', '1', 100)])).close();
  expect((await read(options)).texts).toEqual(['a=1']);
});

describe('several tabs', () => {
  test('a tab reads its own messages, a new tab those of the tab that wrote last; nothing comes twice', async () => {
    const options = optionsOf();
    (await written(options, [message('a', 'mine', 100)])).close();
    (await written({ ...options, tab: 'tab 2' }, [message('a', 'mine', 100), message('a', 'theirs', 200)])).close();
    expect((await read(options)).texts).toEqual(['a=mine']);
    const other = await read({ ...options, tab: 'tab 3' });
    expect(other.texts).toEqual(['a=mine', 'a=theirs']);
    expect(other.found?.isOwn).toBe(false);
  });

  test('a tab that clears the storage does not wait for others, which go on without', async () => {
    const options = optionsOf();
    const storage = await written(options, [message('a', '1', 100)]);
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(options.name);
      request.addEventListener('success', () => resolve());
      request.addEventListener('error', () => reject(request.error!));
    });
    expect(storage.closed).toBe(true);
    await storage.write([message('a', '2', 200)], 200);
    expect((await read(options)).texts).toEqual([]);
  });
});

describe('limits', () => {
  test('bytes: the oldest go first', async () => {
    const options = optionsOf({ bytes: 5_000 });
    const writes = Array.from({ length: 50 }, (_, n) => [message('a', `${n}`.padEnd(476, 'x'), n)]);
    (await written(options, ...writes)).close();
    const { all } = await read(options);
    expect(all.map(({ time }) => time)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
  });

  test('a topic that sends seldom keeps its messages next to a busy one, over a reload and after it', async () => {
    const options = optionsOf({ bytes: 20_000 });
    const of = (all: readonly StoredMessage[], wanted: string) => all.filter(({ topic }) => topic === wanted);
    let time = 0;
    for (let load = 0; load < 3; load++) {
      const storage = await MessageStorage.open(options);
      await storage.restore(time, () => undefined);
      for (let n = 0; n < 100; n++) {
        const busy = Array.from({ length: 10 }, () => message('busy', 'x'.padEnd(100 - HEADER_BYTES), ++time));
        const seldom =
          n % 20 === 0 ? [message('seldom', String(time), ++time, { userProperties: { n: String(n) } })] : [];
        await storage.write([...seldom, ...busy], time);
      }
      storage.close();
      const { all } = await read(options, time);
      expect(of(all, 'seldom').map(({ userProperties }) => userProperties?.n)).toEqual(
        Array.from({ length: load + 1 }, () => ['0', '20', '40', '60', '80']).flat()
      );
      const newest = of(all, 'busy').map((each) => each.time);
      // The newest, without a hole.
      expect(newest).toEqual(newest.map((_, at) => time - newest.length + 1 + at));
      const bytes = all.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0);
      expect(bytes).toBeLessThanOrEqual(20_000);
      expect(bytes).toBeGreaterThan(18_000);
      expect(all.map((each) => each.time)).toEqual(all.map((each) => each.time).toSorted((a, b) => a - b));
    }
  });

  test('a gap is known after the messages around it were evicted', async () => {
    const options = optionsOf({ bytes: 2_000, bytesPerWrite: 10 * (HEADER_BYTES + 1) });
    const storage = await written(options, [message('seldom', 'x', 100)]);
    await storage.write(
      Array.from({ length: 50 }, (_, n) => message('busy', 'x', 200 + n)),
      250
    );
    for (let n = 0; n < 20; n++) {
      await storage.write(
        Array.from({ length: 10 }, () => message('busy', 'x', 300 + n)),
        400
      );
    }
    storage.close();
    const { all, found } = await read(options);
    expect(all[0].topic).toBe('seldom');
    expect(found?.gaps).toEqual([{ from: 100, to: all[1].time }]);
  });

  test('an eviction reads and writes few bytes, however much there is to keep', async () => {
    const options = optionsOf({ bytes: 100_000 });
    let bytes = 0;
    const seldom = Array.from({ length: 40 }, (_, n) => message(`seldom/${n}`, 'x'.padEnd(1_000 - HEADER_BYTES), n));
    const index = new ChunkIndex();
    const chunks = new Map<number, Chunk>();
    const store: ChunkStore = {
      get: (key) => Promise.resolve(chunks.get(key)),
      put: (chunk, key) => {
        bytes += chunk.bytes.length;
        return Promise.resolve(chunks.set(key, chunk));
      },
      delete: (key) => Promise.resolve(chunks.delete(key)),
    };
    const about = { owner: 'anna', tab: 'tab 1', page: 'page 1', newest: 0, skipped: 0, gaps: [] };
    for (let key = 0; key < 1_000; key++) {
      const busy = Array.from({ length: 10 }, (_, n) =>
        message('busy', 'x'.padEnd(100 - HEADER_BYTES), 100 + key * 10 + n)
      );
      const chunk = chunkOf(key === 0 ? [...seldom, ...busy] : busy, { ...about, newest: 100 + key * 10 });
      chunks.set(key, chunk);
      index.add(key, chunk);
      await index.evict(options.bytes, store);
    }
    // 1,000,000 bytes came in. The first chunk was written again once, and each of the others at most once.
    expect(bytes).toBeLessThan(200_000);
    expect([...chunks.values()].reduce((sum, each) => sum + each.bytes.length, 0)).toBeLessThanOrEqual(options.bytes);
  });

  test('a second with more than may be written has its newest messages, and the gap is known', async () => {
    const options = optionsOf({ bytesPerWrite: 10 * (HEADER_BYTES + 1) });
    const burst = Array.from({ length: 50 }, (_, n) => message('a', 'x', 200 + n));
    const storage = await written(options, [message('a', 'x', 100)], burst);
    expect(storage.skipped).toBe(40);
    storage.close();
    const { all, found } = await read(options);
    expect(all.map(({ time }) => time)).toEqual([100, ...burst.slice(40).map(({ time }) => time)]);
    expect(found?.gaps).toEqual([{ from: 100, to: 240 }]);
  });
});

test('a browser without storage says so', async () => {
  const { indexedDB: original } = globalThis;
  Reflect.deleteProperty(globalThis, 'indexedDB');
  try {
    await expect(MessageStorage.open(optionsOf())).rejects.toThrow('no IndexedDB');
  } finally {
    globalThis.indexedDB = original;
  }
});

describe('births of Sparkplug', () => {
  const [node, device, data] = ['NBIRTH/N', 'DBIRTH/N/D', 'DDATA/N/D'].map((type) =>
    type.replace(/^(\w+)/, 'spBv1.0/G/$1')
  );
  const ageMs = 100;

  test('outlive the age of messages as definitions, the last one of each topic', async () => {
    const options = optionsOf({ ageMs });
    const storage = await written(
      options,
      [message(node, 'old', 1), message(device, 'old', 1), message(data, '1', 2)],
      [message(node, 'new', 10), message(device, 'new', 10), message('home/a', '1', 11)],
      [message(data, '2', 150)],
      [message(data, '3', 200)]
    );
    storage.close();
    // The reload itself deletes nothing that is still needed
    for (let reload = 0; reload < 2; reload++) {
      const { texts, all, found } = await read(options, 250);
      expect(texts).toEqual([`${node}=new`, `${device}=new`, `${data}=2`, `${data}=3`]);
      expect(all.map(({ epoch }) => epoch)).toEqual([
        DEFINITION_EPOCH,
        DEFINITION_EPOCH,
        FIRST_RESTORED_EPOCH,
        FIRST_RESTORED_EPOCH,
      ]);
      expect(found).toMatchObject({ messages: 2, oldest: 150, newest: 200, gaps: [] });
    }
  });

  test('are not used where nothing that came behind them is stored any more', async () => {
    const options = optionsOf({ ageMs });
    const storage = await written(options, [message(node, 'old', 1)], [message(data, '1', 150)]);
    storage.close();
    expect((await read(options, 300)).all).toEqual([]);
    expect((await read(options, 150)).all).toEqual([]);
  });

  test('go when there are newer ones, and when they are too old', async () => {
    const options = optionsOf({ ageMs });
    const storage = await written(
      options,
      [message(node, 'old', 1)],
      [message(data, '1', 150)],
      [message(node, 'new', 160)],
      [message(data, '2', 300)]
    );
    const chunks = async (): Promise<Chunk[]> => {
      const db = await openDB(options.name);
      const all = (await db.getAll('chunks')) as Chunk[];
      db.close();
      return all;
    };
    expect((await chunks()).map(({ topics }) => topics)).toEqual([[node], [data]]);
    await storage.write([message(data, '3', 31 * 86_400_000)], 31 * 86_400_000);
    expect((await chunks()).map(({ topics }) => topics)).toEqual([[data]]);
    storage.close();
  });
});
