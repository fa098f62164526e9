import { describe, expect, test, vi } from 'vitest';
import { CredentialsPrompt, type WebStorage, viewerKey, ViewerCredentials } from './viewer-credentials';

const KEY = viewerKey('plugin', 'uid', '7', 'wss://broker/mqtt');
const ANN = { username: 'ann', password: 'secret' };

function tab(): WebStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe('a viewer’s own credentials', () => {
  test('are in memory only, unless the viewer wants them for the tab', () => {
    const storage = tab();
    const viewers = new ViewerCredentials(() => storage);
    viewers.enter(KEY, ANN, false);
    expect(viewers.state(KEY).credentials).toEqual(ANN);
    expect(storage.items.size).toBe(0);
    expect(new ViewerCredentials(() => storage).state(KEY)).toEqual({ remembered: false });

    viewers.enter(KEY, ANN, true);
    expect(new ViewerCredentials(() => storage).state(KEY)).toEqual({
      credentials: ANN,
      username: 'ann',
      remembered: true,
    });
    expect([...storage.items.keys()]).toEqual([KEY]);
    expect(KEY).toMatch(/^plugin:credentials:uid:/);
  });

  test('are taken out of the tab when they are entered again for memory only', () => {
    const storage = tab();
    const viewers = new ViewerCredentials(() => storage);
    viewers.enter(KEY, ANN, true);
    viewers.enter(KEY, ANN, false);
    expect(storage.items.size).toBe(0);
  });

  test('that were refused are gone, but for the user name and the reason', () => {
    const storage = tab();
    const viewers = new ViewerCredentials(() => storage);
    viewers.enter(KEY, ANN, true);
    viewers.refuse(KEY, 'wrong');
    expect(viewers.state(KEY)).toEqual({ username: 'ann', refusal: 'wrong', remembered: true });
    expect(storage.items.size).toBe(0);
    viewers.forget(KEY);
    expect(viewers.state(KEY)).toEqual({ remembered: false });
  });

  test('belong to one viewer, one data source and one broker', () => {
    const keys = [
      KEY,
      viewerKey('plugin', 'uid', '8', 'wss://broker/mqtt'),
      viewerKey('plugin', 'other', '7', 'wss://broker/mqtt'),
      viewerKey('plugin', 'uid', '7', 'wss://elsewhere/mqtt'),
      viewerKey('plugin', 'uid:7', '', 'wss://broker/mqtt'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('work without a storage', () => {
    const viewers = new ViewerCredentials(() => {
      throw new Error('SecurityError');
    });
    expect(viewers.state(KEY)).toEqual({ remembered: false });
    viewers.enter(KEY, ANN, true);
    expect(viewers.state(KEY).credentials).toEqual(ANN);
  });

  test.each(['', 'no JSON', 'null', '5', '"text"'])('%j in the storage is nobody’s', (text) => {
    const storage = tab();
    storage.items.set(KEY, text);
    expect(new ViewerCredentials(() => storage).state(KEY).credentials).toBeUndefined();
  });

  test('are told about, and are the same object until they change', () => {
    const viewers = new ViewerCredentials(tab);
    const told = vi.fn<() => void>();
    const stop = viewers.subscribe(told);
    const before = viewers.state(KEY);
    expect(viewers.state(KEY)).toBe(before);
    viewers.enter(KEY, ANN, false);
    expect(told).toHaveBeenCalledTimes(1);
    stop();
    viewers.forget(KEY);
    expect(told).toHaveBeenCalledTimes(1);
  });
});

test('a prompt has the connections try again, after the credentials have changed', () => {
  const viewers = new ViewerCredentials(tab);
  const seen: unknown[] = [];
  const prompt = new CredentialsPrompt(viewers, KEY, 'guest', () => seen.push(viewers.state(KEY).credentials));
  expect(prompt.suggested).toBe('guest');
  prompt.enter(ANN, false);
  prompt.forget();
  expect(seen).toEqual([ANN, undefined]);
});
