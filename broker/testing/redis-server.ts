/** A Redis server for a test: on a free port, in memory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findProgram, freePort } from '../../testing/programs';
import { until } from './clients';
import {
  createEmitter,
  createPersistence,
  type RedisClient,
  type RedisEmitter,
  type RedisOptions,
  type RedisPersistence,
} from '../storage/redis/client';

export interface RedisServer extends AsyncDisposable {
  url: string;
  /** Runs one command and returns the reply. */
  run(...command: string[]): Promise<unknown>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Path of redis-server; undefined if it is not installed and `REQUIRE_REDIS` is not set. */
export function findRedis(): string | undefined {
  const program = findProgram('REDIS_PATH');
  if (program === undefined && process.env['REQUIRE_REDIS'] === '1') {
    throw new Error('REQUIRE_REDIS is set, and there is no redis-server on this machine');
  }
  return program;
}

export async function startRedis(program: string): Promise<RedisServer> {
  const port = await freePort();
  let probe: RedisClient | undefined;
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    let output = '';
    const started = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    child = started;
    started.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await until('Redis', () => /Ready to accept connections/.test(output) || started.exitCode !== null);
    if (started.exitCode !== null) {
      throw new Error(`redis-server ended: ${output}`);
    }
  };
  const stop = async (): Promise<void> => {
    probe?.disconnect();
    probe = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  };
  await start();
  const run = (...[name, ...args]: string[]): Promise<unknown> => {
    if (!probe) {
      const { pubConn, subConn } = createEmitter(where(port));
      subConn.quit().catch(() => {});
      probe = pubConn;
    }
    return probe.call(name, ...args);
  };
  return { url: `redis://127.0.0.1:${port}`, run, start, stop, [Symbol.asyncDispose]: stop };
}

/** mqemitter-redis and aedes-persistence-redis without the patches, for the control tests. */
export function bareParts({ url }: RedisServer): {
  mq: RedisEmitter;
  connection: RedisClient;
  persistence: RedisPersistence;
} {
  const mq = createEmitter(where(Number(new URL(url).port)));
  const connection = mq.pubConn.duplicate();
  return { mq, connection, persistence: createPersistence(connection) };
}

function where(port: number): RedisOptions {
  return { host: '127.0.0.1', port, maxRetriesPerRequest: null, retryStrategy: () => 50 };
}
