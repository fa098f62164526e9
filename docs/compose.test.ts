import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadStartConfig } from '../broker/config/load';
import { parseOptions } from '../workbench/options';

/** `docker compose up`: the file by the rules of compose-spec, and the script that its container runs, without containers. */
const root = join(import.meta.dirname, '..');
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** The keys that the file uses, of those in schema/compose-spec.json, with the type of each. */
const SERVICE_KEYS: Record<string, (value: unknown) => boolean> = {
  image: (value) => typeof value === 'string',
  command: isStrings,
  init: (value) => typeof value === 'boolean',
  volumes: isStrings,
  ports: isStrings,
  healthcheck: (value) =>
    isObject(value) && Object.keys(value).every((key) => ['test', 'interval', 'retries', 'timeout'].includes(key)),
  depends_on: (value) =>
    isObject(value) && Object.values(value).every((each) => isObject(each) && each['condition'] === 'service_healthy'),
  environment: (value) =>
    isObject(value) && Object.values(value).every((each) => ['string', 'number'].includes(typeof each)),
};

interface Service {
  image: string;
  command?: string[];
  volumes: string[];
  ports: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, unknown>;
  healthcheck: { test: string[]; interval: string; retries: number };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** Replaces `${NAME:-default}` by the default, as compose does without variables. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

const compose = parse(withDefaults(await read('docker-compose.yaml'))) as {
  name: string;
  services: Record<'broker' | 'grafana', Service>;
  volumes: Record<string, unknown>;
};
const { broker, grafana } = compose.services;

describe('docker-compose.yaml', () => {
  test('has only keys of compose-spec, with their types', () => {
    expect(Object.keys(compose)).toEqual(['name', 'services', 'volumes']);
    expect(compose.name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    for (const [name, service] of Object.entries(compose.services)) {
      for (const [key, value] of Object.entries(service)) {
        expect({ name, key, valid: SERVICE_KEYS[key]?.(value) }).toEqual({ name, key, valid: true });
      }
    }
  });

  test('declares each volume that it mounts, and mounts this folder read-only', () => {
    const mounts = [...broker.volumes, ...grafana.volumes].map((mount) => mount.split(':'));
    for (const [source, target, mode] of mounts) {
      expect(target).toMatch(/^\//);
      if (source.startsWith('.')) {
        expect({ source, mode }).toEqual({ source, mode: 'ro' });
      } else {
        expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
    expect(mounts.some(([source]) => source === '.')).toBe(true);
  });

  test('takes other ports than npm start, on loopback only', () => {
    const published = [...broker.ports, ...grafana.ports].map((port) => /^127\.0\.0\.1:(\d+):(\d+)$/.exec(port));
    expect(published.map((port) => port?.[2])).toEqual(['1883', '9001', '3000']);
    const { port, tcpPort, wsPort } = parseOptions([]);
    const own = published.map((each) => Number(each?.[1]));
    expect(own.filter((each) => [port, tcpPort, wsPort].includes(each))).toEqual([]);
    expect(new Set(own).size).toBe(3);
  });

  test('starts Grafana when the broker is healthy, and waits for both', () => {
    expect(grafana.depends_on).toEqual({ broker: { condition: 'service_healthy' } });
    for (const { healthcheck } of [broker, grafana]) {
      expect(healthcheck.test[0]).toBe('CMD');
      expect(healthcheck.interval).toMatch(/^\d+s$/);
    }
    expect(broker.healthcheck.retries).toBeGreaterThanOrEqual(300);
  });

  test('has a Grafana that the plugin supports, and loads the plugin from its folder', async () => {
    const { id, dependencies } = JSON.parse(await read('plugin.json')) as {
      id: string;
      dependencies: { grafanaDependency: string };
    };
    const number = (version: string): number => {
      const [major, minor] = version.split('.');
      return Number(major) * 1_000 + Number(minor);
    };
    const [, version] = /^grafana\/grafana:(\d+\.\d+\.\d+)$/.exec(grafana.image)!;
    expect(number(version)).toBeGreaterThanOrEqual(number(dependencies.grafanaDependency.replace('>=', '')));
    expect(grafana.volumes).toContain(`plugin:/var/lib/grafana/plugins/${id}:ro`);
    expect(grafana.environment).toMatchObject({ GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS: id });
  });

  test('provisions data sources of both access modes, whose variables Grafana has', async () => {
    const text = await read('provisioning/datasources/mqtt.yaml');
    const names = [...text.matchAll(/\$(\w+)/g)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(['MQTT_PROXY_TOKEN', 'MQTT_WS_PORT']);
    const variables = grafana.environment!;
    const { datasources } = parse(text.replaceAll(/\$(\w+)/g, (_, name: string) => variables[name])) as {
      datasources: Array<{ access: string; url: string; secureJsonData?: object }>;
    };
    expect(datasources.map(({ access }) => access)).toEqual(['direct', 'proxy']);
    const [direct, proxy] = datasources;
    // The port at which compose publishes the listener, and the one in its own network
    expect(direct.url).toBe(`ws://localhost:${/:(\d+):9001$/.exec(broker.ports[1])![1]}/mqtt`);
    expect(proxy.url).toBe('http://broker:9001/mqtt');
    expect(proxy.secureJsonData).toEqual({ httpHeaderValue1: 'Bearer demo' });
  });

  test('provisions the dashboards that the plugin ships, and has one of them as its home', async () => {
    const { providers } = parse(await read('provisioning/dashboards/dashboards.yaml')) as {
      providers: Array<{ options: { path: string } }>;
    };
    const [{ options }] = providers;
    const plugin = grafana.volumes.find((volume) => volume.startsWith('plugin:'))!.split(':')[1];
    expect(options.path).toBe(`${plugin}/dashboards`);
    const home = grafana.environment!['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'];
    const { includes } = JSON.parse(await read('plugin.json')) as { includes: Array<{ path: string }> };
    expect(includes.map(({ path }) => `${plugin}/${path}`)).toContain(home);
  });
});

describe('the script of the broker', () => {
  test('starts a broker with history and sensors, by options that the broker has', async () => {
    const script = await read('provisioning/broker/start.sh');
    const [, text] = /broker\/cli\/broker\.ts ([\s\S]*)$/.exec(script)!;
    const args = text
      .replaceAll('\\\n', ' ')
      .trim()
      .split(/\s+/)
      .map((each) => each.replaceAll(/['"]/g, ''));
    const config = await loadStartConfig(
      args.map((each) => each.replace('$DATA', '/data')),
      {}
    );
    expect(config).toMatchObject({
      host: '0.0.0.0',
      allowAnonymous: true,
      data: '/data',
      sensors: ['home', 'factory', 'energy', 'sparkplug'],
      sensorPast: 3_600,
      sysTopics: true,
      sysInterval: 2,
      history: { filters: ['#'], age: 21_600, messages: 50_000 },
    });
  });

  test('writes nothing into the source, installs only what has changed, and leaves nothing of an older plugin', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mqttstream-compose-'));
    try {
      const path = (name: string): string => join(folder, name);
      const log = path('log');
      const shim = async (name: string, text: string): Promise<void> => {
        await writeFile(path(`bin/${name}`), `#!/bin/sh\necho "${name} $*" >> ${log}\n${text}\n`);
        await chmod(path(`bin/${name}`), 0o755);
      };
      await Promise.all(
        ['bin', 'source/src', 'source/node_modules/x', 'plugin'].map((each) => mkdir(path(each), { recursive: true }))
      );
      await shim('npm', 'case "$1" in ci) mkdir -p node_modules/y;; run) mkdir -p dist; cp src/* dist;; esac');
      await shim('node', '');
      await writeFile(path('source/package-lock.json'), '{}');
      await writeFile(path('source/src/part-OLD.js'), '1');
      await writeFile(path('plugin/stale.js'), '1');
      const env = {
        PATH: `${path('bin')}:${process.env['PATH']}`,
        SOURCE: path('source'),
        APP: path('app'),
        PLUGIN: path('plugin'),
        DATA: path('data'),
      };
      const run = (): Promise<unknown> =>
        promisify(execFile)('sh', [join(root, 'provisioning/broker/start.sh')], { env, cwd: folder });
      const calls = async (): Promise<string[]> => {
        const lines = (await readFile(log, 'utf8')).trim().split('\n');
        await rm(log);
        return lines.map((line) => line.split(' ').slice(0, 3).join(' '));
      };

      await run();
      expect(await calls()).toEqual(['npm ci', 'npm run build', 'node --import tsx']);
      expect(await readdir(path('plugin'))).toEqual(['part-OLD.js']);
      expect(await readdir(path('app/node_modules'))).toEqual(['y']);

      await rm(path('source/src/part-OLD.js'));
      await writeFile(path('source/src/part-NEW.js'), '2');
      await run();
      expect(await calls()).toEqual(['npm run build', 'node --import tsx']);
      expect(await readdir(path('plugin'))).toEqual(['part-NEW.js']);

      await writeFile(path('source/package-lock.json'), '{"lockfileVersion": 3}');
      await run();
      expect(await calls()).toEqual(['npm ci', 'npm run build', 'node --import tsx']);
      expect((await readdir(path('source'), { recursive: true })).toSorted()).toEqual(
        ['node_modules', 'node_modules/x', 'package-lock.json', 'src', 'src/part-NEW.js'].toSorted()
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
