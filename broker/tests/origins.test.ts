import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hashPassword } from '../auth/password';
import { startBroker, type FixtureOptions } from '../fixture';
import { originFault } from '../transport/origins';

/** HTTP status of an upgrade: 101 when it was accepted. */
async function upgrade(options: FixtureOptions, origin?: string, host?: string): Promise<number> {
  await using broker = await startBroker(options);
  const ws = new WebSocket(broker.ws!.url, 'mqtt', { headers: { ...(origin && { origin }), ...(host && { host }) } });
  const status = await Promise.race([
    once(ws, 'open').then(() => 101),
    new Promise<number>((resolve) => {
      ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    }),
  ]);
  ws.on('error', () => {});
  ws.terminate();
  return status;
}

describe('a broker without credentials', () => {
  test.each([
    ['no page', undefined, undefined, 101],
    ['Grafana on this machine', 'http://localhost:3000', undefined, 101],
    ['the workbench', 'http://127.0.0.1:3030', undefined, 101],
    ['this machine, IPv6', 'http://[::1]:3030', undefined, 101],
    ['a page from elsewhere', 'https://evil.example', undefined, 403],
    ['a page from elsewhere whose name now leads here', 'http://evil.example:9001', 'evil.example:9001', 403],
    ['a page on the same machine of the network', 'http://192.168.1.5:3000', '192.168.1.5:9001', 101],
    ['the same by its name there', 'http://raspberry:3000', 'raspberry:9001', 101],
    ['a page on another machine of the network', 'http://192.168.1.6', '192.168.1.5:9001', 403],
    ['a sandboxed page', 'null', undefined, 403],
    ['nonsense', '::::', undefined, 403],
    ['a name that only looks local', 'http://localhost.evil.example', undefined, 403],
    ['an address that only looks local', 'http://127.0.0.1.evil.example', undefined, 403],
  ])('%s: %s at %s gets %d', async (_who, origin, host, status) => {
    expect(await upgrade({}, origin, host)).toBe(status);
  });

  test('accepts listed origins, or any', async () => {
    const origin = 'https://grafana.example.com';
    expect(await upgrade({ origins: [origin] }, origin)).toBe(101);
    expect(await upgrade({ origins: [origin] }, `${origin}.evil.example`)).toBe(403);
    expect(await upgrade({ origins: 'any' }, origin)).toBe(101);
  });

  test('logs how to allow an origin', () => {
    const request = { headers: { origin: 'https://grafana.example.com', host: 'broker' } };
    expect(originFault(request as Parameters<typeof originFault>[0], [])).toBe(
      'pages of https://grafana.example.com may not connect; to allow them, add the page to origins'
    );
  });
});

test('a broker that requires credentials accepts any page, unless origins are listed', async () => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const folder = await mkdtemp(`${(await import('node:os')).tmpdir()}/broker-origins-`);
  const users = `${folder}/users`;
  await writeFile(users, `anna:${await hashPassword('x')}\n`);
  expect(await upgrade({ users }, 'https://anywhere.example')).toBe(101);
  expect(await upgrade({ users, origins: ['https://grafana.example'] }, 'https://anywhere.example')).toBe(403);
  await rm(folder, { recursive: true });
});
