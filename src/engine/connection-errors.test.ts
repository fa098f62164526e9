import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { refusesVersion } from './broker-quirks/missing-connack';
import { connectionErrorOf, type ConnectionTrace } from './connection-errors';
import { type ConnectionErrorCode, ERROR_CODES, errorCode } from './error-codes';

const base: ConnectionTrace = { url: 'ws://broker:9001/mqtt', protocolVersion: 5, opened: false, connected: false };
/** The broker had accepted a connection with the same settings. */
const before: Partial<ConnectionTrace> = { connectedBefore: true };
const opened: Partial<ConnectionTrace> = { opened: true };
const stood: Partial<ConnectionTrace> = { opened: true, connected: true };

describe('connectionErrorOf', () => {
  test.each<Partial<ConnectionTrace>>([
    { closeCode: 1006 },
    { timedOut: true },
    { ...opened, closeCode: 1006 },
    { ...opened, timedOut: true },
    { ...opened, violation: 'it sent a text frame' },
    { ...opened, credentials: true, closeCode: 1002 },
    { ...stood, closeCode: 1006 },
    { ...stood, keepaliveTimeout: true },
  ])('of a broker that accepted a connection before says nothing of host name, port and path: %o', (seen) => {
    const error = connectionErrorOf({ ...base, ...before, ...seen });
    expect(error.message).not.toMatch(/\b(port|path|host|listener)\b/i);
    expect(error.message).toContain(base.url);
    expect(error.connectedBefore ?? seen.connected).toBe(true);
  });

  test.each<[string, Partial<ConnectionTrace>, string, RegExp]>([
    ['a port nobody listens on', { closeCode: 1006 }, 'unreachable', /^Cannot reach .*not the TCP port 1883/],
    ['a host that does not answer', { timedOut: true }, 'timeout', /does not answer\..*firewall/],
    ['a setting that does not fit into a packet', { unsendable: 'Invalid keepalive' }, 'setting', /Invalid keepalive/],
    ['a broker that is gone', { ...before, closeCode: 1006 }, 'unreachable', /^Cannot reach .* any more\. .*running/],
    ['a network that is gone', { ...before, timedOut: true }, 'timeout', /no longer answers\..*network/],
    [
      'a proxy whose broker is gone',
      { ...before, ...opened, closeCode: 1006 },
      'not-mqtt',
      /the MQTT broker no longer answers\. .*behind/,
    ],
    [
      'a proxy whose broker hangs',
      { ...before, ...opened, timedOut: true },
      'not-mqtt',
      /the MQTT broker no longer answers in time/,
    ],
    [
      'a password that was changed',
      { ...before, ...opened, credentials: true, closeCode: 1002 },
      'hung-up',
      /after it received the credentials, although it accepted a connection before.*have changed/,
    ],
    ['a web server that is not MQTT', { ...opened, closeCode: 1006 }, 'not-mqtt', /no MQTT broker answered/],
    ['a WebSocket that stays silent', { ...opened, timedOut: true }, 'not-mqtt', /no MQTT broker answered in time/],
    ['a server that sends text', { ...opened, violation: 'it sent a text frame' }, 'not-mqtt', /text frame/],
    ['a wrong password', { ...opened, refusal: 4 }, 'refused', /user name or password/],
    [
      'a password that is hung up on',
      { ...opened, credentials: true, closeCode: 1002 },
      'hung-up',
      /closed the connection after it received the credentials/,
    ],
    ['garbage for an answer', { ...opened, credentials: true, violation: 'garbage' }, 'not-mqtt', /no MQTT broker/],
    ['silence for an answer', { ...opened, credentials: true, timedOut: true }, 'not-mqtt', /in time/],
    ['no rights (MQTT 5)', { ...opened, refusal: 0x87 }, 'refused', /not authorized/],
    ['another way of authentication', { ...opened, refusal: 0x8c }, 'refused', /another authentication method/],
    [
      'a client id that is not accepted',
      { ...opened, refusal: 2 },
      'client-id-invalid',
      /does not accept the client id/,
    ],
    ['a version that is not spoken', { ...opened, refusal: 0x84 }, 'version', /this version of MQTT/],
    ['a ban', { ...opened, refusal: 0x8a }, 'banned', /banned/],
    ['a broker that is busy', { ...opened, refusal: 0x89 }, 'busy', /busy/],
    ['a broker that is not there yet', { ...opened, refusal: 3 }, 'busy', /not available at the moment/],
    ['too many connections', { ...opened, refusal: 0x9f }, 'busy', /too many connections/],
    ['a quota', { ...opened, refusal: 0x97 }, 'quota', /quota/],
    [
      'another server',
      { ...opened, refusal: 0x9d, serverReference: 'other:443' },
      'moved',
      /names another server: other:443/,
    ],
    [
      'a refusal in the broker’s own words',
      { ...opened, refusal: 0x83, reasonString: 'no MQTT today' },
      'rejected',
      /"no MQTT today"/,
    ],
    ['an unknown reason', { ...opened, refusal: 0xfe }, 'rejected', /reason code is 0xFE/],
    ['a broker that stopped', { ...stood, closeCode: 1001 }, 'shutdown', /shutting down/],
    ['a broker that says so', { ...stood, disconnect: 0x8b }, 'shutdown', /shutting down/],
    ['a cable pulled', { ...stood, closeCode: 1006 }, 'lost', /went away/],
    ['a broker that closed it', { ...stood, closeCode: 1000 }, 'lost', /the broker closed the connection/],
    ['a code of somebody’s own', { ...stood, closeCode: 4001 }, 'lost', /code 4001/],
    ['a half-open socket', { ...stood, keepaliveTimeout: true }, 'silent', /stopped answering/],
    ['a keepalive missed', { ...stood, disconnect: 0x8d }, 'silent', /longer than the keepalive/],
    ['a client id taken over (MQTT 5)', { ...stood, disconnect: 0x8e }, 'client-id', /same client id/],
    [
      'a client id fought over (MQTT 3.1.1)',
      { ...stood, closeCode: 1006, quickLosses: 3 },
      'client-id',
      /3 times in a row/,
    ],
    ['a loss that may be chance', { ...stood, closeCode: 1006, quickLosses: 2 }, 'lost', /went away/],
    [
      'an administrator',
      { ...stood, disconnect: 0x98, reasonString: 'maintenance' },
      'kicked',
      /an administrator of the broker.*"maintenance"/,
    ],
    ['messages too fast', { ...stood, disconnect: 0x96 }, 'quota', /faster than the broker allows/],
    ['a goodbye without a reason', { ...stood, disconnect: 0 }, 'lost', /the broker closed the connection/],
    ['rights that were taken away', { ...stood, disconnect: 0x87 }, 'refused', /not authorized/],
    ['a message too large', { ...stood, tooLarge: 20_000_005 }, 'too-large', /20 MB/],
    ['garbage', { ...stood, violation: 'Cannot parse topic' }, 'protocol', /Cannot parse topic/],
    [
      'RabbitMQ, a filter that is not allowed',
      { ...stood, closeCode: 1002, closeReason: 'access_refused', pending: ['a/#'] },
      'lost',
      /subscribed to "a\/#" \("access_refused"\)/,
    ],
    [
      'RabbitMQ, rights that were taken away',
      { ...stood, closeCode: 1002, closeReason: 'access_refused' },
      'lost',
      /access rules of the broker.*\("access_refused"\)/,
    ],
    [
      'RabbitMQ, a wrong password',
      { ...opened, credentials: true, closeCode: 1002, closeReason: 'unauthenticated' },
      'refused',
      /does not accept the user name or the password \("unauthenticated"\)/,
    ],
    [
      'RabbitMQ, a client id that it does not accept',
      { ...opened, closeCode: 1002, closeReason: 'invalid_client_id' },
      'client-id-invalid',
      /does not accept the client id/,
    ],
    [
      'RabbitMQ, a client id fought over, whatever the code',
      { ...stood, closeCode: 1000, closeReason: 'MQTT died', quickLosses: 3 },
      'client-id',
      /3 times in a row/,
    ],
    ['RabbitMQ, a single end', { ...stood, closeCode: 1000, closeReason: 'MQTT died' }, 'lost', /\("MQTT died"\)/],
    [
      'NATS, a client id taken over',
      { ...stood, clientId: 'tab-1', closeCode: 1011, closeReason: 'Duplicate Client ID' },
      'client-id',
      /the same client id \(tab-1\): another client connected.*\("Duplicate Client ID"\)/,
    ],
    [
      'NATS, a message too large',
      { ...stood, closeCode: 1009, closeReason: 'Maximum Message Payload Exceeded' },
      'too-large',
      /"Maximum Message Payload Exceeded"/,
    ],
    [
      'NATS, a wrong password',
      { ...opened, credentials: true, closeCode: 1008, closeReason: 'Authentication Failure' },
      'refused',
      /"Authentication Failure"/,
    ],
    [
      'ActiveMQ, a message too large',
      { ...stood, closeCode: 1009, closeReason: 'Binary message size [70017] exceeds maximum size [65536]' },
      'too-large',
      /exceeds maximum size \[65536\]/,
    ],
    [
      'amqtt, a message too large',
      { ...stood, closeCode: 1011, closeReason: 'frame with 1100017 bytes exceeds limit of 1048576 bytes' },
      'too-large',
      /limit of 1048576 bytes/,
    ],
    [
      'a broker of any close code that hangs up on a filter',
      { ...stood, closeCode: 1002, pending: ['a/#'] },
      'lost',
      /subscribed to "a\/#"/,
    ],
    [
      'a broker of any close code that sends the client away soon, again and again',
      { ...stood, closeCode: 1011, quickLosses: 3 },
      'client-id',
      /3 times in a row/,
    ],
    [
      'a broker that hangs up on a filter',
      { ...stood, closeCode: 1006, pending: ['a/#'] },
      'lost',
      /subscribed to "a\/#"/,
    ],
  ])('tells %s', (_, seen, code, message) => {
    const error = connectionErrorOf({ ...base, ...seen });
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(base.url);
  });

  test('gives what was seen as details', () => {
    expect(connectionErrorOf({ ...base, closeCode: 1006 }).details).toBe('WebSocket closed with code 1006');
    expect(connectionErrorOf({ ...base, ...opened, refusal: 0x87, reasonString: 'no' }).details).toBe(
      'MQTT 5, CONNACK 0x87, "no"'
    );
    expect(connectionErrorOf({ ...base, timedOut: true }).details).toBeUndefined();
  });
});

test('the refusal of a broker without MQTT 5 is distinguished from other refusals', () => {
  const does = (seen: Partial<ConnectionTrace>): boolean => refusesVersion({ ...base, ...seen });
  expect(does({ ...opened, refusal: 1 })).toBe(true);
  expect(does({ ...opened, refusal: 0x84 })).toBe(true);
  expect(does({ ...opened, closeCode: 1006 })).toBe(true);
  expect(does({ ...opened, timedOut: true })).toBe(false);
  expect(does({ ...opened, refusal: 5 })).toBe(false);
  expect(does({ ...stood, closeCode: 1006 })).toBe(false);
  expect(does({ closeCode: 1006 })).toBe(false);
});

test('troubleshooting has the cause and the cure of every code', () => {
  const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  expect(Object.keys(ERROR_CODES).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
});

describe('codes', () => {
  const codes = Object.keys(ERROR_CODES) as ConnectionErrorCode[];

  test('of errors that credentials could mend are retried late, and never because a page wakes up', () => {
    const about = codes.filter((code) => errorCode(code).aboutCredentials);
    expect(about).toEqual(['hung-up', 'refused']);
    expect(about.every((code) => errorCode(code).retry === 'late' && !errorCode(code).onWake)).toBe(true);
  });

  test('that a waking page leaves alone are those that only somebody can mend', () => {
    expect(codes.filter((code) => !errorCode(code).onWake)).toEqual([
      'setting',
      'credentials',
      'hung-up',
      'version',
      'refused',
      'client-id-invalid',
      'banned',
    ]);
  });

  test('that are retried late or never are named', () => {
    expect(codes.filter((code) => errorCode(code).retry === 'never')).toEqual(['url', 'setting', 'credentials']);
    expect(codes.filter((code) => errorCode(code).retry === 'late')).toEqual([
      'hung-up',
      'version',
      'refused',
      'client-id-invalid',
      'banned',
      'moved',
      'rejected',
      'client-id',
      'kicked',
      'quota',
      'too-large',
    ]);
  });
});
