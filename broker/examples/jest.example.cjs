const assert = require('node:assert/strict');
const mqtt = require('mqtt');
const { startBroker } = require('../fixture/client.cjs');

// In jest: test('an alarm is raised', async () => { … })
async function anAlarmIsRaised() {
  const broker = await startBroker();

  // The device under test; yours connects to broker.tcp.url
  const device = await mqtt.connectAsync(broker.tcp.url, { clientId: 'alarm' });
  device.on('message', (_topic, payload) => {
    if (Number(payload) > 90) {
      device.publish('plant/alarm', 'hot');
    }
  });
  await device.subscribeAsync('plant/+/temperature');

  await broker.publish({ topic: 'plant/1/temperature', payload: '95' });
  const { text, clientId } = await broker.message('plant/alarm');
  assert.deepEqual({ text, clientId }, { text: 'hot', clientId: 'alarm' });

  await device.endAsync();
  await broker.close();
}

anAlarmIsRaised().then(
  () => process.stdout.write('passed\n'),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  }
);
