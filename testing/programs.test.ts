import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './programs';

test('a free port is given once, and is none of those that servers get by chance', async () => {
  const ports: number[] = [];
  for (let n = 0; n < 100; n += 1) {
    ports.push(await freePort());
  }
  expect(new Set(ports).size).toBe(100);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  const server = createServer().listen(ports[0], '127.0.0.1');
  await once(server, 'listening');
  server.close();
});
