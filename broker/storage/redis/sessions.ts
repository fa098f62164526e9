import type { SharedSessionStore } from '../shared-store';
import type { RedisClient, RedisPersistence } from './client';
import type { RedisQueues } from './queues';
import { SESSIONS } from './scripts';

/** Sessions that are read at a time. */
const AT_A_TIME = 100;

/**
 * When each session was last seen at any broker. Each broker knows only the sessions whose clients left it, so those of a
 * broker that is gone would never end.
 */
export class RedisSessions implements SharedSessionStore {
  readonly #conn: RedisClient;
  readonly #queues: RedisQueues;
  readonly #persistence: RedisPersistence;

  constructor(conn: RedisClient, queues: RedisQueues, persistence: RedisPersistence) {
    this.#conn = conn;
    this.#queues = queues;
    this.#persistence = persistence;
  }

  async seen(clientIds: readonly string[], at: number): Promise<void> {
    for (let n = 0; n < clientIds.length; n += AT_A_TIME) {
      const some = clientIds.slice(n, n + AT_A_TIME);
      // A page at a time: Redis has other clients to serve.
      await this.#conn.zadd(SESSIONS, ...some.flatMap((clientId) => [at, clientId]));
    }
  }

  count(): Promise<number> {
    return this.#conn.zcard(SESSIONS);
  }

  async countExcept(clientId: string): Promise<number> {
    const [count, own] = await Promise.all([this.count(), this.#conn.zscore(SESSIONS, clientId)]);
    return own === null ? count : count - 1;
  }

  lastSeenBefore(time: number): Promise<string[]> {
    return this.#conn.zrangebyscore(SESSIONS, '-inf', `(${time}`, 'LIMIT', 0, AT_A_TIME);
  }

  async end(clientId: string, unseenSince: number): Promise<void> {
    if (await this.#queues.end(clientId, unseenSince)) {
      const client = { id: clientId };
      await this.#persistence.cleanSubscriptions(client);
      await this.#persistence.cleanIncoming(client);
    }
  }
}
