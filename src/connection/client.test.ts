import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionError, ConnectionOptions, FromEngine, StreamSpec, ToEngine } from '../engine';
import type { LaunchedEngine } from './launch';
import { ConnectionPool } from './pool';
import { OPTIONS as TEST_OPTIONS } from '../testing/connection-options';

const OPTIONS: ConnectionOptions = {
  ...TEST_OPTIONS,
  url: 'ws://broker/mqtt',
};
const SPEC: StreamSpec = { filters: ['t'], qos: 0, format: 'auto', pendingRows: 10, maxSeries: 5 };
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

  test('tells the engine how often a stream is shown: as often as by the fastest reader, if all have said', async () => {
    const connection = pool.get('uid', OPTIONS, LIMITS);
    const stream = connection.join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    const [slow, slower] = [{}, {}];
    const ticks = () => engines[0].told.flatMap((message) => (message.type === 'tick' ? [message.ms] : []));
    stream.setTick(slow, 500);
    stream.setTick(slow, 500);
    expect(ticks()).toEqual([500]);
    connection.join(SPEC);
    expect(ticks()).toEqual([500, 100]);
    stream.setTick(slower, 1_000);
    expect(ticks()).toEqual([500, 100, 500]);
    stream.setTick(slow, undefined);
    connection.leave(stream);
    expect(ticks()).toEqual([500, 100, 500, 100, 1_000]);
    stream.setTick(slower, undefined);
    connection.leave(stream);
    expect(ticks()).toEqual([500, 100, 500, 100, 1_000, 100]);
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
    expect(connection.status).toMatchObject({ state: 'connecting', error: { code: 'engine' } });
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

  test('asks for credentials and passes them on, or why there are none', async () => {
    const error = { code: 'credentials', message: 'Enter them.' } as const;
    const answers = [
      { username: 'u', password: 'p' },
      { error, retry: false },
    ];
    const credentials = { get: () => Promise.resolve(answers.shift()!), refused: (error: ConnectionError) => error };
    pool.get('uid', { ...OPTIONS, credentials: 'request' }, LIMITS, { credentials }).join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    engines[0].say({ type: 'credentials', attempt: 1 });
    engines[0].say({ type: 'credentials', attempt: 2 });
    await vi.advanceTimersByTimeAsync(0);
    expect(engines[0].told.slice(2)).toEqual([
      { type: 'credentials', attempt: 1, credentials: { username: 'u', password: 'p' } },
      { type: 'no-credentials', attempt: 2, error, retry: false },
    ]);
  });

  test('leaves no question for credentials without an answer', async () => {
    const credentials = { get: () => Promise.reject(new Error('gone')), refused: (error: ConnectionError) => error };
    pool.get('uid', { ...OPTIONS, credentials: 'request' }, LIMITS, { credentials }).join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    engines[0].say({ type: 'credentials', attempt: 1 });
    await vi.advanceTimersByTimeAsync(0);
    expect(engines[0].told.at(-1)).toMatchObject({ type: 'no-credentials', attempt: 1, retry: true });
  });

  describe('shows an error with what the page knows of it', () => {
    const error = { code: 'unreachable', message: 'Somehow.' } as const;
    const connecting = { state: 'connecting', since: 0, error } as const;

    test('and not before', async () => {
      const diagnose = (): Promise<typeof explained> =>
        new Promise((resolve) => {
          setTimeout(() => resolve(explained), 1_000);
        });
      const explained = { code: 'blocked', message: 'By a policy.' } as const;
      const connection = pool.get('uid', OPTIONS, LIMITS, { diagnose });
      connection.join(SPEC);
      await vi.advanceTimersByTimeAsync(0);
      engines[0].say({ type: 'status', status: connecting });
      await vi.advanceTimersByTimeAsync(999);
      expect(connection.status).not.toHaveProperty('error');
      await vi.advanceTimersByTimeAsync(1);
      expect(connection.status).toEqual({ ...connecting, error: explained });
    });

    test('but as it is where the page finds out nothing, or takes too long', async () => {
      for (const diagnose of [() => Promise.reject(new Error('no')), () => new Promise<never>(() => undefined)]) {
        const connection = pool.get('uid', { ...OPTIONS, keepalive: Math.random() }, LIMITS, { diagnose });
        connection.join(SPEC);
        await vi.advanceTimersByTimeAsync(0);
        engines.at(-1)!.say({ type: 'status', status: connecting });
        await vi.advanceTimersByTimeAsync(10_000);
        expect(connection.status).toEqual(connecting);
      }
    });

    test('and not at all when it connects meanwhile', async () => {
      const diagnose = (): Promise<typeof error> =>
        new Promise((resolve) => {
          setTimeout(() => resolve(error), 1_000);
        });
      const connection = pool.get('uid', OPTIONS, LIMITS, { diagnose });
      connection.join(SPEC);
      await vi.advanceTimersByTimeAsync(0);
      const connected = {
        state: 'connected',
        since: 1,
        protocolVersion: 4,
        sessionPresent: false,
        connectMs: 1,
      } as const;
      engines[0].say({ type: 'status', status: connecting });
      engines[0].say({ type: 'status', status: connected });
      await vi.advanceTimersByTimeAsync(10_000);
      expect(connection.status).toEqual(connected);
    });
  });

  test('tries again at once when it is told to, one data source or all of them', async () => {
    const connection = pool.get('uid', OPTIONS, LIMITS);
    connection.join(SPEC);
    pool.get('other', OPTIONS, LIMITS).join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    pool.reconnect('uid');
    expect(engines.map(({ types }) => types.at(-1))).toEqual(['reconnect', 'open']);
    pool.reconnect();
    expect(engines.map(({ types }) => types.at(-1))).toEqual(['reconnect', 'reconnect']);
  });

  test('names no nearest topics while there is no engine', async () => {
    failures = 1;
    const connection = pool.get('uid', OPTIONS, LIMITS);
    await vi.advanceTimersByTimeAsync(0);
    expect(await connection.nearest(['a'], ['b'])).toEqual([]);
  });

  test('tries again at once for an engine that could not be loaded', async () => {
    failures = 1;
    const connection = pool.get('uid', OPTIONS, LIMITS);
    connection.join(SPEC);
    await vi.advanceTimersByTimeAsync(0);
    expect(engines).toHaveLength(0);
    connection.reconnect();
    await vi.advanceTimersByTimeAsync(0);
    expect(engines).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engines).toHaveLength(1);
  });

  test('notes when it was away, for streams whose messages nobody stored', async () => {
    const connection = pool.get('uid', OPTIONS, LIMITS);
    const lossy = connection.join(SPEC);
    const stored = connection.join({ ...SPEC, qos: 1 });
    const ids = [stored.id];
    await vi.advanceTimersByTimeAsync(0);
    const error = { code: 'lost', message: '' } as const;
    const stood = { state: 'connected', protocolVersion: 4, connectMs: 1 } as const;
    engines[0].say({ type: 'status', status: { ...stood, since: 10, sessionPresent: false } });
    expect(lossy.gaps).toEqual([]);
    engines[0].say({ type: 'status', status: { state: 'reconnecting', since: 20, error } });
    engines[0].say({ type: 'status', status: { state: 'reconnecting', since: 20, error } });
    engines[0].say({ type: 'status', status: { ...stood, since: 30, sessionPresent: true }, stored: ids });
    expect(lossy.gaps).toEqual([{ from: 20, to: 30 }]);
    expect(stored.gaps).toEqual([]);
    engines[0].say({ type: 'status', status: { state: 'reconnecting', since: 40, error } });
    engines[0].say({ type: 'status', status: { ...stood, since: 50, sessionPresent: false } });
    expect(stored.gaps).toEqual([{ from: 40, to: 50 }]);
  });
});
