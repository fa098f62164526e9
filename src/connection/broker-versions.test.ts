import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ConnectionStatus } from '../engine';
import { accept, refuse, ScriptedBroker } from '../testing/scripted-broker';
import { testDeps, testPool } from '../testing/test-pool';
import { BrokerVersions, MAX_AGE_MS } from './broker-versions';
import type { WebStorage } from './viewer-credentials';

class MemoryStorage implements WebStorage {
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
  const versions = new BrokerVersions('key', none, Date.now);
  const engine = versions.begin(spec(BROKER))!;
  statuses.forEach((status) => engine.learn(status));
  expect(versions.wantsOlder(BROKER)).toBe(older);
  expect(versions.wantsOlder('ws://other')).toBe(false);
});

function spec(url: string): Parameters<BrokerVersions['begin']>[0] {
  return { url, protocolVersion: 'auto' };
}

/** An engine has connected with this version. */
function connect(versions: BrokerVersions, url: string, protocolVersion: 4 | 5): void {
  versions.begin(spec(url))!.learn({ ...stood, protocolVersion });
}

test('outlives a reload of the tab, and other tabs of the browser know it', () => {
  const storage = new MemoryStorage();
  const tab = (): BrokerVersions => new BrokerVersions('key', () => storage, Date.now);
  const open = tab();
  connect(tab(), BROKER, 4);
  expect(tab().wantsOlder(BROKER)).toBe(true);
  expect(open.wantsOlder(BROKER)).toBe(true);
  connect(open, 'ws://other', 4);
  connect(tab(), BROKER, 5);
  expect(open.wantsOlder(BROKER)).toBe(false);
  expect(tab().wantsOlder('ws://other')).toBe(true);
});

test('a day after the refusal, MQTT 5 is tried again, however long a page is open', () => {
  const storage = new MemoryStorage();
  let now = Date.UTC(2026, 0, 1);
  const versions = new BrokerVersions(
    'key',
    () => storage,
    () => now
  );
  const open = versions.begin(spec(BROKER))!;
  open.learn({ ...stood, protocolVersion: 4 });
  now += MAX_AGE_MS - 1;
  expect(versions.wantsOlder(BROKER)).toBe(true);
  connect(versions, BROKER, 4);
  now += 1;
  // An engine that does not ask for 5 again learns nothing when it connects again
  open.learn({ ...stood, protocolVersion: 4 });
  expect(versions.wantsOlder(BROKER)).toBe(false);
  connect(versions, BROKER, 4);
  expect(versions.wantsOlder(BROKER)).toBe(true);
  // The clock of the machine was set back
  now -= 2 * MAX_AGE_MS;
  expect(versions.wantsOlder(BROKER)).toBe(false);
});

test('the storage has no token of a URL, but tells brokers apart that differ in their query', () => {
  const storage = new MemoryStorage();
  const versions = new BrokerVersions('key', () => storage, Date.now);
  connect(versions, 'wss://broker:9001/mqtt?a\ntoken=secret1#secret2', 4);
  expect(storage.items.get('key')).toMatch(/^\[\["wss:\/\/broker:9001\/mqtt\?\w{1,7}",\d+\]\]$/);
  expect(versions.wantsOlder('wss://broker:9001/mqtt?a\ntoken=secret1#secret2')).toBe(true);
  expect(versions.wantsOlder('wss://broker:9001/mqtt?token=another')).toBe(false);
  expect(versions.wantsOlder('wss://broker:9001/mqtt')).toBe(false);
});

test('at most 50 brokers are remembered, the newest', () => {
  const versions = new BrokerVersions('key', none, Date.now);
  for (let n = 0; n < 60; n++) {
    connect(versions, `ws://broker-${n}`, 4);
  }
  expect([0, 9, 10, 59].map((n) => versions.wantsOlder(`ws://broker-${n}`))).toEqual([false, false, true, true]);
});

test.each<[string, () => WebStorage]>([
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
  [
    'is full, and has another broker',
    () => ({
      getItem: () => JSON.stringify([['ws://other', Date.now()]]),
      setItem: () => {
        throw new Error('QuotaExceededError');
      },
      removeItem: none,
    }),
  ],
  ['holds what nobody here wrote', () => ({ getItem: () => '{"a":[', setItem: none, removeItem: none })],
  ['holds something else', () => ({ getItem: () => '{"length":1}', setItem: none, removeItem: none })],
])('goes on in memory where the storage %s', (_, storage) => {
  const versions = new BrokerVersions('key', storage, Date.now);
  connect(versions, BROKER, 4);
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
  const pool = testPool({ versions: new BrokerVersions('key', none, Date.now) });
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

test.each(['closes without an answer', 'does not answer'])(
  'a broker that %s to the remembered version is asked for MQTT 5',
  async (behaviour) => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect' && packet.protocolVersion === 4) {
        if (behaviour !== 'does not answer') {
          client.socket.close();
        }
        return true;
      }
    });
    const versions = new BrokerVersions('key', none, Date.now);
    connect(versions, broker.url, 4);
    const pool = testPool({ versions });
    const connection = testDeps({ url: broker.url, pool, protocolVersion: 'auto' }).connect();
    const release = connection.hold();
    await expect.poll(() => connection.status.state, { timeout: 10_000 }).toBe('connected');
    release();
    expect(broker.clients.map(({ version }) => version)).toEqual([4, 5]);
    expect(versions.wantsOlder(broker.url)).toBe(false);
  }
);
