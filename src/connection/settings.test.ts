import type { DataSourceInstanceSettings } from '@grafana/data';
import { describe, expect, test } from 'vitest';
import type { MqttOptions } from '../types';
import {
  authOf,
  connectionOptions,
  discoveryPrefix,
  homieBase,
  poolLimits,
  type PageAddress,
  queryLimits,
  topicRoot,
} from './settings';
import { DEFAULT_OPTIONS } from '../testing/connection-options';

const https: PageAddress = { protocol: 'https:', host: 'grafana.example.com', appSubUrl: '' };
const below: PageAddress = { protocol: 'http:', host: 'host:8080', appSubUrl: '/grafana' };

function settings(
  jsonData: MqttOptions = {},
  url = 'wss://broker/mqtt',
  access: DataSourceInstanceSettings['access'] = 'direct'
) {
  return { url, access, jsonData };
}

describe('the URL', () => {
  test.each([
    ['direct', 'wss://broker:8084/mqtt', https, 'wss://broker:8084/mqtt'],
    ['direct', ' ws://broker ', below, 'ws://broker'],
    ['direct', '/mqtt', https, 'wss://grafana.example.com/mqtt'],
    ['direct', '/mqtt', below, 'ws://host:8080/mqtt'],
    ['direct', 'https://broker/mqtt', https, 'wss://broker/mqtt'],
    ['proxy', '/api/datasources/proxy/uid/u', https, 'wss://grafana.example.com/api/datasources/proxy/uid/u'],
    ['proxy', '/api/datasources/proxy/uid/u', below, 'ws://host:8080/grafana/api/datasources/proxy/uid/u'],
    ['direct', '  ', https, ''],
  ] as const)('%s %j on %o is %s', (access, url, page, opened) => {
    expect(connectionOptions(settings({}, url, access), page).url).toBe(opened);
  });
});

test('what is not set has its default', () => {
  expect(connectionOptions(settings(), https)).toEqual({
    ...DEFAULT_OPTIONS,
    url: 'wss://broker/mqtt',
  });
});

test.each([
  [{ sparkplugRebirth: true }, true],
  [{ sparkplugRebirth: false }, undefined],
  // A setting that allows publishing must be set explicitly.
  [{ sparkplugRebirth: 'false' }, undefined],
  [{ sparkplugRebirth: 1 }, undefined],
])('%j: asks for rebirths: %s', (jsonData, asks) => {
  expect(connectionOptions(settings(jsonData as MqttOptions), https).sparkplugRebirth).toBe(asks);
});

test.each([
  [{ protocol: '5' }, { protocolVersion: 5 }],
  // YAML's own number.
  [{ protocol: 5 }, { protocolVersion: 5 }],
  [{ protocol: '3.1.1' }, { protocolVersion: 4 }],
  [{ protocol: 'auto' }, { protocolVersion: 'auto' }],
  [{ clientIdPrefix: '' }, { clientIdPrefix: 'grafana' }],
  [
    { clientIdPrefix: 'plant', keepalive: 30, connectTimeout: 10 },
    { clientIdPrefix: 'plant', keepalive: 30, connectTimeout: 10 },
  ],
  [{ cleanStart: false }, { cleanStart: false, sessionExpiry: 300 }],
  [
    { cleanStart: false, sessionExpiry: 60 },
    { cleanStart: false, sessionExpiry: 60 },
  ],
  // A clean start leaves nothing that could expire.
  [{ sessionExpiry: 60 }, { cleanStart: true, sessionExpiry: 0 }],
] as Array<[MqttOptions, object]>)('%j gives %j', (jsonData, options) => {
  expect(connectionOptions(settings(jsonData), https)).toMatchObject(options);
});

test.each([
  [{ keepalive: 100_000 }, { keepalive: 65_535 }],
  [{ keepalive: -5 }, { keepalive: 1 }],
  [{ keepalive: 0 }, { keepalive: 60 }],
  [{ keepalive: '60' }, { keepalive: 60 }],
  [{ keepalive: 'soon' }, { keepalive: 60 }],
  [{ connectTimeout: 0 }, { connectTimeout: 1 }],
  [{ connectTimeout: '7' }, { connectTimeout: 7 }],
  [{ connectTimeout: 3_600 }, { connectTimeout: 60 }],
  [{ cleanStart: false, sessionExpiry: -1 }, { sessionExpiry: 1 }],
  [{ cleanStart: false, sessionExpiry: 1e12 }, { sessionExpiry: 86_400 }],
  [{ clientIdPrefix: 42 }, { clientIdPrefix: '42' }],
  [{ username: 1, password: 23 }, { credentials: { username: '1', password: '23' } }],
] as Array<[object, object]>)('what a provisioning file may say, %j, gives %j', (jsonData, options) => {
  expect(connectionOptions(settings(jsonData), https)).toMatchObject(options);
});

describe('credentials', () => {
  test.each([
    [{}, 'none', {}],
    [{ auth: 'none', username: 'left', password: 'over' }, 'none', {}],
    [{ username: 'u', password: 'p' }, 'shared', { username: 'u', password: 'p' }],
    [{ auth: 'shared', username: 'u' }, 'shared', { username: 'u' }],
    [{ auth: 'shared', username: '', password: '' }, 'shared', {}],
    [{ auth: 'viewer', username: 'suggested' }, 'viewer', 'request'],
    [{ auth: 'token', tokenUrl: 'https://auth/token' }, 'token', 'request'],
  ] as Array<[MqttOptions, string, unknown]>)('%j are %s: %j', (jsonData, auth, credentials) => {
    expect(authOf(jsonData)).toBe(auth);
    expect(connectionOptions(settings(jsonData), https).credentials).toEqual(credentials);
  });
});

test('limits', () => {
  expect(poolLimits(settings())).toEqual({
    lingerMs: 30_000,
    memoryBytes: 64_000_000,
  });
  const limits = { levels: 10, items: 16, fields: 500, rows: 10_000 };
  expect(queryLimits(settings())).toEqual({ maxRows: 100_000, limits });
  expect(queryLimits(settings({ maxRows: 500, maxAge: 60 }))).toMatchObject({ maxRows: 500, maxAgeMs: 60_000 });
  expect(queryLimits(settings({ maxRows: 0, maxAge: 0 }))).not.toHaveProperty('maxAgeMs');
  expect(queryLimits(settings({ maxRows: 0, maxAge: 0 })).maxRows).toBe(100_000);
  expect(queryLimits(settings({ maxRows: 1e9 })).maxRows).toBe(100_000);
  expect(
    queryLimits(settings({ maxSeries: 2_000, maxFields: 0, maxLevels: 1_000, maxListItems: 0, maxPayloadRows: 5 }))
  ).toMatchObject({ maxSeries: 2_000, limits: { levels: 100, items: 0, fields: 1, rows: 5 } });
  const quoted: object = { linger: '5', memory: '1000000', maxRows: '500', maxAge: '1e9' };
  expect(poolLimits(settings(quoted))).toEqual({ lingerMs: 5_000, memoryBytes: 4_096_000_000 });
  expect(queryLimits(settings(quoted))).toMatchObject({ maxRows: 500, maxAgeMs: 604_800_000 });
  expect(poolLimits(settings({ linger: -1, memory: 0 }))).toEqual({ lingerMs: 0, memoryBytes: 1_000_000 });
});

test.each([
  [undefined, '#'],
  ['', '#'],
  [' ', '#'],
  [' home/# ', 'home/#'],
  [true as never, '#'],
])('the topic root of %j is %j', (root, filter) => {
  expect(topicRoot(settings({ topicRoot: root }))).toBe(filter);
});

test.each([
  [undefined, undefined],
  ['', undefined],
  [' ', undefined],
  ['/', undefined],
  ['homeassistant', 'homeassistant'],
  [' homeassistant/ ', 'homeassistant'],
  ['site/ha', 'site/ha'],
  [true as never, undefined],
])('the discovery prefix, and the Homie base topic, of %j is %j', (discovery, prefix) => {
  expect(discoveryPrefix(settings({ discovery }))).toBe(prefix);
  expect(homieBase(settings({ homie: discovery }))).toBe(prefix);
});
