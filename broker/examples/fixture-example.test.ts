import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { startBroker } from '../fixture';

test('a thermostat turns the heating on', async () => {
  await using broker = await startBroker();

  // The device under test; yours connects to broker.tcp.url or broker.ws.url
  const device = await mqtt.connectAsync(broker.ws!.url, { clientId: 'thermostat' });
  device.on('message', (_topic, payload) => {
    device.publish('home/heating', Number(payload) < 20 ? 'ON' : 'OFF', { retain: true });
  });
  await device.subscribeAsync('home/+/temperature');
  expect(broker.subscriptions().get('thermostat')).toEqual(['home/+/temperature']);

  await broker.publish({ topic: 'home/kitchen/temperature', payload: '18.5' });

  expect(await broker.message('home/heating')).toMatchObject({ text: 'ON', retain: true, clientId: 'thermostat' });
  await device.endAsync();
});
