import { expect, test } from 'vitest';
import { loginRequirements, banner } from './banner';
import { loadConfig } from '../config/load';
import type { Config } from '../config/settings';
import { CERTIFICATES } from '../testing/certificates';

test('a listener on every address is marked, and the commands use the loopback address', () => {
  const tcp = { type: 'tcp', host: '::', port: 1883, requestedPort: 1883, url: 'mqtt://[::1]:1883' } as const;
  const text = banner({ broker: { tcp, ws: undefined, endpoints: [tcp] }, topics: [], addresses: [] });
  expect(text).toContain('(and on every other address of this machine)');
  expect(text).toContain('mosquitto_pub -h ::1 -p 1883');
  expect(text).not.toContain('Grafana');
});

test('a listener on every address shows the addresses that other machines use', () => {
  const tcp = { type: 'tcp', host: '0.0.0.0', port: 1883, requestedPort: 1883, url: 'mqtt://127.0.0.1:1883' } as const;
  const wss = {
    ...tcp,
    type: 'wss',
    host: '::',
    port: 9443,
    requestedPort: 9443,
    url: 'wss://[::1]:9443/mqtt',
  } as const;
  const local = { ...tcp, type: 'ws', host: '127.0.0.1', url: 'ws://127.0.0.1:9001/mqtt' } as const;
  const addresses = ['192.168.1.10', '10.0.0.3'];
  const lines = banner({ broker: { tcp, ws: wss, endpoints: [tcp, wss, local] }, topics: [], addresses }).split('\n');
  expect(lines[0]).toMatch(/ {3}\(from other machines: mqtt:\/\/192\.168\.1\.10:1883, mqtt:\/\/10\.0\.0\.3:1883\)$/);
  expect(lines[1]).toMatch(/wss:\/\/192\.168\.1\.10:9443\/mqtt, wss:\/\/10\.0\.0\.3:9443\/mqtt\)$/);
  expect(lines[2]).not.toContain('machines');
});

test('TLS listeners are listed, and the command of mosquitto_pub has an option for the authority', () => {
  const tcp = {
    type: 'tls',
    host: '127.0.0.1',
    port: 8883,
    requestedPort: 8883,
    url: 'mqtts://127.0.0.1:8883',
  } as const;
  const ws = { ...tcp, type: 'wss', port: 9443, requestedPort: 9443, url: 'wss://127.0.0.1:9443/mqtt' } as const;
  const text = banner({ broker: { tcp, ws, endpoints: [tcp, ws] }, http: 'http://127.0.0.1:1', topics: [] });
  expect(text).toBe(
    [
      'MQTT over TLS               mqtts://127.0.0.1:8883',
      'MQTT over secure WebSockets wss://127.0.0.1:9443/mqtt',
      'Health and metrics          http://127.0.0.1:1/healthz http://127.0.0.1:1/metrics',
      '',
      'Publish:    mosquitto_pub -h 127.0.0.1 -p 8883 --cafile CA.pem -t home/kitchen/temperature -m 21.5',
      "Subscribe:  mosquitto_sub -h 127.0.0.1 -p 8883 --cafile CA.pem -v -t '#'",
      'Grafana:    URL of the MQTT Stream data source: wss://127.0.0.1:9443/mqtt',
      '',
      'Ctrl-C stops it.',
      '',
    ].join('\n')
  );
});

test.each<[Partial<Config>, string, string]>([
  [{ users: 'users' }, '-u USER -P PASSWORD', ', with a user and its password'],
  [{ jwt: { secret: 'x'.repeat(32) } }, '-u USER -P TOKEN', ', with a user and its token'],
  [{ users: 'users', allowAnonymous: true }, '-t', ''],
  [
    { users: 'users', listeners: [{ type: 'tls', requestCert: true, ...CERTIFICATES.server }] },
    '--cafile CA.pem --cert CLIENT.pem --key CLIENT.key',
    ', with a user and its password',
  ],
])('required credentials are in the commands: %j', async (given, options, suffix) => {
  const type = given.listeners ? 'tls' : 'tcp';
  const tcp = { type, host: '127.0.0.1', port: 1, requestedPort: 1, url: 'mqtt://127.0.0.1:1' } as const;
  const ws = { ...tcp, type: 'ws', url: 'ws://127.0.0.1:2/mqtt' } as const;
  const login = loginRequirements({ ...(await loadConfig([])), ...given });
  const text = banner({ broker: { tcp, ws, endpoints: [] }, topics: [], login });
  expect(text).toContain(`mosquitto_pub -h 127.0.0.1 -p 1 ${options} `);
  expect(text).toContain(`ws://127.0.0.1:2/mqtt${suffix}\n`);
  expect(text.includes('Add a user')).toBe(login.secret === 'password');
});
