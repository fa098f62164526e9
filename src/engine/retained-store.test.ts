import { describe, expect, test } from 'vitest';
import { incoming } from '../testing/incoming';
import { RetainedStore } from './retained-store';

describe('the retained messages of an engine', () => {
  test('are given up for newer ones, and count no longer, whatever comes on their topics', () => {
    const store = new RetainedStore();
    const first = store.set(incoming('first', 'x'))!;
    for (let n = 0; n < 20_000; n++) {
      store.set(incoming(`t/${n}`, 'x'));
    }
    expect(first.isStored).toBe(false);
    // More bytes than all of the store may have.
    store.update(first, incoming('first', 'x'.repeat(9_000_000)));
    store.update(first, incoming('first', ''));
    expect(store.matching('#')).toHaveLength(20_000);
    expect(store.set(incoming('last', 'x'))?.isStored).toBe(true);
  });

  test('do not make way for a message that is larger than all of them may be', () => {
    const store = new RetainedStore();
    const stored = store.set(incoming('a', 'x'))!;
    store.set(incoming('b', 'x'));
    store.update(stored, incoming('a', 'x'.repeat(9_000_000)));
    expect(stored.isStored).toBe(false);
    expect(store.matching('#').map(({ topic }) => topic)).toEqual(['b']);
    expect([store.has('a'), store.has('+')]).toEqual([false, true]);
  });
});
