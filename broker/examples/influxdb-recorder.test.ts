import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../testing/programs';
import { startRecorder } from './influxdb-recorder';

// The database is asked before the broker
const start = (influxdb: string) =>
  startRecorder({ broker: 'mqtt://127.0.0.1:1', influxdb, database: 'demo', filters: ['#'] });

test.each(['127.0.0.1', 'localhost'])('a database on %s that is down is named, with what to do', async (host) => {
  const port = await freePort();
  await expect(start(`http://${host}:${port}`)).rejects.toThrow(
    new RegExp(
      String.raw`^http://${host}:${port}: no connection to InfluxDB \(.*ECONNREFUSED.*\)\. ` +
        String.raw`Start InfluxDB 1\.x there, or change the URL\.$`
    )
  );
});

test('the address is in front of what another server answers', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('no such page')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(start(url)).rejects.toThrow(`${url}: InfluxDB answered 404 no such page`);
  server.close();
});
