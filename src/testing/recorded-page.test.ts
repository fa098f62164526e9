import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { RecordedPage } from './recorded-page';
import { responsesOf } from './responses';
import { eventually } from './test-engine';
import { request } from './test-request';

test('a page is requesting from its request to the end of the historian’s answer', async () => {
  await using broker = await startBroker();
  const historian = await mqtt.connectAsync(broker.tcp!.url);
  const requests: string[] = [];
  historian.on('message', (topic) => requests.push(topic));
  await historian.subscribeAsync('history/request/#');
  await historian.publishAsync('history/status', '{"v":2}', { retain: true, qos: 1 });
  const page = new RecordedPage({ url: broker.ws!.url, protocolVersion: 4 });
  using panel = responsesOf(request([{ topic: 't' }]), page.deps);
  await expect.poll(() => requests.length, eventually).toBe(1);
  await panel.until(() => page.isLive);
  await sleep(100);
  expect(page.isRequesting).toBe(true);
  const answer = { v: 2, part: 0, now: Date.now(), run: 'run', topics: [], done: true };
  await historian.publishAsync(requests[0].replace('/request/', '/response/'), JSON.stringify(answer));
  await expect.poll(() => page.isRequesting, eventually).toBe(false);
  page.stop();
  await historian.endAsync(true);
});

test('a page counts each message that comes, whatever its packet identifier', async () => {
  await using broker = await startBroker();
  const page = new RecordedPage({ url: broker.ws!.url, protocolVersion: 4 });
  using panel = responsesOf(request([{ topic: 'n/1', qos: 1 }]), page.deps);
  await panel.until(() => page.isLive);
  // Among the identifiers is 0x7b, a brace
  for (let n = 0; n < 300; n++) {
    await broker.publish({ topic: 'n/1', payload: JSON.stringify({ n, id: 'x' }), qos: 1 });
  }
  await expect.poll(() => page.received('n/1', 299), eventually).toBe(1);
  expect(Array.from({ length: 300 }, (_, n) => page.received('n/1', n)).indexOf(0)).toBe(-1);
  page.stop();
});
