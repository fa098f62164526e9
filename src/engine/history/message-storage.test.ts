import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import type { StoredMessage } from './message-segment';
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
    expect(all[0]).toEqual(first);
    expect(found).toEqual({ isOwn: true, messages: 3, newest: 102, gaps: [] });
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

  test('a second with more than may be written has its newest messages, and the gap is known', async () => {
    const options = optionsOf({ bytesPerWrite: 250 });
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
