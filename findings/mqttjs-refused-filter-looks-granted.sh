#!/usr/bin/env bash
# mqtt.js says that a refused filter was granted
#
# One would guess: of several filters in one SUBSCRIBE, `granted` in the callback has the answer of the broker for each
# filter (128, 0x80, for a refused one [MQTT-3.9.3-2]), so that a program learns which one was refused.
#
# Tried: mqtt.js 5.16.0, aedes 1.2.0 as the broker, MQTT 3.1.1.
#
# What happens: the error is "Subscribe error: Unspecified error", it names no filter, and `granted` lists all filters
# with the QoS that was requested. The filters that were granted are subscribed: their messages come.
#
# What that means here: the engine and the historian subscribe to each filter with a SUBSCRIBE of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mqtt@5.16.0 aedes@1.2.0
cat > finding.mjs <<'JS'
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';

const aedes = await Aedes.createBroker({
  authorizeSubscribe: (client, subscription, done) => done(null, subscription.topic === 'refused' ? null : subscription),
});
const server = createServer(aedes.handle);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${server.address().port}`, { protocolVersion: 4 });
const codes = [];
client.on('packetreceive', (packet) => packet.cmd === 'suback' && codes.push(...packet.granted));
const messages = [];
client.on('message', (topic) => messages.push(topic));
const { error, granted } = await new Promise((resolve) => {
  client.subscribe(['allowed', 'refused'], { qos: 1 }, (error, granted) => resolve({ error, granted }));
});
await client.publishAsync('allowed', '1', { qos: 1 });
await sleep(500);
const seen = { suback: codes, error: error?.message, granted, messages };
console.log(JSON.stringify(seen));
const expected = {
  suback: [1, 128],
  error: 'Subscribe error: Unspecified error',
  granted: [{ topic: 'allowed', qos: 1 }, { topic: 'refused', qos: 1 }],
  messages: ['allowed'],
};
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
timeout 30 node finding.mjs
