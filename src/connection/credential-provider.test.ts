import { afterEach, describe, expect, test, vi } from 'vitest';
import { type FixtureOptions, startBroker, type TestBroker } from '../../broker/fixture';
import { testPool } from '../testing/test-pool';
import { ScriptedBroker } from '../testing/scripted-broker';
import type { MqttOptions } from '../types';
import type { ConnectionClient } from './client';
import { credentialProvider } from './credential-provider';
import type { ConnectionPool } from './pool';
import { connectionOptions } from './settings';
import { type ServerResponse, TokenSource } from './token';
import { CredentialsPrompt, viewerKey, ViewerCredentials } from './viewer-credentials';

const PAGE = { protocol: 'http:', host: 'grafana.example.com', appSubUrl: '' };

const SOON = { timeout: 10_000, interval: 10 };

/** A broker with these logins, and every login that was tried. */
async function brokerFor(logins: Set<string>): Promise<{ broker: TestBroker; tried: string[] }> {
  const tried: string[] = [];
  const authenticate: FixtureOptions['authenticate'] = (_client, username = '', password, done) => {
    const login = `${username}:${password?.toString() ?? ''}`;
    tried.push(login);
    const good = logins.has(login);
    done(good ? null : Object.assign(new Error('no'), { returnCode: 4 as const }), good);
  };
  return { broker: await startBroker({ authenticate }), tried };
}

interface Setting {
  readonly pool: ConnectionPool;
  readonly connection: ConnectionClient;
  readonly prompt: CredentialsPrompt;
}

const cleanup: Array<() => unknown> = [];

function connect(
  broker: TestBroker | string,
  jsonData: MqttOptions,
  fetch: () => Promise<ServerResponse> = vi.fn()
): Setting {
  const url = typeof broker === 'string' ? broker : broker.ws!.url;
  const settings = { access: 'direct', url, jsonData, name: 'House' } as const;
  const options = connectionOptions(settings, PAGE);
  const viewers = new ViewerCredentials(() => undefined);
  const key = viewerKey('plugin', 'u', '1', options.url);
  const token = new TokenSource(jsonData.username, { fetch });
  const services = { credentials: credentialProvider(settings, { viewers, viewerKey: key, token }) };
  const pool = testPool();
  const connection = pool.get('u', options, { lingerMs: 0, memoryBytes: Infinity }, services);
  cleanup.push(connection.hold());
  const prompt = new CredentialsPrompt(viewers, key, undefined, () => pool.reconnect('u', { force: true }));
  return { pool, connection, prompt };
}

afterEach(() => {
  for (const clean of cleanup.splice(0)) {
    clean();
  }
});

describe('a viewer’s own credentials', () => {
  test('nothing is tried before there are any, and nothing twice that was refused', async () => {
    const { broker, tried } = await brokerFor(new Set(['ann:right']));
    await using _ = broker;
    const { connection, prompt } = connect(broker, { auth: 'viewer' });
    await expect.poll(() => connection.status.state, SOON).toBe('stopped');
    expect(connection.status).toMatchObject({
      error: { code: 'credentials', message: expect.stringMatching(/"House" asks each viewer.*query editor/) },
    });
    expect(broker.clients()).toBe(0);

    prompt.enter({ username: 'ann', password: 'wrong' }, false);
    await expect.poll(() => prompt.state().refusal, SOON).toMatch(/refused/);
    expect(prompt.state()).toMatchObject({ username: 'ann' });
    await expect
      .poll(() => connection.status, SOON)
      .toMatchObject({ error: { code: 'credentials', message: expect.stringMatching(/refused.*Enter .* again/) } });

    prompt.enter({ username: 'ann', password: 'right' }, false);
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    expect(tried).toEqual(['ann:wrong', 'ann:right']);
  });

  test('others take their place at once, although the connection stands', async () => {
    const { broker, tried } = await brokerFor(new Set(['ann:a', 'bob:b']));
    await using _ = broker;
    const { connection, prompt } = connect(broker, { auth: 'viewer' });
    prompt.enter({ username: 'ann', password: 'a' }, false);
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    prompt.enter({ username: 'bob', password: 'b' }, false);
    await expect.poll(() => tried, SOON).toEqual(['ann:a', 'bob:b']);
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    await expect.poll(() => broker.clients(), SOON).toBe(1);
    // Forgotten: nobody is connected in their name any longer.
    prompt.forget();
    await expect.poll(() => connection.status.state, SOON).toBe('stopped');
    await expect.poll(() => broker.clients(), SOON).toBe(0);
  });

  test('those that were entered while others were refused are not lost', async () => {
    const { broker } = await brokerFor(new Set(['ann:right']));
    await using _ = broker;
    const { connection, prompt } = connect(broker, { auth: 'viewer' });
    await expect.poll(() => connection.status.state, SOON).toBe('stopped');
    prompt.enter({ username: 'ann', password: 'wrong' }, false);
    await expect.poll(() => connection.status.state, SOON).toBe('connecting');
    prompt.enter({ username: 'ann', password: 'right' }, false);
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    expect(prompt.state().credentials).toEqual({ username: 'ann', password: 'right' });
  });
});

describe('a broker that hangs up on credentials without a word', () => {
  const hangUp = () =>
    ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect' && packet.password?.toString() !== 'right') {
        client.socket.close(1002);
        return true;
      }
    });
  const tried = (broker: ScriptedBroker): string[] =>
    broker.clients.map(({ connect }) => `${connect?.username}:${connect?.password?.toString()}`);

  test('asks the viewer again', async () => {
    await using broker = await hangUp();
    const { connection, prompt } = connect(broker.url, { auth: 'viewer', protocol: '3.1.1' });
    prompt.enter({ username: 'ann', password: 'wrong' }, false);
    await expect
      .poll(() => prompt.state().refusal, SOON)
      .toMatch(/closed the connection after it received the credentials/);
    await expect
      .poll(() => connection.status, SOON)
      .toMatchObject({ error: { code: 'credentials', message: expect.stringMatching(/Enter .* again/) } });
    prompt.enter({ username: 'ann', password: 'right' }, false);
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    expect(tried(broker)).toEqual(['ann:wrong', 'ann:right']);
  });

  test('is not given a token twice', async () => {
    await using broker = await hangUp();
    let issued = 0;
    const fetch = (): Promise<ServerResponse> =>
      Promise.resolve({ status: 200, body: ++issued === 3 ? 'right' : `wrong-${issued}` });
    const { connection, pool } = connect(broker.url, { auth: 'token', tokenUrl: 'https://auth' }, fetch);
    await expect
      .poll(() => connection.status, SOON)
      .toMatchObject({ error: { code: 'hung-up', message: expect.stringMatching(/fetches a new token/) } });
    // Nobody has done anything about it.
    pool.wake();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(tried(broker)).toEqual(['token:wrong-1', 'token:wrong-2']);
    connection.reconnect();
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
  });
});

describe('a token', () => {
  test('is fetched for every attempt, and the next one after one was refused', async () => {
    const { broker, tried } = await brokerFor(new Set(['token:2', 'token:3']));
    await using _ = broker;
    let issued = 0;
    const fetch = (): Promise<ServerResponse> =>
      Promise.resolve({
        status: 200,
        body: JSON.stringify({ token: String(++issued), expires_in: 3600 }),
      });
    const { connection } = connect(broker, { auth: 'token', tokenUrl: 'https://auth' }, fetch);
    await expect
      .poll(() => connection.status, SOON)
      .toMatchObject({
        error: {
          code: 'refused',
          message: expect.stringMatching(/token from the token URL\. The data source fetches a new token/),
        },
      });
    connection.reconnect();
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    broker.disconnectAll();
    await expect.poll(() => tried, SOON).toEqual(['token:1', 'token:2', 'token:3']);
  });

  test('that was good is not used for the next connection', async () => {
    const { broker, tried } = await brokerFor(new Set(['token:1', 'token:2']));
    await using _ = broker;
    let issued = 0;
    const fetch = (): Promise<ServerResponse> =>
      Promise.resolve({ status: 200, body: JSON.stringify({ token: String(++issued), expires_in: 3600 }) });
    const { connection } = connect(broker, { auth: 'token', tokenUrl: 'https://auth' }, fetch);
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    broker.disconnectAll();
    await expect.poll(() => tried, SOON).toEqual(['token:1', 'token:2']);
  });

  test('that cannot be had is said, and tried again', async () => {
    const { broker, tried } = await brokerFor(new Set(['token:t']));
    await using _ = broker;
    const fetch = vi
      .fn<() => Promise<ServerResponse>>()
      .mockResolvedValueOnce({ status: 502, body: '' })
      .mockResolvedValue({ status: 200, body: 't' });
    const { connection } = connect(broker, { auth: 'token', tokenUrl: 'https://auth' }, fetch);
    await expect.poll(() => connection.status, SOON).toMatchObject({ error: { code: 'token' } });
    await expect.poll(() => connection.status.state, SOON).toBe('connected');
    expect(tried).toEqual(['token:t']);
  });
});

test('credentials that everybody shares are refused as they are, and not tried again when the page wakes', async () => {
  const { broker, tried } = await brokerFor(new Set());
  await using _ = broker;
  const { connection, pool } = connect(broker, { auth: 'shared', username: 'u', password: 'p' });
  await expect.poll(() => connection.status, SOON).toMatchObject({ error: { code: 'refused' } });
  const before = tried.length;
  pool.wake();
  // A retry that is asked for is made within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(tried).toHaveLength(before);
  pool.reconnect();
  await expect.poll(() => tried.length, SOON).toBeGreaterThan(before);
});

test('a page that wakes tries at once what waits for its next attempt', async () => {
  await using broker = await startBroker();
  const { connection, pool } = connect(broker, {});
  await expect.poll(() => connection.status.state, SOON).toBe('connected');
  await broker.stop();
  await expect.poll(() => connection.status.state, SOON).toBe('reconnecting');
  const retry = vi.spyOn(connection, 'reconnect');
  pool.wake();
  expect(retry).toHaveBeenCalledTimes(1);
});
