import { expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { startMetricsServer } from './metrics-server';
import { connectClient, until } from '../testing/clients';

/** The value of a metric without labels. */
function metric(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

test('health, and metrics that count what happens', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const http = await startMetricsServer(broker, { port: 0 });
  const get = (path: string): Promise<Response> => fetch(http.url + path);
  expect(http.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await get('/healthz?x')).text()).toBe('ok\n');
  expect((await get('/')).status).toBe(404);
  expect((await fetch(`${http.url}/metrics`, { method: 'POST' })).status).toBe(405);

  await using client = await connectClient(broker.ws!.url, { clientId: 'c', clean: false });
  await client.client.subscribeAsync({ '#': { qos: 1 }, b: { qos: 0 } });
  await client.client.publishAsync('kept', '12345', { qos: 1, retain: true });
  await until('it', () => client.texts().includes('12345'));
  const first = await get('/metrics');
  expect(first.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await first.text();
  expect(metric(text, 'mqtt_clients')).toBe(1);
  expect(metric(text, 'mqtt_subscriptions')).toBe(2);
  expect(metric(text, 'mqtt_sessions')).toBe(1);
  expect(metric(text, 'mqtt_retained_messages')).toBe(1);
  expect(metric(text, 'mqtt_retained_bytes')).toBe(9);
  expect(metric(text, 'mqtt_received_messages_total')).toBe(1);
  expect(metric(text, 'mqtt_received_bytes_total')).toBeGreaterThan(20);
  expect(metric(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(metric(text, 'mqtt_history_messages')).toBe(1);
  expect(metric(text, 'mqtt_history_topics')).toBe(1);
  expect(metric(text, 'mqtt_history_bytes')).toBeGreaterThan(9);
  expect(metric(text, 'mqtt_history_oversized_total')).toBe(0);
  expect(metric(text, 'mqtt_history_requests_total')).toBe(0);
  // Metrics are public: no names of clients and topics
  expect(text).not.toMatch(/kept|"c"/);

  await client.client.publishAsync('other', '1', { qos: 1 });
  expect(metric(await (await get('/metrics')).text(), 'mqtt_received_messages_total')).toBe(2);
  await http.close();
  await expect(get('/healthz')).rejects.toThrow();
});

test('a port in use is an error with a clear message', async () => {
  await using broker = await startBroker();
  await expect(startMetricsServer(broker, { port: broker.tcp!.port })).rejects.toThrow(/is in use by another program/);
});
