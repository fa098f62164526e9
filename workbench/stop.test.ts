import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ROOT } from './paths';

/** npm may take some seconds to start on a busy machine. */
const WITHIN_MS = 20_000;

/** A program that ends as `npm start` does. It prints its process id, and `closed` when it has closed everything. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { stopOnSignal } from ${JSON.stringify(path.join(ROOT, 'workbench/stop.ts'))};
  const server = createServer().listen(0, '127.0.0.1', () => console.log('pid ' + process.pid));
  stopOnSignal([
    () => console.log('closed'),
    async () => void server.close(),
    () => process.argv.includes('--fails') && Promise.reject(new Error('it does not close')),
    () => process.argv.includes('--hangs') && new Promise(() => {}),
  ]);
`;

// npm on Windows knows neither the shell nor the signals.
describe.skipIf(process.platform === 'win32')('a signal to npm ends all that it has started', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'workbench-stop-'));
    const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    // The scripts of this repository, with the program instead of theirs
    const own = Object.entries(scripts).map(([name, script]) => [
      name,
      script.replace(/(workbench|broker)\/\S+\.ts/, 'program.mts'),
    ]);
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ scripts: Object.fromEntries(own) as object }));
    await writeFile(path.join(folder, 'program.mts'), PROGRAM);
    await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Starts a script, sends npm the signal, and waits until the script has ended, too. */
  async function stopped(script: string, signal: NodeJS.Signals, ...args: string[]): Promise<string> {
    const npm = spawn('npm', ['run', script, '--', ...args], { cwd: folder, detached: true });
    let output = '';
    npm.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    npm.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    // Not before every process that writes to it has ended
    const ended = once(npm.stdout, 'close').then(() => true);
    const late = (text: string) => new Error(`${text}: ${output}`);
    const deadline = setTimeout(() => kill(npm.pid), WITHIN_MS);
    try {
      while (!/pid \d+/.test(output)) {
        await Promise.race([once(npm.stdout, 'data'), ended.then(() => Promise.reject(late('It has not started')))]);
      }
      npm.kill(signal);
      await ended;
      return output;
    } finally {
      clearTimeout(deadline);
      kill(npm.pid);
    }
  }

  it.each([
    ['start', 'SIGTERM'],
    ['start', 'SIGINT'],
    ['start', 'SIGHUP'],
    ['start', 'SIGKILL'],
    ['dev', 'SIGTERM'],
    ['broker', 'SIGTERM'],
    ['historian', 'SIGTERM'],
  ] as const)('npm run %s, %s', async (script, signal) => {
    expect(await stopped(script, signal)).toMatch(/^closed$/m);
  });

  it('closes the rest if one cannot be closed', async () => {
    const output = await stopped('start', 'SIGTERM', '--fails');
    expect(output).toMatch(/^it does not close$/m);
    expect(output).toMatch(/^closed$/m);
  });

  it('does not wait for ever', async () => {
    expect(await stopped('start', 'SIGTERM', '--hangs')).not.toMatch(/^closed$/m);
  });
});

/** Kills a process group, if it has not ended. */
function kill(group: number | undefined): void {
  try {
    process.kill(-(group ?? NaN), 'SIGKILL');
  } catch {
    // It has ended.
  }
}
