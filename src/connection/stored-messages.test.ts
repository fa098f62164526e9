import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { HEADER_BYTES } from '../engine/history/message-segment';
import { MessageStorage } from '../engine/history/message-storage';
import { deleteStored, storedBytes } from './stored-messages';

async function write(name: string, tab: string, payload: string): Promise<MessageStorage> {
  const storage = await MessageStorage.open({ name, owner: 'anna', tab, bytes: 1e6, ageMs: 1e9, bytesPerWrite: 1e6 });
  const bytes = new TextEncoder().encode(payload);
  await storage.write(
    [{ topic: 't', payload: bytes, time: 1, retain: false, qos: 0, userProperties: undefined, epoch: 1 }],
    1
  );
  return storage;
}

test('the messages of all tabs are counted and deleted, and open tabs let go of them', async () => {
  const tabs = [await write('a', 'tab 1', '12345'), await write('a', 'tab 2', '1')];
  await write('b', 'tab 1', '1');
  expect(await storedBytes('a')).toBe(2 * HEADER_BYTES + 6);
  await deleteStored('a');
  expect(tabs.map(({ closed }) => closed)).toEqual([true, true]);
  expect(await storedBytes('a')).toBe(0);
  expect(await storedBytes('b')).toBe(HEADER_BYTES + 1);
});

test('looking creates no database', async () => {
  expect(await storedBytes('never written')).toBe(0);
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain('never written');
});

test('a browser without storage has none', async () => {
  const { indexedDB: original } = globalThis;
  Reflect.deleteProperty(globalThis, 'indexedDB');
  try {
    await expect(storedBytes('a')).rejects.toThrow('no IndexedDB');
    await expect(deleteStored('a')).rejects.toThrow('no IndexedDB');
  } finally {
    globalThis.indexedDB = original;
  }
});
