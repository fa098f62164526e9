#!/usr/bin/env bash
# msgpackr: the function pack() and an instance without options write different formats
#
# One would guess: `new Packr().pack(value)` writes the same bytes as `pack(value)`, which every MessagePack library reads.
#
# Tried: msgpackr 1.11.5, read with @msgpack/msgpack 3.1.3.
#
# What happens: `pack` writes a plain map. An instance writes a "record": the extension type 114 with the names of the
# keys, and the values behind it, outside of the extension. Another decoder takes the names for the whole payload, and
# fails on the bytes that follow.
# `new Packr({ useRecords: false })` writes a plain map.
#
# What that means here: devices send such payloads, so the MessagePack decoder of the plugin reads records.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund msgpackr@1.11.5 @msgpack/msgpack@3.1.3
cat > finding.mjs <<'JS'
import { decode, decodeMulti } from '@msgpack/msgpack';
import { pack, Packr } from 'msgpackr';

const value = { temp: 21, hum: 48 };
const bytes = {
  function: pack(value),
  instance: new Packr().pack(value),
  plain: new Packr({ useRecords: false }).pack(value),
};
const read = (payload) => {
  try {
    return JSON.stringify(decode(payload));
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const seen = Object.fromEntries(Object.entries(bytes).map(([name, payload]) => [name, read(payload)]));
const [record] = decodeMulti(bytes.instance);
console.log({ ...seen, hex: Buffer.from(bytes.instance).toString('hex'), type: record.type });
const isAsDescribed =
  seen.function === JSON.stringify(value) &&
  seen.plain === JSON.stringify(value) &&
  seen.instance.startsWith('RangeError: Extra ') &&
  record.constructor.name === 'ExtData';
process.exit(isAsDescribed ? 0 : 1);
JS
timeout 30 node finding.mjs
