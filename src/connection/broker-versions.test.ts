import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ConnectionStatus } from '../engine';
import { accept, refuse, ScriptedBroker } from '../testing/scripted-broker';
import { testDeps, testPool } from '../testing/test-pool';
import { BrokerVersions } from './broker-versions';
import type { TabStorage } from './viewer-credentials';

class MemoryStorage implements TabStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

const BROKER = 'ws://broker/mqtt';
const stood = { state: 'connected', since: 0, sessionPresent: false, connectMs: 1 } as const;
const refused = { state: 'connecting', since: 0, error: { code: 'refused', message: '' } } as const;
const none = (): undefined => undefined;

test.each<[string, ConnectionStatus[], boolean]>([
  ['nothing', [], false],
  ['a connection with 3.1.1', [{ ...stood, protocolVersion: 4 }], true],
  ['a connection with 5', [{ ...stood, protocolVersion: 5 }], false],
  ['a refusal in 3.1.1', [{ ...refused, negotiatedVersion: 4 }], true],
  ['an error that says nothing of it', [{ ...stood, protocolVersion: 4 }, refused], true],
  [
    'a broker that has learned 5',
    [
      { ...stood, protocolVersion: 4 },
      { ...stood, protocolVersion: 5 },
    ],
    false,
  ],
])('after %s', (_, statuses, older) => {
  const versions = new BrokerVersions('key', none);
  for (const status of statuses) {
    versions.learn(BROKER, status);
  }
  expect(versions.wantsOlder(BROKER)).toBe(older);
  expect(versions.wantsOlder('ws://other')).toBe(false);
});

test('outlives a reload of the tab', () => {
  const storage = new MemoryStorage();
  new BrokerVersions('key', () => storage).learn(BROKER, { ...stood, protocolVersion: 4 });
  const after = new BrokerVersions('key', () => storage);
  expect(after.wantsOlder(BROKER)).toBe(true);
  after.learn(BROKER, { ...stood, protocolVersion: 5 });
  expect(new BrokerVersions('key', () => storage).wantsOlder(BROKER)).toBe(false);
});

test.each<[string, () => TabStorage]>([
  [
    'is refused',
    () => {
      throw new Error('SecurityError');
    },
  ],
  [
    'is full',
    () => ({
      getItem: () => null,
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
      removeItem: none,
    }),
  ],
  ['holds what nobody here wrote', () => ({ getItem: () => '{"a":[', setItem: none, removeItem: none })],
  ['holds something else', () => ({ getItem: () => '{"length":1}', setItem: none, removeItem: none })],
])('goes on in memory where the storage %s', (_, storage) => {
  const versions = new BrokerVersions('key', storage);
  versions.learn(BROKER, { ...stood, protocolVersion: 4 });
  expect(versions.wantsOlder(BROKER)).toBe(true);
});

test('engines that share nothing ask a broker once', async () => {
  await using broker = await ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'connect') {
      if (packet.protocolVersion === 5) {
        refuse(client, 1);
      } else {
        accept(client);
      }
      return true;
    }
  });
  const pool = testPool({ versions: new BrokerVersions('key', none) });
  for (let i = 0; i < 3; i++) {
    const connection = testDeps({ url: broker.url, pool, protocolVersion: 'auto' }).connect();
    const release = connection.hold();
    await expect.poll(() => connection.status.state, { timeout: 10_000 }).toBe('connected');
    release();
    await expect.poll(() => pool.size, { timeout: 10_000 }).toBe(0);
  }
  expect(broker.clients.map(({ version }) => version)).toEqual([5, 4, 4, 4]);
});

test('the name in the storage begins with the plugin’s', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
  const { id } = JSON.parse(read('../../plugin.json')) as { id: string };
  expect(read('runtime.ts')).toContain(`'${id}:mqtt-3.1.1'`);
});
