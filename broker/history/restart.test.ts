/** The command with `--history` and `--data`: over a restart, and over a kill -9. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectClient, until } from '../testing/clients';
import { connectHistory } from '../testing/history-client';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** The command; resolves to what it prints when it runs. */
async function start(...args: string[]): Promise<string> {
  child = spawn(
    process.execPath,
    ['--import', 'tsx', 'broker/cli/broker.ts', '--tcp-port', '0', '--ws-port', '0', ...args],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    }
  );
  let out = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  await until('it to run', () => out.includes('Ctrl-C') || child?.exitCode !== null);
  return out;
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (child?.exitCode === null) {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

const urlIn = (out: string): string => /mqtt:\/\/\S+/.exec(out)?.[0] ?? '';

test('messages published before SIGTERM are in the history afterwards, and the banner names the folder', async () => {
  const history = ['--history', 'home/#', '--data', join(folder, 'data'), '--log-level', 'warn'];
  const first = await start(...history);
  expect(first).toContain(
    `History               home/# (in ${join(folder, 'data', 'history')}); requests on history/request/CLIENT-ID/REQUEST-ID\n`
  );
  {
    await using sensor = await connectClient(urlIn(first));
    for (let n = 0; n < 100; n += 1) {
      await sensor.client.publishAsync('home/a', String(n), { qos: 1 });
    }
    await sensor.client.publishAsync('home/door', 'open', { qos: 1, retain: true });
  }
  await end('SIGTERM');
  expect(child?.exitCode).toBe(0);

  const second = await start(...history);
  {
    await using sensor = await connectClient(urlIn(second));
    // As devices do when they connect again
    await sensor.client.publishAsync('home/door', 'open', { qos: 1, retain: true });
    await sensor.client.publishAsync('home/a', '100', { qos: 1 });
    await using client = await connectHistory(urlIn(second), 'me');
    const { rows, times, truncated } = await client.request({ filters: ['home/#'], from: 0 });
    expect(rows.get('home/a')).toEqual(Array.from({ length: 101 }, (_, n) => String(n)));
    expect(rows.get('home/door')).toEqual(['open']);
    const all = times.get('home/a')!;
    expect(all).toEqual(all.toSorted((one, other) => one - other));
    expect(truncated).toBe(false);
  }
  await end('SIGTERM');

  // Without --history, requests get no response, and there is no status
  const third = await start('--data', join(folder, 'data'), '--log-level', 'warn');
  expect(third).not.toContain('History');
  await using client = await connectHistory(urlIn(third), 'me');
  await client.client.subscribeAsync('#');
  await client.client.publishAsync('history/request/me/1', '{"v":1,"filters":["#"],"from":0}', { qos: 1 });
  await client.client.publishAsync('last', '', { qos: 1 });
  await until('the last', () => client.deliveries.some(({ topic }) => topic === 'last'));
  expect(client.deliveries.map(({ topic }) => topic)).toEqual(['home/door', 'history/request/me/1', 'last']);
});

test('a kill -9 takes what was not written yet, and nothing before it or in the middle', async () => {
  await mkdir(join(root, 'build'), { recursive: true });
  const program = join(root, 'build', `history-kill-child-${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL('../testing/history-kill-child.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  });
  let writes = 0;
  const startChild = async (): Promise<string> => {
    child = fork(program, [join(folder, 'data')]);
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    child.on('message', () => (writes += 1));
    return url;
  };
  let sent = 0;
  let written = 0;
  for (let kill = 0; kill < 3; kill += 1) {
    const url = await startChild();
    await using sensor = await connectClient(url);
    const publish = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        await sensor.client.publishAsync('home/a', String(sent++), { qos: 1 });
      }
    };
    await publish(200);
    written = sent;
    // Two writes: the first may have begun before the last of these came
    for (let round = 0; round < 2; round += 1) {
      const before = writes;
      await publish(1);
      await until('a write', () => writes > before);
    }
    await publish(200);
    await end('SIGKILL');

    const again = await startChild();
    await using client = await connectHistory(again, 'me');
    const { rows } = await client.request({ filters: ['home/a'], from: 0 });
    const numbers = rows.get('home/a')!.map(Number);
    await end('SIGKILL');
    expect(numbers.length).toBeGreaterThanOrEqual(written);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n));
    sent = numbers.length;
  }
  await rm(program, { force: true });
});
