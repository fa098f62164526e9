import { readFileSync } from 'node:fs';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const pair = (name: string): { cert: string; key: string } => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });

/** Certificates for tests; `make.sh` made them. */
export const CERTIFICATES = {
  /** The authority that signed the servers and the device. */
  ca: read('ca.pem'),
  caFile: new URL('ca.pem', import.meta.url).pathname,
  /** For localhost and 127.0.0.1. */
  server: pair('server'),
  server2: pair('server2'),
  /** Of the user `sensor-7`. */
  device: pair('device'),
  /** Says `sensor-7` too, by an authority that nobody knows. */
  stranger: pair('stranger'),
};
