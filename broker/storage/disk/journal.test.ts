import { expect, test } from 'vitest';
import { LevelJournal, type Level } from './journal';

/** A database that takes its time, and nothing once it is closed. */
function database(): { db: Level; stored: string[] } {
  const stored: string[] = [];
  let open = true;
  const soon = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(resolve);
    });
  const db: Level = {
    async *iterator() {},
    async batch(operations) {
      await soon();
      if (!open) {
        throw new Error('Database is not open');
      }
      stored.push(...operations.map(({ key }) => key));
    },
    async close() {
      open = false;
      await soon();
    },
  };
  return { db, stored };
}

const change = (key: string) => [[key, new Uint8Array(1)] as const];

test('what comes before it closes is stored; what comes after is refused, and is no fault of the disk', async () => {
  const { db, stored } = database();
  const faults: string[] = [];
  const journal = new LevelJournal(db, { sync: false, onFault: ({ message }) => faults.push(message) });
  const before = journal.write(change('before'));
  const closing = journal.close();
  await expect(journal.write(change('while it closes'))).rejects.toThrow('Could not store: the store is closed');
  await closing;
  await before;
  await expect(journal.write(change('after'))).rejects.toThrow('Could not store: the store is closed');
  expect(stored).toEqual(['before']);
  expect(faults).toEqual([]);
});
