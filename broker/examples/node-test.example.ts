import assert from 'node:assert/strict';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { startBroker } from '../fixture';

void test('a sensor sends again what was not acknowledged', async () => {
  await using broker = await startBroker();
  const lost = broker.faults.drop({ direction: 'out', packets: ['puback'], times: 1 });

  const sensor = mqtt.connect(broker.tcp!.url, { clientId: 'sensor', clean: false, reconnectPeriod: 20 });
  const acknowledged = sensor.publishAsync('plant/1/speed', '1480', { qos: 1 });
  while (lost.count === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  broker.faults.terminate({ client: 'sensor' });
  await acknowledged;

  assert.deepEqual(
    broker.received.map(({ topic, text }) => [topic, text]),
    [
      ['plant/1/speed', '1480'],
      ['plant/1/speed', '1480'],
    ]
  );
  await sensor.endAsync();
});
