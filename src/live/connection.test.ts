import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionOptions, FromEngine, StreamSpec, ToEngine } from '../engine';
import type { LaunchedEngine } from './connection';
import { ConnectionPool } from './pool';

const OPTIONS: ConnectionOptions = {
  url: 'ws://broker/mqtt',
  protocolVersion: 4,
  clientIdPrefix: 'test',
  keepalive: 60,
  connectTimeout: 5,
};
const SPEC: StreamSpec = { filters: ['t'], qos: 0, format: 'auto', maxRows: 10, maxSeries: 5 };
const LINGER_MS = 30_000;
const LIMITS = { lingerMs: LINGER_MS, memoryBytes: Infinity };
const AT_ONCE = { ...LIMITS, lingerMs: 0 };

/** An engine that does nothing but write down what it is told. */
class FakeEngine implements LaunchedEngine {
  readonly runsIn = 'worker';
  readonly told: ToEngine[] = [];
  terminated = 0;
  readonly port: LaunchedEngine['port'] = {
    onmessage: null,
    postMessage: (message) => this.told.push(message),
  };

  terminate(): void {
    this.terminated++;
  }

  say(message: FromEngine): void {
    this.port.onmessage?.({ data: message });
  }

  get types(): string[] {
    return this.told.map(({ type }) => type);
  }
}

describe('the page’s end of a connection', () => {
  let engines: FakeEngine[];
  let failures: number;
  let pool: ConnectionPool;

  beforeEach(() => {
    vi.useFakeTimers();
    engines = [];
    failures = 0;
    pool = new ConnectionPool({
      launch: () => {
        if (failures > 0) {
          failures--;
          return Promise.reject(new Error('404.'));
        }
        const engine = new FakeEngine();
        engines.push(engine);
        return Promise.resolve(engine);
      },
      now: () => Date.now(),
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('tells the engine what was asked for before it ran', async () => {
    const connection = pool.get('uid', OPTIONS, LIMITS);
    connection.join(SPEC);
    expect(engines).toHaveLength(1);
    expect(engines[0].types).toEqual([]);
    await vi.advanceTimersByTimeAsync(0);
    expect(engines[0].types).toEqual(['connect', 'open']);
  });

  test('shares a stream between all who ask for the same, in whatever order they name its filters', async () => {
    const connection = pool.get('uid', OPTIONS, LIMITS);
    const one = connection.join({ ...SPEC, filters: ['a', 'b'] });
    const other = connection.join({ ...SPEC, filters: ['b', 'a'] });
    expect(other).toBe(one);
    expect(connection.join({ ...SPEC, filters: ['a', 'b'], format: 'text' })).not.toBe(one);
    await vi.advanceTimersByTimeAsync(0);
    expect(engines[0].types.filter((type) => type === 'open')).toHaveLength(2);
  });

  test('keeps a stream for the linger after its last reader, and then closes it and itself', async () => {
    const connection = pool.get('uid', OPTIONS, LIMITS);
    const stream = connection.join(SPEC);
    connection.join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    connection.leave(stream);
    await vi.advanceTimersByTimeAsync(LINGER_MS * 2);
    expect(engines[0].types).not.toContain('close');
    connection.leave(stream);
    await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
    expect(connection.join(SPEC)).toBe(stream);
    connection.leave(stream);
    await vi.advanceTimersByTimeAsync(LINGER_MS - 1);
    expect(engines[0].types).not.toContain('close');
    await vi.advanceTimersByTimeAsync(2);
    expect(engines[0].types).toEqual(['connect', 'open', 'close', 'stop']);
    expect(pool.size).toBe(0);
  });

  test('ends the engine’s thread when it has taken leave of the broker, and without an answer too', async () => {
    for (const answers of [true, false]) {
      const connection = pool.get('uid', OPTIONS, AT_ONCE);
      const release = connection.hold();
      await vi.advanceTimersByTimeAsync(0);
      const engine = engines.at(-1)!;
      release();
      release(); // a second call does nothing
      await vi.advanceTimersByTimeAsync(1);
      expect(engine.types.at(-1)).toBe('stop');
      expect(engine.terminated).toBe(0);
      if (answers) {
        engine.say({ type: 'stopped' });
      } else {
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect(engine.terminated).toBe(1);
    }
    expect(engines).toHaveLength(2);
  });

  test('tries again when the engine could not be loaded, and says so meanwhile', async () => {
    failures = 2;
    const connection = pool.get('uid', OPTIONS, LIMITS);
    connection.join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.status).toMatchObject({ state: 'connecting', fault: { code: 'engine' } });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(engines[0].types).toEqual(['connect', 'open']);
  });

  test('an engine that comes after everybody has gone is ended', async () => {
    const connection = pool.get('uid', OPTIONS, AT_ONCE);
    connection.hold()();
    await vi.advanceTimersByTimeAsync(1);
    expect(pool.size).toBe(0);
    expect(engines[0].terminated + engines[0].types.filter((type) => type === 'stop').length).toBeGreaterThan(0);
  });

  test('one data source and one set of settings have one connection', () => {
    const connection = pool.get('uid', OPTIONS, AT_ONCE);
    expect(pool.get('uid', { ...OPTIONS }, LIMITS)).toBe(connection);
    expect(connection.lingerMs).toBe(LINGER_MS);
    expect(pool.get('other', OPTIONS, LIMITS)).not.toBe(connection);
    expect(pool.get('uid', { ...OPTIONS, keepalive: 30 }, LIMITS)).not.toBe(connection);
  });
});
