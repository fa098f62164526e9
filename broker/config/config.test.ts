import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../limits';
import { ConfigError } from './check';
import { USAGE } from './help';
import { HISTORIAN_USAGE } from './historian';
import { loadConfig, loadStartConfig, UsageError } from './load';
import { flagOf, SETTINGS, variableOf } from './settings';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broker-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(content: unknown): Promise<string> {
  const path = join(folder, `${String(Math.random()).slice(2)}.yaml`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const DEFAULTS = {
  host: '127.0.0.1',
  tcpPort: 1883,
  wsPort: 9001,
  allowAnonymous: false,
  sysTopics: false,
  sysInterval: 0,
  sensors: [],
  seed: 1,
  sensorRate: 1,
  sensorFaultRate: 1,
  sensorPast: 0,
  history: { root: 'history', age: 86_400, messages: 10_000, bytes: 64 << 20, topics: 10_000 },
  http: { host: '127.0.0.1' },
  log: { level: 'info', format: 'auto' },
  limits: DEFAULT_LIMITS,
};

test('defaults', async () => {
  expect(await loadConfig([])).toEqual(DEFAULTS);
});

/** One value for each setting: as a flag or variable, and in a file. */
const EXAMPLES: Record<string, [text: string, value: unknown]> = {
  listeners: [
    'tls://0.0.0.0:8883?cert=/c.pem&key=/k.pem&ca=/ca.pem&requestCert=true,ws://[::1]:9001?paths=/a',
    [
      { type: 'tls', host: '0.0.0.0', port: 8883, cert: '/c.pem', key: '/k.pem', ca: '/ca.pem', requestCert: true },
      { type: 'ws', host: '::1', port: 9001, paths: ['/a'] },
    ],
  ],
  host: ['::1', '::1'],
  tcpPort: ['0', 0],
  wsPort: ['9002', 9002],
  users: ['/etc/users', '/etc/users'],
  acl: ['/etc/acl', '/etc/acl'],
  allowAnonymous: ['true', true],
  'jwt.secret': ['sesame', 'sesame'],
  'jwt.secretFile': ['/s', '/s'],
  'jwt.publicKey': ['/k', '/k'],
  'jwt.jwks': ['https://example.com/keys', 'https://example.com/keys'],
  'jwt.issuer': ['me', 'me'],
  'jwt.audience': ['you', 'you'],
  'jwt.userClaim': ['name', 'name'],
  sysTopics: ['true', true],
  sysInterval: ['10', 10],
  origins: ['https://a.example,https://b.example', ['https://a.example', 'https://b.example']],
  data: ['/var/lib/broker', '/var/lib/broker'],
  cluster: ['redis://host:6379', 'redis://host:6379'],
  'history.filters': ['home/#,plant/+/speed', ['home/#', 'plant/+/speed']],
  'history.root': ['plant/history', 'plant/history'],
  sensors: ['home,factory', ['home', 'factory']],
  seed: ['42', 42],
  sensorRate: ['0.02', 0.02],
  sensorFaultRate: ['0', 0],
  'http.port': ['8080', 8080],
  'http.host': ['0.0.0.0', '0.0.0.0'],
  'log.level': ['debug', 'debug'],
  'log.format': ['json', 'json'],
};

function valueAt(config: object, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], config);
}

describe.each(SETTINGS.map((setting) => [setting.path, setting] as const))('%s', (path, setting) => {
  const [text, value] = EXAMPLES[path] ?? [String(Number(setting.default) + 0), setting.default];

  test('has the same value by flag, variable and file', async () => {
    expect(valueAt(await loadConfig([], { [variableOf(setting)]: text }), path)).toEqual(value);
    if (!setting.secret) {
      const flag = `--${flagOf(setting)}`;
      expect(valueAt(await loadConfig(setting.value ? [flag, text] : [flag]), path)).toEqual(value);
    }
    const content = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    expect(valueAt(await loadConfig(['--config', await fileWith(content)]), path)).toEqual(value);
  });

  test('is in the help', () => {
    if (setting.secret) {
      expect(USAGE).not.toContain(`--${flagOf(setting)} `);
      expect(USAGE).toContain(variableOf(setting));
    } else {
      expect(USAGE).toContain(`  --${flagOf(setting)}`);
    }
  });
});

test('a flag overrides a variable, and a variable overrides the file', async () => {
  const file = await fileWith('host: "::1"\ntcpPort: 1\nwsPort: 2\nlog:\n  level: warn\n');
  const env = { MQTT_BROKER_CONFIG: file, MQTT_BROKER_TCP_PORT: '10', MQTT_BROKER_WS_PORT: '20' };
  expect(await loadConfig(['--ws-port', '30'], env)).toMatchObject({
    host: '::1',
    tcpPort: 10,
    wsPort: 30,
    log: { level: 'warn', format: 'auto' },
  });
});

test('a past of the sensors needs a history', async () => {
  await expect(loadConfig(['--sensor-past', '3600'])).rejects.toThrow(
    "--sensor-past: This setting needs a history: add --history '#'"
  );
  expect(await loadConfig(['--sensor-past', '3600', '--history', 'home/#'])).toMatchObject({ sensorPast: 3_600 });
  await expect(loadConfig(['--sensor-past', '86401', '--history', '#'])).rejects.toThrow('from 0 to 86400');
});

test('paths in a file are relative to its folder, those on the command line to the working directory', async () => {
  const file = await fileWith({
    users: 'users',
    listeners: [{ type: 'tls', cert: 'c.pem', key: '/k.pem' }],
    jwt: { jwks: 'https://example.com/jwks' },
  });
  expect(await loadConfig(['--config', file, '--acl', 'acl'])).toMatchObject({
    users: join(folder, 'users'),
    acl: 'acl',
    listeners: [{ cert: join(folder, 'c.pem'), key: '/k.pem' }],
    jwt: { jwks: 'https://example.com/jwks' },
  });
});

test('rules may be in the configuration file itself', async () => {
  const acl = [
    { user: 'anna', allow: 'readwrite', topic: 'home/#' },
    { deny: 'all', topic: 'home/safe' },
  ];
  expect(await loadConfig(['--config', await fileWith({ acl })])).toMatchObject({ acl });
});

test('--listen may be repeated', async () => {
  const { listeners } = await loadConfig(['--listen', 'tcp://0.0.0.0', '--listen', 'ws://127.0.0.1:0']);
  expect(listeners).toEqual([
    { type: 'tcp', host: '0.0.0.0' },
    { type: 'ws', host: '127.0.0.1', port: 0 },
  ]);
});

describe('a file that cannot be read is named with its setting', () => {
  const missing = (source: string, file: string): string =>
    `${source}: The file ${file} does not exist. To create it: npm run broker -- passwd ${file} USER`;

  test('by flag, variable and file', async () => {
    await expect(loadStartConfig(['--users', '/nowhere'])).rejects.toThrow(missing('--users', '/nowhere'));
    const env = { MQTT_BROKER_USERS: '/nowhere' };
    await expect(loadStartConfig([], env)).rejects.toThrow(missing('MQTT_BROKER_USERS', '/nowhere'));
    const file = await fileWith({ users: 'nowhere' });
    const inFolder = join(folder, 'nowhere');
    await expect(loadStartConfig(['--config', file])).rejects.toThrow(missing(`${file}: users`, inFolder));
  });

  test('with a command that creates it, also a shared secret', async () => {
    await expect(loadStartConfig(['--jwt-secret-file', '/nowhere'])).rejects.toThrow(
      '--jwt-secret-file: The file /nowhere does not exist. To create it: openssl rand -base64 48 > /nowhere'
    );
  });

  test('a folder is not a file, and a URL or list is not checked', async () => {
    await expect(loadStartConfig(['--acl', folder])).rejects.toThrow(`--acl: ${folder} is a folder, not a file`);
    const file = await fileWith({ acl: [], jwt: { jwks: 'https://example.com/keys' } });
    expect(await loadStartConfig(['--config', file])).toMatchObject({ acl: [] });
  });
});

test('the help fits into 100 columns', () => {
  expect((USAGE + HISTORIAN_USAGE).split('\n').filter((line) => line.length > 100)).toEqual([]);
});

describe('an invalid setting is an error that names its source', () => {
  test.each<[unknown, string]>([
    [
      { listeners: [{ type: 'tcp' }, { type: 'ws', port: 'x' }] },
      'listeners[1].port: Expected a whole number from 0 to 65535, got "x"',
    ],
    [{ listeners: [{ type: 'udp' }] }, 'listeners[0].type: Expected tcp, tls, ws or wss, got "udp"'],
    [{ listeners: [{ port: 1 }] }, 'listeners[0].type: Expected tcp, tls, ws or wss, got nothing'],
    [{ listeners: [{ type: 'tls' }] }, 'listeners[0].cert: Expected a PEM file for tls, got nothing'],
    [
      { listeners: [{ type: 'tcp', paths: ['/a'] }] },
      'listeners[0].paths: This option is for ws and wss only, and the listener is tcp',
    ],
    [
      { listeners: [{ type: 'ws', paths: ['a'] }] },
      'listeners[0].paths[0]: Expected a path that begins with /, got "a"',
    ],
    [{ listeners: [{ type: 'wss', cert: 'c', key: 'k', requestCert: true }] }, 'listeners[0].ca: Expected a PEM file'],
    [{ listeners: [{ type: 'tcp', hots: 'x' }] }, 'listeners[0].hots: Unknown setting; did you mean host?'],
    [{ listeners: 'tcp' }, 'listeners: Expected a list, each a listener such as tcp://127.0.0.1:1883'],
    [{ lisners: [] }, 'lisners: Unknown setting; did you mean listeners?'],
    [{ limits: { packetBites: 1 } }, 'limits.packetBites: Unknown setting; did you mean packetBytes?'],
    [{ limits: { packetBytes: 1 } }, 'limits.packetBytes: Expected a whole number from 64 to 268435460, got 1'],
    [{ limits: 5 }, 'limits: Expected settings by name, got 5'],
    [{ log: { level: 'loud' } }, 'log.level: Expected trace, debug, info, warn, error, fatal or silent, got "loud"'],
    [{ acl: [{ topic: 'a', allow: 'everything' }] }, 'acl[0].allow: Expected read, write, readwrite, subscribe or all'],
    [{ acl: [{ allow: 'read' }] }, 'acl[0].topic: Expected a topic filter, got nothing'],
    [{ sensors: ['home', 'zoo'] }, 'sensors[1]: Expected '],
    [{ allowAnonymous: 'yes' }, 'allowAnonymous: Expected true or false, got "yes"'],
    [{ listeners: [], tcpPort: 1 }, 'tcpPort: This setting is for the two default listeners'],
    [{ data: '/d', cluster: 'redis://x' }, 'data: A cluster stores everything in Redis'],
    [
      { history: { filters: ['a/#/b'] } },
      'history.filters[0]: Expected a topic filter such as home/#, but "a/#/b" has # before the last level',
    ],
    [
      { history: { filters: ['a', '$SYS/#'] } },
      'history.filters[1]: Expected a topic filter such as home/#, but "$SYS/#"',
    ],
    [{ history: { filters: ['a'], root: 'a/+' } }, 'history.root: Expected a topic, but "a/+" contains a wildcard'],
    [{ history: { filters: ['a'], age: 0 } }, 'history.age: Expected a whole number from 1 to 316224000, got 0'],
    [{ history: { filter: ['a'] } }, 'history.filter: Unknown setting; did you mean filters?'],
    [{ history: ['a'] }, 'history: Expected settings by name, got ["a"]'],
    ['just a text', 'Expected settings by name, got "just a text"'],
    ['a: [', 'Flow sequence'],
  ])('%j', async (content, message) => {
    const file = await fileWith(content);
    const failure = loadConfig(['--config', file]);
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(file);
  });

  test.each([
    [['--tcp-port', '70000'], '--tcp-port: Expected a whole number from 0 to 65535, got 70000'],
    [['--tcp-port=-1'], 'got -1'],
    [['--seed', '1.5'], '--seed: Expected a whole number from 0 to 2147483647, got "1.5"'],
    [['--sensors', ''], '--sensors[0]: Expected '],
    [['--listen', 'nonsense'], '--listen[0]: Expected a listener such as'],
    [['--listen', 'tls://h'], '--listen[0].cert: Expected a PEM file for tls, got nothing'],
    [['--config', '/nowhere.yaml'], '--config: The file /nowhere.yaml does not exist'],
  ])('%j', async (args, message) => {
    await expect(loadConfig(args)).rejects.toThrow(message);
  });

  test.each([
    [['--allow-anonymous=yes'], "'--allow-anonymous'"],
    [['extra'], "'extra'"],
    [['--host'], "'--host <value>' argument missing"],
    [['--jwt-secret', 'x'], "'--jwt-secret'"],
  ])('%j is an invalid command line', async (args, message) => {
    await expect(loadConfig(args)).rejects.toThrow(UsageError);
    await expect(loadConfig(args)).rejects.toThrow(message);
  });

  test('variables', async () => {
    await expect(loadConfig([], { MQTT_BROKER_TCP_PORT: 'x' })).rejects.toThrow(
      'MQTT_BROKER_TCP_PORT: Expected a whole number from 0 to 65535, got "x"'
    );
    await expect(loadConfig([], { MQTT_BROKER_TCP_PROT: '1' })).rejects.toThrow(
      'Unknown variable; did you mean MQTT_BROKER_TCP_PORT?'
    );
    // Another program's
    expect(await loadConfig([], { MQTT_BROKER_CLIENT_IMAGE: '1', MQTT_BROKER_HOST: '' })).toEqual(DEFAULTS);
  });
});
