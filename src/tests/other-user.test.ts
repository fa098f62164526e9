/** Another user signs in to the broker: what the one before could read is not for this one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AclRule } from '../../broker/auth/acl';
import { hashPassword } from '../../broker/auth/password';
import { startBroker } from '../../broker/fixture';
import type { PageServices } from '../connection/page-services';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';

/** Bert may read "t" only; anna reads everything. */
async function start(history: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'other-user-'));
  const users = join(folder, 'users');
  const hash = await hashPassword('secret');
  await writeFile(users, ['anna', 'bert'].map((name) => `${name}:${hash}\n`).join(''));
  const acl: AclRule[] = [
    { user: 'anna', allow: 'read', topic: '#' },
    { user: 'bert', allow: 'read', topic: 't' },
    { user: 'bert', allow: 'subscribe', topic: '#' },
  ];
  const broker = await startBroker({ ...(history ? { history: { filters: ['#'] } } : undefined), users, acl });
  await rm(folder, { recursive: true });
  let username = 'anna';
  const services: PageServices = {
    credentials: { get: () => Promise.resolve({ username, password: 'secret' }), refused: (error) => error },
  };
  const deps = testDeps({
    url: broker.ws!.url,
    pool: testPool(),
    options: { credentials: 'request' },
    services,
    recording: { bytes: 16_000_000, ageMs: 366 * 86_400_000, historian: 'history' },
  });
  const signIn = (name: string): void => {
    username = name;
    deps.connect().reconnect({ force: true });
  };
  return { broker, deps, signIn };
}

test.each([[true], [false]])('a panel shows the rows of the user who has connected, history: %s', async (history) => {
  const { broker, deps, signIn } = await start(history);
  await using _ = broker;
  await broker.publish({ topic: 't', payload: '1' });
  await broker.publish({ topic: 'secret', payload: '2', retain: true });
  using panel = responsesOf(request([{ topic: '+' }]), deps);
  await subscribed(broker, '+');
  await broker.publish({ topic: 't', payload: '3' });
  await broker.publish({ topic: 'secret', payload: '4' });
  await panel.until((each) => valuesOf(each, 'A', 'Value', 'secret').includes(4));
  signIn('bert');
  const expected = history ? [1, 3] : [];
  await panel.until(
    (each) =>
      !each.data.some(({ name }) => name === 'secret') &&
      JSON.stringify(valuesOf(each, 'A', 'Value', 't').filter((value) => value !== null)) === JSON.stringify(expected)
  );
  const before = panel.all.length;
  await subscribed(broker, '+');
  await broker.publish({ topic: 't', payload: '5' });
  await panel.until((each) => valuesOf(each, 'A', 'Value', 't').includes(5));
  // Another query of the page
  using other = responsesOf(request([{ topic: '+', format: 'text' }]), deps);
  await other.until((each) => valuesOf(each, 'A', 'Value', 't').includes('5'));
  const shown = [...panel.all.slice(before), ...other.all];
  expect(shown.flatMap(({ data }) => data.map(({ name }) => name as string))).not.toContain('secret');
});
