import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { IClientOptions } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseAcl } from '../auth/acl-file';
import { hashPassword } from '../auth/password';
import { startBroker } from '../broker';
import { parsePasswd } from '../cli/passwd';
import { USAGE } from '../config/help';
import { loadConfig } from '../config/load';
import { openStorage, toBrokerOptions } from '../config/to-broker-options';
import { SETTINGS, variableOf } from '../config/settings';
import { DEFAULT_LIMITS } from '../limits';
import { connectClient, until } from '../testing/clients';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const doc = read('../../docs/broker.md');

/** The code blocks of the page in this language. */
const blocks = (language: string): string[] =>
  [...doc.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code);

/** The block whose first line is a comment with this name. */
function named(language: string, name: string): string {
  const block = blocks(language).find((code) => code.startsWith(`# ${name}\n`));
  expect(block, name).toBeDefined();
  return block ?? '';
}

test('the fixture example in docs/broker.md is the test that runs', () => {
  expect(blocks('ts')).toContain(read('../examples/fixture-example.test.ts'));
});

test('docs/broker.md has every option of the command, every setting, and every limit with its default', () => {
  for (const [option] of USAGE.matchAll(/--[a-z-]+/g)) {
    if (!option.startsWith('--limits-')) {
      expect(doc).toContain(option);
    }
  }
  for (const { path } of SETTINGS) {
    expect(doc).toContain(`\`${path.replace('limits.', '')}\``);
  }
  for (const [limit, value] of Object.entries(DEFAULT_LIMITS)) {
    expect(doc).toMatch(new RegExp(`^\\| \`${limit}\` +\\|.*\\| ${value.toLocaleString('en')} +\\|`, 'm'));
  }
  for (const [variable] of doc.matchAll(/MQTT_BROKER_\w+/g)) {
    expect(['MQTT_BROKER_CONFIG', ...SETTINGS.map((setting) => variableOf(setting))]).toContain(variable);
  }
});

/** Splits a command line into words; as much of a shell's rules as the page needs. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare);

describe('command lines', () => {
  const lines = [
    ...blocks('sh').flatMap((code) => code.split('\n').filter((line) => line.startsWith('npm run broker'))),
    ...[...doc.matchAll(/(?:ExecStart=|command: )(.*broker\/cli\/broker\.ts.*)/g)].map(([, line]) => line),
  ];

  test('are found on the page', () => {
    expect(lines.length).toBeGreaterThan(8);
  });

  test.each(lines)('%s', async (line) => {
    const all = words(line);
    const args = all.slice(all.findIndex((word) => word === '--' || word === 'broker/cli/broker.ts') + 1 || all.length);
    if (args[0] === 'passwd') {
      expect(parsePasswd(args.slice(1))).toMatchObject({ file: 'users' });
      return;
    }
    const at = args.indexOf('--config');
    const rest = at < 0 ? args : args.toSpliced(at, 2);
    expect(at < 0 || args[at + 1].endsWith('broker.yaml')).toBe(true);
    expect(await loadConfig(rest)).toBeDefined();
  });
});

test('from nothing to a safe broker, as the page says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'broker-docs-'));
  const at = (name: string): string => join(folder, name);
  const logins = { 'sensor-7': '', anna: ':admin', grafana: ':dashboard' };
  const hash = await hashPassword('secret');
  await writeFile(
    at('users'),
    Object.entries(logins)
      .map(([name, role]) => `${name}:${hash}${role}\n`)
      .join('')
  );
  const acl = blocks('text').find((code) => code.startsWith('# acl\n')) ?? '';
  expect(parseAcl(acl)).toHaveLength(6);
  await writeFile(at('acl'), acl);
  const authority = blocks('sh').find((code) => code.startsWith('openssl')) ?? '';
  await promisify(execFile)('sh', ['-ec', authority], { cwd: folder });
  // Free ports instead of the default ones
  await writeFile(at('broker.yaml'), named('yaml', 'broker.yaml').replaceAll(/port: \d+/g, 'port: 0'));

  const config = await loadConfig(['--config', at('broker.yaml')]);
  const storage = await openStorage(config);
  {
    await using broker = await startBroker({ ...toBrokerOptions(config), storage });
    expect(broker.endpoints.map(({ type }) => type)).toEqual(['tcp', 'tls', 'wss']);
    const as = (username: string): IClientOptions =>
      ({
        username,
        password: 'secret',
        ca: readFileSync(at('ca.pem')),
        servername: 'broker.lan',
        wsOptions: { servername: 'broker.lan' },
      }) as IClientOptions;
    await using grafana = await connectClient(broker.ws!.url, as('grafana'));
    await grafana.client.subscribeAsync('#');
    await using sensor = await connectClient(broker.endpoints[1].url, as('sensor-7'));
    await sensor.client.publishAsync('sensors/sensor-7/temperature', '21.5', { qos: 1, retain: true });
    await until('it to arrive', () => grafana.texts().includes('21.5'));
    await sensor.client.subscribeAsync('commands/sensor-7/#');
    await expect(sensor.client.subscribeAsync('home/#')).rejects.toThrow();
    sensor.client.publish('sensors/other/temperature', '1');
    await until('it to be dropped', () => !sensor.client.connected);
    await expect(connectClient(broker.tcp!.url)).rejects.toThrow();
  }
  await rm(folder, { recursive: true });
});

test('the rules in a configuration file are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'broker-docs-'));
  await writeFile(join(folder, 'rules.yaml'), named('yaml', 'rules.yaml'));
  const config = await loadConfig(['--config', join(folder, 'rules.yaml')]);
  expect(config.acl).toHaveLength(4);
  await rm(folder, { recursive: true });
});

test('the compose file publishes the ports that the configuration listens on, and asks for health where it is', () => {
  const compose = parse(named('yaml', 'compose.yaml')) as {
    services: { broker: { ports: string[]; healthcheck: { test: string[] } } };
  };
  const config = parse(named('yaml', 'broker.yaml')) as {
    listeners: Array<{ host: string; port: number }>;
    http: { port: number };
  };
  const wide = config.listeners.filter(({ host }) => host === '0.0.0.0').map(({ port }) => `${port}:${port}`);
  expect(compose.services.broker.ports).toEqual(wide);
  expect(compose.services.broker.healthcheck.test.join(' ')).toContain(`:${config.http.port}/healthz`);
});

test('docs/development/aedes.md names files that exist', () => {
  const doc = read('../../docs/development/aedes.md');
  const [aedes, redis] = [
    doc.split('## Faults of the Redis packages')[0],
    doc.split('## Faults of the Redis packages')[1],
  ];
  const filesOf = (text: string, cell: RegExp): string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .flatMap((line) => Array.from((line.split(' | ').at(-1) ?? '').matchAll(cell), ([, file]) => file));
  const files = [
    ...filesOf(aedes, /`([\w/-]+\.ts)`/g),
    ...filesOf(redis, /`([\w/-]+\.ts)`/g).map((file) => `storage/redis/${file}`),
  ];
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
});
