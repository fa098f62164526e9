#!/usr/bin/env bash
# Aedes sends an unacknowledged message again without the DUP flag
#
# One would guess: a message of QoS 1 that is sent again to a session that was kept has the DUP flag, because
# [MQTT-3.3.1-1] demands it, so that a client can tell it from a new message.
#
# Tried: aedes 1.2.0, mqtt.js 5.16.0, MQTT 3.1.1, a session that is kept (clean session 0).
#
# What happens: the message comes again, with the same packet id and with DUP 0.
#
# What that means here: a row that a panel has would come twice after a reconnect. The engine recognizes such messages
# without DUP (src/engine/redelivery.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mqtt@5.16.0 aedes@1.2.0
cat > finding.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes } from 'aedes';
import mqtt from 'mqtt';

const aedes = await Aedes.createBroker();
const server = createServer(aedes.handle);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `mqtt://127.0.0.1:${server.address().port}`;
const deliveries = [];

/** A client of one kept session, which never acknowledges. */
async function connect() {
  const client = mqtt.connect(url, { clientId: 'kept', clean: false, reconnectPeriod: 0 });
  client.handleMessage = () => {};
  client.on('packetreceive', ({ cmd, dup, messageId }) => cmd === 'publish' && deliveries.push({ dup, messageId }));
  await once(client, 'connect');
  return client;
}

const first = await connect();
await first.subscribeAsync('t', { qos: 1 });
const publisher = await mqtt.connectAsync(url);
await publisher.publishAsync('t', '1', { qos: 1 });
await sleep(500);
first.end(true);
await sleep(500);
await connect();
await sleep(500);
console.log(JSON.stringify(deliveries));
const [one, other] = deliveries;
const isAsDescribed = deliveries.length === 2 && other.dup === false && one.messageId === other.messageId;
process.exit(isAsDescribed ? 0 : 1);
JS
timeout 30 node finding.mjs
