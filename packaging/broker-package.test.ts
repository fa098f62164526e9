import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROKER_PACKAGE, packBroker } from './broker-package';

/**
 * The tarball in an empty project, as `npm install` would put it there: its content, links to the packages that its
 * package.json names, and nothing else of the repository.
 */
const root = join(import.meta.dirname, '..');
const run = promisify(execFile);
// Without the variables of vitest, which other test runners would take for their own
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_)/.test(name)));

interface Manifest {
  version: string;
  bin: Record<string, string>;
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
}

let project: string;
let installed: string;
let manifest: Manifest;
const node = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, args, { cwd: project, env });
const write = (file: string, text: string): Promise<void> => writeFile(join(project, file), text);
const example = (file: string): Promise<string> => readFile(join(root, 'broker/examples', file), 'utf8');

/** Links a package of the repository into the project. */
async function link(name: string): Promise<void> {
  const target = join(project, 'node_modules', name);
  await mkdir(dirname(target), { recursive: true });
  await symlink(join(root, 'node_modules', name), target);
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'mqttstream-project-'));
  const { tarball } = await packBroker(root, join(project, 'packed'));
  installed = join(project, 'node_modules', BROKER_PACKAGE);
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
  manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  await Promise.all([...Object.keys(manifest.dependencies), 'vitest'].map(link));
  await write('package.json', '{"private": true}');
}, 120_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describe('the package', () => {
  test('depends on the tested versions, and on none of Grafana and the browser', async () => {
    const { version, dependencies, devDependencies } = JSON.parse(
      await readFile(join(root, 'package.json'), 'utf8')
    ) as Manifest & { devDependencies: Record<string, string> };
    expect(manifest.version).toBe(version);
    expect({ ...devDependencies, ...dependencies }).toMatchObject(manifest.dependencies);
    expect(manifest.dependencies).toMatchObject({
      aedes: expect.anything() as string,
      ws: expect.anything() as string,
    });
    expect(
      Object.keys(manifest.dependencies).filter((name) => /grafana|react|tsx|esbuild|typescript|vitest/.test(name))
    ).toEqual([]);
  });

  test('has every file that it names, and no sources', () => {
    const paths = JSON.stringify([manifest.exports, manifest.bin]).match(/(?<=":")\.\/[^"]+/g) ?? [];
    expect(paths.length).toBeGreaterThan(12);
    expect(paths.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
    const files = readdirSync(installed, { recursive: true }).map(String);
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|testing\//.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE']));
  });
});

describe('in an empty project', () => {
  test('vitest runs the example of the README', async () => {
    const readme = await readFile(join(installed, 'README.md'), 'utf8');
    const [first] = readme.match(/(?<=```js\n)import[\s\S]*?(?=```)/) ?? [];
    await write('readme.test.mjs', first!);
    const { stdout } = await node('node_modules/vitest/vitest.mjs', 'run', '--reporter=tap-flat');
    expect(stdout).toContain('ok 1 - readme.test.mjs > a thermostat turns the heating on');
    expect(stdout).not.toContain('not ok');
  }, 60_000);

  test('node:test runs the example of the documentation', async () => {
    const source = await example('node-test.example.ts');
    // `using` and `!` are TypeScript's, until Node has them
    const code = source
      .replace('../fixture', `${BROKER_PACKAGE}/fixture`)
      .replace(
        'await using broker = await startBroker();',
        'const broker = await startBroker(); after(() => broker.close());'
      )
      .replace('import { test }', 'import { after, test }')
      .replace('tcp!', 'tcp');
    await write('device.mjs', code);
    const { stdout } = await node('--test', '--test-reporter=tap', 'device.mjs');
    expect(stdout).toContain('# pass 1');
    expect(stdout).toContain('# fail 0');
  });

  test('CommonJS runs the example for jest, and that of the README', async () => {
    await write(
      'jest.cjs',
      (await example('jest.example.cjs')).replace('../fixture/client.cjs', `${BROKER_PACKAGE}/fixture`)
    );
    expect((await node('jest.cjs')).stdout).toBe('passed\n');
    const readme = await readFile(join(installed, 'README.md'), 'utf8');
    const [code] = readme.match(/(?<=```js\n)const assert[\s\S]*?(?=```)/) ?? [];
    await write('readme.cjs', code!);
    expect(await node('readme.cjs')).toEqual({ stdout: '', stderr: '' });
  });

  test('TypeScript checks programs against the declarations, as an ES module and as CommonJS', async () => {
    await write(
      'module.mts',
      `import { startBroker, BrokerError, type Broker } from '${BROKER_PACKAGE}';
import { startBroker as startFixture, type TestBroker } from '${BROKER_PACKAGE}/fixture';
import { startSensors } from '${BROKER_PACKAGE}/sensors';
import { openDiskStorage } from '${BROKER_PACKAGE}/disk';
import { openClusterStorage } from '${BROKER_PACKAGE}/cluster';
import { startStandaloneHistorian } from '${BROKER_PACKAGE}/historian';
const broker: Broker = await startBroker({ tcp: { port: 0 }, storage: await openDiskStorage('store') });
const test: TestBroker = await startFixture({ storage: () => openClusterStorage('redis://127.0.0.1') });
const { text }: { text: string } = await test.message('a', 10);
startSensors(broker.publish, { sets: ['home'] }).stop();
const historian = await startStandaloneHistorian({ url: text, history: { filters: ['#'] } });
await historian.close();
new BrokerError('E_TLS', 'x').code satisfies string;
// @ts-expect-error -- there is no such set, so the declarations are read
startSensors(broker.publish, { sets: ['moon'] });
`
    );
    await write(
      'common.cts',
      `import fixture = require('${BROKER_PACKAGE}/fixture');
async function main(): Promise<string> {
  const broker = await fixture.startBroker({ ws: false });
  const fault: number = await broker.drop({ packets: ['puback'] });
  await broker.clearFault(fault);
  // @ts-expect-error -- a promise
  broker.clients().toFixed();
  return (await broker.message('a')).text;
}
void main();
`
    );
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--lib',
      'es2022,esnext.disposable',
      '--types',
      'node',
    ];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const result = node(tsc, ...options, '--module', 'nodenext', '--skipLibCheck', 'module.mts', 'common.cts');
    await expect(result.catch((error: { stdout: string }) => error)).resolves.toMatchObject({ stdout: '' });
  }, 60_000);

  test('the stores find their packages: that of the disk, and those of Redis', async () => {
    await write(
      'storage.mjs',
      `import { openDiskStorage } from '${BROKER_PACKAGE}/disk';
import { openClusterStorage } from '${BROKER_PACKAGE}/cluster';
const disk = await openDiskStorage('store');
await disk.close();
await openClusterStorage('nonsense').catch((error) => process.stdout.write(error.code));
`
    );
    expect((await node('storage.mjs')).stdout).toBe('E_CLUSTER');
    // Loaded only when Redis is used, which takes seconds to fail.
    const require = createRequire(join(installed, 'cluster.js'));
    expect(() => ['aedes-persistence-redis', 'mqemitter-redis'].map((name) => require.resolve(name))).not.toThrow();
  });

  test('the command starts a broker with sensors without a TypeScript loader, and names itself in its help', async () => {
    const command = join('node_modules', BROKER_PACKAGE, manifest.bin[BROKER_PACKAGE]);
    expect((await node(command, '--help')).stdout).toMatch(/^Usage: npx mqttstream-broker \[options\]/);
    const wrong = await node(command, '--nope').catch((error: { code: number; stderr: string }) => error);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Try: npx mqttstream-broker --help') as string,
    });

    const broker = spawn(process.execPath, [command, '--tcp-port', '0', '--ws-port', '0', '--sensors', 'home'], {
      cwd: project,
      env,
    });
    let output = '';
    for await (const chunk of broker.stdout) {
      output += String(chunk);
      if (output.includes('home/')) {
        break;
      }
    }
    expect(output).toMatch(/mqtt:\/\/127\.0\.0\.1:\d+/);
    broker.kill('SIGTERM');
    expect(await once(broker, 'exit')).toEqual([0, null]);
  });

  test('the historian and the fixture are commands too', async () => {
    const historian = join('node_modules', BROKER_PACKAGE, manifest.bin['mqttstream-historian']);
    expect((await node(historian, '--help')).stdout).toMatch(/^Usage: npx mqttstream-historian --url/);
    const fixture = spawn(
      process.execPath,
      [join('node_modules', BROKER_PACKAGE, manifest.bin['mqttstream-fixture'])],
      {
        cwd: project,
        env,
      }
    );
    const [line] = (await once(fixture.stdout, 'data')) as [Buffer];
    expect(JSON.parse(line.toString())).toMatchObject({
      ready: { ws: { url: expect.stringMatching(/^ws:/) as string } },
    });
    fixture.stdin.end();
    expect(await once(fixture, 'exit')).toEqual([0, null]);
  });
});
