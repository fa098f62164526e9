/** An InfluxDB 1.x for a test: on a free port of the loopback interface, with its files in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort } from './programs';

export interface InfluxdbServer extends AsyncDisposable {
  readonly url: string;
}

/** How long InfluxDB may take to start, in milliseconds, on a busy machine. */
const START_MS = 30_000;

/** Path of influxd; undefined if it is not installed and `REQUIRE_INFLUXDB` is not set. */
export function findInfluxdb(): string | undefined {
  const program = findProgram('INFLUXDB_PATH');
  if (program === undefined && process.env['REQUIRE_INFLUXDB'] === '1') {
    throw new Error('REQUIRE_INFLUXDB is set, and there is no influxd on this machine');
  }
  return program;
}

export async function startInfluxdb(program: string): Promise<InfluxdbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'influxdb-'));
  const [port, backupPort] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  await writeFile(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "127.0.0.1:${port}"
log-enabled = false
[monitor]
store-enabled = false
`
  );
  let output = '';
  const child = spawn(program, ['run', '-config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-10_000)));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`influxd has not started: ${output}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  return { url, [Symbol.asyncDispose]: stop };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`)).status === 204;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
