import { describe, expect, test } from 'vitest';
import { type Attempt, faultOf } from './faults';

const base: Attempt = { url: 'ws://broker:9001/mqtt', opened: false, connected: false };

describe('faultOf', () => {
  test.each<[string, Partial<Attempt>, string, RegExp]>([
    ['a port nobody listens on', { closeCode: 1006 }, 'unreachable', /Cannot reach a broker.*not the TCP port 1883/],
    ['a host that does not answer', { timedOut: true }, 'timeout', /No answer.*firewall/],
    ['a web server that is not MQTT', { opened: true, closeCode: 1006 }, 'not-mqtt', /no MQTT broker answered/],
    ['a WebSocket that stays silent', { opened: true, timedOut: true }, 'not-mqtt', /answered on it in time/],
    ['a wrong password', { opened: true, error: { message: '', code: 4 } }, 'refused', /user name or password/],
    ['no rights (MQTT 5)', { opened: true, error: { message: '', code: 135 } }, 'refused', /not authorized/],
    ['an unknown reason', { opened: true, error: { message: '', code: 151 } }, 'refused', /reason code is 151/],
    ['a broker that stopped', { opened: true, connected: true, closeCode: 1001 }, 'lost', /shutting down/],
    ['a cable pulled', { opened: true, connected: true, closeCode: 1006 }, 'lost', /went away/],
    [
      'a half-open socket',
      { opened: true, connected: true, error: { message: 'Keepalive timeout' } },
      'lost',
      /stopped answering/,
    ],
  ])('tells %s', (_, attempt, code, message) => {
    const fault = faultOf({ ...base, ...attempt });
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain(base.url);
  });
});
