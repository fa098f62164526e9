import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { startBroker } from '../fixture';

interface Part {
  done?: boolean;
  truncated?: boolean;
  topics?: Array<{ topic: string; times: number[]; payloads: Array<string | { base64: string }> }>;
  error?: { code: string; message: string };
}

/** Requests the history of some topics since a time, in milliseconds since 1970. */
async function requestHistory(
  client: mqtt.MqttClient,
  requestId: number,
  filters: string[],
  from: number
): Promise<Part[]> {
  const id = encodeURIComponent(client.options.clientId ?? '');
  const parts: Part[] = [];
  const finished = new Promise<void>((resolve, reject) => {
    client.on('message', (topic, payload) => {
      if (topic !== `history/response/${id}/${requestId}`) {
        return;
      }
      const part = JSON.parse(payload.toString()) as Part;
      parts.push(part);
      if (part.error) {
        reject(new Error(`${part.error.code}: ${part.error.message}`));
      } else if (part.done) {
        resolve();
      }
    });
  });
  await client.subscribeAsync(`history/response/${id}/+`);
  await client.publishAsync(`history/request/${id}/${requestId}`, JSON.stringify({ v: 2, filters, from }));
  await finished;
  return parts;
}

test('a dashboard that opens late receives the messages that it missed', async () => {
  await using broker = await startBroker({ history: { filters: ['home/#'] } });
  const sensor = await mqtt.connectAsync(broker.tcp!.url);
  await sensor.publishAsync('home/kitchen/temperature', '21.5', { qos: 1 });
  await sensor.publishAsync('home/kitchen/temperature', '21.6', { qos: 1 });

  const dashboard = await mqtt.connectAsync(broker.ws!.url, { clientId: 'dashboard 1' });
  const [part] = await requestHistory(dashboard, 1, ['home/+/temperature'], Date.now() - 3_600_000);
  expect(part).toMatchObject({ done: true, truncated: false });
  expect(part.topics?.[0]).toMatchObject({ topic: 'home/kitchen/temperature', payloads: ['21.5', '21.6'] });
  expect(part.topics?.[0].times).toHaveLength(2);

  await expect(requestHistory(dashboard, 2, ['garden/#'], 0)).rejects.toThrow(
    'not-recorded: No recorded topic matches "garden/#"'
  );
  await Promise.all([sensor.endAsync(), dashboard.endAsync()]);
});
