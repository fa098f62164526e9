import type { SharedConnections } from '../shared-store';
import type { RedisClient } from './client';
import { FIND_ON_OTHER_BROKERS } from './scripts';

/** The brokers that have clients. */
const BROKERS = 'brokers';
/** The clients of one broker, and their users. */
const broker = (id: string): string => `broker:${id}`;

/** Seconds after which the clients of a crashed broker are forgotten; milliseconds between the heartbeats of a broker. */
const TIME_TO_LIVE = 30;
const REFRESH = 10_000;

/** The user of each connected client id, at any broker. */
export class RedisConnections implements SharedConnections {
  readonly #conn: RedisClient;
  /** The clients of this broker, as they are stored. */
  readonly #users = new Map<string, string>();
  #id = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(conn: RedisClient) {
    this.#conn = conn;
  }

  /** @param id of this broker */
  start(id: string): void {
    this.#id = id;
    this.#timer = setInterval(() => {
      this.#refresh().catch(() => {});
    }, REFRESH).unref();
  }

  async add(clientId: string, user: string | undefined): Promise<void> {
    const stored = JSON.stringify(user ?? null);
    this.#users.set(clientId, stored);
    await Promise.all([
      this.#conn.sadd(BROKERS, this.#id),
      this.#conn.hset(broker(this.#id), clientId, stored),
      this.#conn.expire(broker(this.#id), TIME_TO_LIVE),
    ]);
  }

  async remove(clientId: string): Promise<void> {
    this.#users.delete(clientId);
    await this.#conn.hdel(broker(this.#id), clientId);
  }

  async findOnOtherBrokers(clientId: string): Promise<{ user: string | undefined } | undefined> {
    const found = (await this.#conn.eval(FIND_ON_OTHER_BROKERS, 1, BROKERS, this.#id, clientId, broker(''))) as
      string | null;
    return found === null ? undefined : { user: (JSON.parse(found) as string | null) ?? undefined };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#conn.del(broker(this.#id)), this.#conn.srem(BROKERS, this.#id)]);
  }

  /** Sends the heartbeat of this broker; with all of its clients if Redis has forgotten them, as after a restart. */
  async #refresh(): Promise<void> {
    if ((await this.#conn.hlen(broker(this.#id))) !== this.#users.size) {
      await this.#conn.del(broker(this.#id));
      await Promise.all([...this.#users].map(([clientId, user]) => this.#conn.hset(broker(this.#id), clientId, user)));
      await this.#conn.sadd(BROKERS, this.#id);
    }
    await this.#conn.expire(broker(this.#id), TIME_TO_LIVE);
  }
}
