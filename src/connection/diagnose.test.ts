import { describe, expect, test } from 'vitest';
import type { ConnectionError, ConnectionErrorCode } from '../engine';
import { diagnose, type BrowserEnvironment } from './diagnose';
import { CspViolations } from './csp-violations';

interface Seen {
  readonly protocol?: string;
  readonly offline?: boolean;
  readonly ping?: number;
  readonly probe?: number | 'answered' | 'silent';
  /** The other scheme, `ws:` or `wss:`, answers at the same address. */
  readonly otherScheme?: true;
  readonly violations?: Array<Partial<SecurityPolicyViolationEvent>>;
}

function page(
  { protocol = 'http:', offline = false, ping = 200, probe = 'silent', otherScheme, violations = [] }: Seen,
  url: string
): BrowserEnvironment {
  const seen = new CspViolations();
  const target = new EventTarget();
  seen.listen(target);
  for (const violation of violations) {
    target.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), { disposition: 'enforce', ...violation }));
  }
  return {
    address: { protocol, host: 'grafana.example.com', appSubUrl: '' },
    violations: seen,
    offline: () => offline,
    ping: () => Promise.resolve(ping),
    probe: (asked) => Promise.resolve(asked === url ? probe : otherScheme === true ? 'answered' : 'silent'),
  };
}

const error = (code: ConnectionErrorCode): ConnectionError => ({ code, message: 'Cannot reach it.' });

interface Case {
  readonly name: string;
  readonly url?: string;
  readonly access?: 'direct' | 'proxy';
  readonly code?: ConnectionErrorCode;
  readonly details?: string;
  readonly connectedBefore?: true;
  readonly seen?: Seen;
  readonly becomes: ConnectionErrorCode;
  readonly words: RegExp;
}

const PROXY = 'ws://grafana.example.com/api/datasources/proxy/uid/u';
const connectSrc = { effectiveDirective: 'connect-src', blockedURI: 'ws://broker:9001/mqtt' };

type Probe = readonly [status: NonNullable<Seen['probe']>, words: RegExp];

/** Responses of the web server in front of Grafana, at a path that it should pass to the broker. */
function ofWebServer(probes: readonly Probe[]): Case[] {
  return probes.map(([probe, words]) => ({
    name: `a path on Grafana's own host that answers ${probe}`,
    url: 'ws://grafana.example.com/mqtt',
    seen: { probe },
    becomes: 'unreachable',
    words,
  }));
}

/** Responses of Grafana's data source proxy. */
function ofProxy(probes: readonly Probe[]): Case[] {
  return probes.map(([probe, words]) => ({
    name: `a proxy that answers ${probe}`,
    access: 'proxy',
    url: PROXY,
    seen: { probe },
    becomes: 'proxy',
    words,
  }));
}

const CASES: Case[] = [
  {
    name: 'ws:// from a page over HTTPS',
    code: 'url',
    seen: { protocol: 'https:' },
    becomes: 'mixed-content',
    words: /mixed content.*wss:\/\/.*Through Grafana/,
  },
  {
    name: 'a policy, in a browser that throws before it reports the violation, or instead',
    code: 'url',
    becomes: 'blocked',
    words: /Content-Security-Policy.*Add ws:\/\/broker:9001 to connect-src/,
  },
  {
    name: 'ws:// to this computer from a page over HTTPS, in a browser that does not allow it',
    code: 'url',
    url: 'ws://localhost:9001/mqtt',
    seen: { protocol: 'https:' },
    becomes: 'mixed-content',
    words: /mixed content/,
  },
  ...['broker:9001', 'http://broker:9001/', 'ws://broker:9001/mqtt#a', 'ws://bro ker'].map((url) => ({
    name: `${url}, which no browser opens`,
    code: 'url' as const,
    url,
    becomes: 'url' as const,
    words: /^Cannot reach it\.$/,
  })),
  {
    name: 'ws:// from a page over HTTPS, in a browser that does not throw',
    seen: { protocol: 'https:' },
    becomes: 'mixed-content',
    words: /mixed content/,
  },
  {
    name: 'ws:// to this computer from a page over HTTPS, which browsers allow',
    url: 'ws://localhost:9001/mqtt',
    seen: { protocol: 'https:' },
    becomes: 'unreachable',
    words: /localhost is the computer that this browser runs on/,
  },
  {
    name: 'a policy that does not name the broker',
    seen: { violations: [connectSrc] },
    becomes: 'blocked',
    words: /Content-Security-Policy.*Add ws:\/\/broker:9001 to connect-src/,
  },
  {
    name: 'a policy that was violated by somebody else',
    seen: {
      violations: [
        { ...connectSrc, blockedURI: 'ws://broker:9002/' },
        { ...connectSrc, disposition: 'report' },
      ],
    },
    becomes: 'unreachable',
    words: /^Cannot reach it\.$/,
  },
  { name: 'no network', seen: { offline: true }, becomes: 'unreachable', words: /no network/ },
  {
    name: 'the TCP port',
    url: 'ws://broker:1883/mqtt',
    becomes: 'unreachable',
    words: /port 1883 is usually MQTT over TCP.*RabbitMQ 15675/,
  },
  {
    name: 'the TLS port, which lets the attempt run into its timeout',
    url: 'wss://broker:8883',
    code: 'timeout',
    becomes: 'timeout',
    words: /port 8883 is usually MQTT over TLS/,
  },
  {
    name: 'a web server that opens no WebSocket',
    seen: { probe: 'answered' },
    becomes: 'unreachable',
    words: /^A server answers at ws:\/\/broker:9001\/mqtt, but opens no WebSocket/,
  },
  {
    name: 'EMQX without its path',
    url: 'ws://broker:8083',
    seen: { probe: 'answered' },
    becomes: 'unreachable',
    words: /use the path \/mqtt/,
  },
  { name: 'wss:// on a port without TLS', url: 'wss://broker:8083/mqtt', becomes: 'unreachable', words: /try ws:\/\// },
  {
    name: 'a certificate, perhaps',
    url: 'wss://broker/mqtt',
    becomes: 'unreachable',
    words: /certificate.*https:\/\/broker\/mqtt/,
  },
  {
    name: 'a port that is MQTT, but not at this path',
    code: 'not-mqtt',
    url: 'ws://broker:15675/mqtt',
    becomes: 'not-mqtt',
    words: /uses the path \/ws/,
  },
  {
    name: 'a broker that hangs up instead of refusing',
    code: 'not-mqtt',
    details: 'MQTT 3.1.1, WebSocket closed with code 1002',
    becomes: 'not-mqtt',
    words: /code 1002.*do not accept the user name and password/,
  },
  {
    name: 'a proxy that has lost its broker',
    code: 'not-mqtt',
    details: 'WebSocket closed with code 1006',
    becomes: 'not-mqtt',
    words: /^Cannot reach it\.$/,
  },
  {
    name: 'ws:// to a port that has TLS, which closes plain requests',
    seen: { otherScheme: true },
    becomes: 'unreachable',
    words: /because a server answers there with TLS\. Enter wss:\/\/broker:9001\/mqtt\.$/,
  },
  {
    name: 'ws:// to a port that has TLS, which answers plain requests with an error',
    seen: { probe: 'answered', otherScheme: true },
    becomes: 'unreachable',
    words: /with TLS\. Enter wss:/,
  },
  {
    name: 'wss:// to a port without TLS',
    url: 'wss://broker:9001/mqtt',
    seen: { otherScheme: true },
    becomes: 'unreachable',
    words: /without TLS\. Enter ws:\/\/broker:9001\/mqtt, or the port of the broker that has TLS\.$/,
  },
  {
    name: 'wss:// that answers, beside plain requests',
    url: 'wss://broker:9001/mqtt',
    seen: { probe: 'answered', otherScheme: true },
    becomes: 'unreachable',
    words: /^A server answers at wss:/,
  },
  ...ofWebServer([
    [302, /login.*\(status 302\)/],
    [401, /login.*\(status 401\)/],
    [403, /login.*\(status 403\)/],
    [504, /cannot reach the broker \(status 504\).*Upgrade and Connection.*mosquitto/],
    [404, /has nothing at ws:\/\/grafana\.example\.com\/mqtt.*nginx/],
    [502, /passes ws:\/\/grafana\.example\.com\/mqtt on, but cannot reach the broker/],
    [426, /Upgrade and Connection/],
    [200, /Upgrade and Connection/],
    ['silent', /^The web server does not answer at ws:/],
  ]),
  {
    name: 'an expired session',
    access: 'proxy',
    url: PROXY,
    seen: { ping: 401 },
    becomes: 'session',
    words: /session has expired/,
  },
  {
    name: 'a Grafana that is down',
    access: 'proxy',
    url: PROXY,
    seen: { ping: 0 },
    becomes: 'unreachable',
    words: /^Grafana does not answer/,
  },
  ...ofProxy([
    [302, /wants a login \(status 302\)/],
    [401, /wants a login \(status 401\)/],
    [504, /Upgrade and Connection/],
    [502, /Grafana's server cannot reach the broker/],
    [403, /data_source_proxy_whitelist/],
    [404, /\/mqtt, RabbitMQ uses \/ws/],
    [400, /path.*the credentials that Grafana sends.*Upgrade and Connection/],
    [426, /Upgrade and Connection/],
    [200, /^A server answers through Grafana \(status 200\)/],
    ['silent', /its data source proxy does not/],
  ]),
  {
    name: 'a policy that does not let the engine load',
    code: 'engine',
    seen: { violations: [{ effectiveDirective: 'worker-src', blockedURI: 'https://cdn/engine.js?_cache=1' }] },
    becomes: 'blocked',
    words: /worker-src must allow https:\/\/cdn\/engine.js/,
  },
  { name: 'an engine that is not there', code: 'engine', becomes: 'engine', words: /^Cannot reach it\.$/ },
  {
    name: 'refused credentials, of which the page knows no more',
    code: 'refused',
    seen: { ping: 401 },
    becomes: 'refused',
    words: /^Cannot reach it\.$/,
  },
];

/** The broker had accepted a connection, so host, port and path are right. */
const LATER = (
  [
    { name: 'a broker that is gone', becomes: 'unreachable', words: /^Cannot reach it\.$/ },
    {
      name: 'a broker on the TCP port',
      url: 'ws://broker:1883/mqtt',
      becomes: 'unreachable',
      words: /^Cannot reach it\.$/,
    },
    {
      name: 'a broker without its usual path',
      url: 'ws://broker:8083',
      becomes: 'unreachable',
      words: /^Cannot reach it\.$/,
    },
    {
      name: 'a broker on this computer',
      url: 'ws://localhost:9001/',
      becomes: 'unreachable',
      words: /^Cannot reach it\.$/,
    },
    {
      name: 'a certificate, perhaps',
      url: 'wss://broker/mqtt',
      becomes: 'unreachable',
      words: /may have expired.*https:\/\/broker\/mqtt/,
    },
    { name: 'no network', seen: { offline: true }, becomes: 'unreachable', words: /no network/ },
    {
      name: 'a web server without its broker',
      seen: { probe: 'answered' },
      becomes: 'unreachable',
      words: /opens no WebSocket any more\. .*running/,
    },
    {
      name: 'a broker that is not behind its WebSocket',
      url: 'ws://broker:15675/mqtt',
      code: 'not-mqtt',
      becomes: 'not-mqtt',
      words: /^Cannot reach it\.$/,
    },
    {
      name: 'other credentials',
      url: 'ws://broker:15675/mqtt',
      code: 'hung-up',
      becomes: 'hung-up',
      words: /^Cannot reach it\.$/,
    },
    ...ofWebServer([
      [404, /has nothing at .* any more\. .*changed/],
      [502, /cannot reach the broker any more \(status 502\)\. .*running/],
      [426, /opens no WebSocket any more\. .*running.*changed/],
      ['silent', /does not answer/],
    ]),
    ...ofProxy([
      [502, /Grafana's server cannot reach the broker any more\. .*running/],
      [403, /permission/],
      [404, /deleted/],
      [400, /no WebSocket opens any more\. .*credentials that Grafana sends.*changed/],
      [200, /opens no WebSocket any more\. .*changed/],
      ['silent', /its data source proxy does not/],
    ]),
  ] satisfies Case[]
).map((each: Case): Case => ({ ...each, name: `${each.name}, after a connection`, connectedBefore: true }));

test.each(LATER)(
  'advises nobody to check what was right before: $name',
  async ({ url = 'ws://broker:9001/mqtt', access = 'direct', code = 'unreachable', seen = {} }) => {
    const { message } = await diagnose({ ...error(code), connectedBefore: true }, { url, access }, page(seen, url));
    expect(message.replaceAll(url, '')).not.toMatch(/\b(port|host name|the path|listener|Enter|as seen from)\b/);
  }
);

describe('explains', () => {
  test.each([...CASES, ...LATER])(
    '$name',
    async ({
      url = 'ws://broker:9001/mqtt',
      access = 'direct',
      code = 'unreachable',
      details,
      connectedBefore,
      seen = {},
      becomes,
      words,
    }) => {
      const explained = await diagnose({ ...error(code), details, connectedBefore }, { url, access }, page(seen, url));
      expect(explained.message).toMatch(words);
      expect(explained.code).toBe(becomes);
    }
  );
});
