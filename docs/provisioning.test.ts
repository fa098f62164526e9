import type { DataSourceInstanceSettings, DataSourceJsonData } from '@grafana/data';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkUrl } from '../src/config/url';
import { connectionOptions, queryLimits } from '../src/connection/settings';
import type { MqttOptions, ServerAuthOptions, ServerSecrets } from '../src/types';
import { DEFAULT_OPTIONS } from '../src/testing/connection-options';

/** The settings on the page on provisioning, and their effect. A setting more or less does not compile here. */
const SETTINGS = {
  auth: 'string',
  username: 'string',
  password: 'string',
  tokenUrl: 'string',
  protocol: 'string',
  clientIdPrefix: 'string',
  keepalive: 'number',
  connectTimeout: 'number',
  cleanStart: 'boolean',
  sessionExpiry: 'number',
  sparkplugRebirth: 'boolean',
  messageMemory: 'number',
  restore: 'number',
  history: 'boolean',
  historyTopic: 'string',
  linger: 'number',
  maxRows: 'number',
  maxAge: 'number',
  memory: 'number',
  topicRoot: 'string',
  discovery: 'string',
  homie: 'string',
  maxSeries: 'number',
  maxFields: 'number',
  maxLevels: 'number',
  maxListItems: 'number',
  maxPayloadRows: 'number',
} satisfies Record<Exclude<keyof MqttOptions, keyof DataSourceJsonData>, string>;

const SERVER = {
  tlsAuth: 'boolean',
  tlsAuthWithCACert: 'boolean',
  tlsSkipVerify: 'boolean',
  serverName: 'string',
  oauthPassThru: 'boolean',
} satisfies Record<keyof ServerAuthOptions, string>;

const SECRETS = ['basicAuthPassword', 'tlsCACert', 'tlsClientCert', 'tlsClientKey'] satisfies Array<
  keyof ServerSecrets
>;

interface Provisioned {
  readonly name: string;
  readonly type: string;
  readonly uid: string;
  readonly access: 'direct' | 'proxy';
  readonly url: string;
  readonly basicAuth?: boolean;
  readonly basicAuthUser?: string;
  readonly jsonData?: MqttOptions & Record<string, unknown>;
  readonly secureJsonData?: Record<string, string>;
}

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');
const page = read('configure.md');
const sources = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].flatMap(([, text]) => {
  const { datasources } = parse(text) as { datasources: Provisioned[] };
  return datasources.map((source) => ({ source, text }));
});

const HTTPS = { protocol: 'https:', host: 'grafana.example.com', appSubUrl: '/grafana' };

/**
 * The part of a provisioned data source that Grafana hands to the browser (docs/development/grafana-core.md, The
 * proxy).
 */
function instance({
  uid,
  access,
  url,
  jsonData = {},
}: Provisioned): Pick<DataSourceInstanceSettings<MqttOptions>, 'url' | 'access' | 'jsonData'> {
  return { access, url: access === 'proxy' ? `/api/datasources/proxy/uid/${uid}` : url, jsonData };
}

/** The connection of each example, by its uid. */
const EXPECTED: Record<string, object> = {
  mqtt: { ...DEFAULT_OPTIONS, url: 'wss://broker.example.com:8084/mqtt' },
  'mqtt-path': {
    ...DEFAULT_OPTIONS,
    url: 'wss://grafana.example.com/mqtt',
    protocolVersion: 5,
    cleanStart: false,
    sessionExpiry: 600,
  },
  'mqtt-proxy': { ...DEFAULT_OPTIONS, url: 'wss://grafana.example.com/grafana/api/datasources/proxy/uid/mqtt-proxy' },
  'mqtt-tls': { ...DEFAULT_OPTIONS, url: 'wss://grafana.example.com/grafana/api/datasources/proxy/uid/mqtt-tls' },
  'mqtt-viewer': { ...DEFAULT_OPTIONS, url: 'wss://broker.example.com:8084/mqtt', credentials: 'request' },
  'mqtt-token': { ...DEFAULT_OPTIONS, url: 'wss://broker.example.com:8084/mqtt', credentials: 'request' },
  'mqtt-shared': {
    ...DEFAULT_OPTIONS,
    url: 'wss://broker.example.com:8084/mqtt',
    credentials: { username: 'display', password: 'readable' },
  },
  'mqtt-dollar': { ...DEFAULT_OPTIONS, url: 'wss://grafana.example.com/mqtt', clientIdPrefix: 'a$$b' },
};

describe('examples of provisioning', () => {
  test('there is one for each way', () => {
    expect(sources.map(({ source }) => source.uid).toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(sources.map(({ source, text }) => ({ name: source.name, source, text })))('$name', ({ source, text }) => {
    expect(parse(text)).toMatchObject({ apiVersion: 1 });
    expect(source).toMatchObject({
      type: 'mqttstream-websocket-datasource',
      access: expect.stringMatching(/^(direct|proxy)$/),
    });
    expect(checkUrl(source.url, source.access, HTTPS)).toEqual({});
    expect(connectionOptions(instance(source), HTTPS)).toEqual(EXPECTED[source.uid]);

    const { jsonData = {}, secureJsonData = {} } = source;
    const headers = Object.keys(jsonData).filter((key) => key.startsWith('httpHeaderName'));
    for (const [key, value] of Object.entries(jsonData)) {
      if (!headers.includes(key)) {
        expect({ ...SETTINGS, ...SERVER }).toHaveProperty(key, typeof value);
      }
    }
    const secrets = [...SECRETS, ...headers.map((key) => key.replace('Name', 'Value'))];
    expect(secrets).toEqual(expect.arrayContaining(Object.keys(secureJsonData)));
    // Secrets are not written into the file; and what is no variable has its dollar sign twice.
    for (const value of Object.values(secureJsonData)) {
      expect(value).toMatch(/^(Bearer )?\$[A-Z_]+$/);
    }
    const open = Object.values(secureJsonData).reduce((left, secret) => left.replace(secret, ''), text);
    expect(open.replaceAll('$$', '')).not.toContain('$');
  });

  test('the first has every default that a number or a word can say', () => {
    const [{ source }] = sources;
    expect(queryLimits(instance(source))).toEqual(queryLimits({ ...instance(source), jsonData: {} }));
  });

  test('the table has every setting and no other', () => {
    const section = page.slice(page.indexOf('\n## Provision with YAML\n')).split(/\n## /)[1];
    const rows = section.split('\n').filter((line) => line.startsWith('|'));
    const documented = rows.slice(2).map((row) => /`([^`]+)`/.exec(row)?.[1] ?? row);
    const wanted = [
      'access',
      'url',
      'basicAuth',
      'basicAuthUser',
      ...[...Object.keys(SETTINGS), ...Object.keys(SERVER), 'httpHeaderName1'].map((key) => `jsonData.${key}`),
      ...[...SECRETS, 'httpHeaderValue1'].map((key) => `secureJsonData.${key}`),
    ];
    expect(documented.toSorted()).toEqual(wanted.toSorted());
  });
});

test('the fields of the editor are called on the page as on the screen', () => {
  const folder = join(import.meta.dirname, '../src/config');
  const sections = readdirSync(folder).filter((file) => file.endsWith('.tsx') && !file.includes('.test.'));
  const editor = sections.map((file) => read(`../src/config/${file}`)).join('\n');
  const labels = [...editor.matchAll(/ label="([^"]+)"| label: '([^']+)'/g)].map(([, a, b]) =>
    (a ?? b).replaceAll('’', "'")
  );
  expect(labels.length).toBeGreaterThan(30);
  expect(labels.filter((label) => !page.includes(`**${label}**`) && !page.includes(`## ${label}\n`))).toEqual([]);
});

describe('the provisioned data source of the container', () => {
  test('leads to the broker next to it', () => {
    // Grafana replaces variables; docs/compose.test.ts has their values.
    const text = read('../provisioning/datasources/mqtt.yaml').replaceAll('$MQTT_WS_PORT', '19001');
    const { datasources } = parse(text) as { datasources: Provisioned[] };
    for (const source of datasources) {
      const http = { protocol: 'http:', host: 'localhost:3000', appSubUrl: '' };
      expect(checkUrl(source.url, source.access, http)).toEqual({});
      for (const key of Object.keys(source.jsonData ?? {})) {
        expect({ ...SETTINGS, httpHeaderName1: 'string' }).toHaveProperty(key);
      }
    }
  });
});
