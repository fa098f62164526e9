#!/usr/bin/env bash
# influx (the JavaScript client of InfluxDB 1.x): a text field gains a backslash where an apostrophe follows one
#
# One would guess: writePoints() escapes the text of a field such that the database reads the text that was written.
#
# Tried: influx 5.12.0, with a web server on loopback that takes what it sends.
#
# What happens: before it escapes a text, the client puts a second backslash before the first one that an apostrophe
# follows. Both are then escaped, so the folder 'D:\logs\' is stored with two backslashes at its end. @influxdata/influxdb-client
# 1.35.0 writes one.
#
# What that means here: the line protocol of the plugin reads what was written, and the tests that encode with this
# client expect the second backslash.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund influx@5.12.0 @influxdata/influxdb-client@1.35.0
cat > finding.mjs <<'JS'
import { createServer } from 'node:http';
import { Point } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';

const text = String.raw`folder 'D:\logs\'`;
let sent = '';
const server = createServer((request, response) => {
  request.on('data', (chunk) => (sent += chunk));
  request.on('end', () => response.writeHead(204).end());
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const client = new InfluxDB({ host: '127.0.0.1', port: server.address().port, database: 'demo' });
await client.writePoints([{ measurement: 'm', fields: { text } }]);
server.close();

/** A text in line protocol: a backslash takes away the meaning of quotes and of another backslash. */
const read = (line) => /text="(.*)"/.exec(line)[1].replaceAll(/\\(["\\])/g, '$1');
const seen = { written: text, influx: read(sent), other: read(new Point('m').stringField('text', text).toLineProtocol()) };
console.log(sent, seen);
const isAsDescribed = seen.influx === text.replace(String.raw`\'`, String.raw`\\'`) && seen.other === text;
process.exit(isAsDescribed ? 0 : 1);
JS
timeout 30 node finding.mjs
