import { expect, test } from 'vitest';
import { claimTabId, type TabLocks } from './tab-id';

function browser() {
  const held = new Set<string>();
  let ids = 0;
  const locks: TabLocks = {
    request: async (name, _, callback) => {
      if (held.has(name)) {
        return callback(null);
      }
      held.add(name);
      return callback({});
    },
  };
  /** A tab with its session storage, which a reload and a duplicate keep. */
  const load = (items: Map<string, string>, withLocks = true): Promise<string> =>
    claimTabId(
      'tab',
      () => ({
        getItem: (key) => items.get(key) ?? null,
        setItem: (key, value) => void items.set(key, value),
        removeItem: (key) => void items.delete(key),
      }),
      withLocks ? locks : undefined,
      () => `id ${++ids}`
    );
  return { load, reload: () => held.clear() };
}

test('a reload has the same id', async () => {
  const { load, reload } = browser();
  const items = new Map<string, string>();
  const id = await load(items);
  reload();
  expect(await load(items)).toBe(id);
});

test('another tab and a duplicated one have ids of their own', async () => {
  const { load } = browser();
  const items = new Map<string, string>();
  const id = await load(items);
  const other = await load(new Map());
  const duplicate = await load(new Map(items));
  expect(new Set([id, other, duplicate]).size).toBe(3);
});

test('without locks, as over plain HTTP, a reload has the same id', async () => {
  const { load } = browser();
  const items = new Map<string, string>();
  const id = await load(items, false);
  expect(await load(items, false)).toBe(id);
});

test('without session storage there is an id all the same', async () => {
  const refuse = (): never => {
    throw new Error('denied');
  };
  expect(await claimTabId('tab', refuse, undefined, () => 'id')).toBe('id');
});
