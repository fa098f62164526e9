/** The parts of mqemitter-redis 7.2.1 and aedes-persistence-redis 12.0.0 that are used, as they are inside. */
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type { AedesPublishPacket, Subscription } from 'aedes';
import type { OutgoingPacket, PersistenceBroker, PersistenceClient, PubrelPacket } from '../memory/aedes-shapes';

/** An ioredis client, as both of them make it. */
export interface RedisClient {
  /** `ready` when commands are answered. */
  readonly status: string;
  /** Commands that wait for the connection. */
  readonly offlineQueue?: { readonly length: number };
  on(
    event: 'error' | 'ready' | 'close' | 'messageBuffer' | 'pmessageBuffer',
    listener: (...args: never[]) => void
  ): this;
  listeners(event: string): Array<(...args: unknown[]) => void>;
  removeAllListeners(event: string): this;
  duplicate(): RedisClient;
  call(command: string, ...args: string[]): Promise<unknown>;
  ping(): Promise<string>;
  psubscribe(pattern: string): Promise<unknown>;
  quit(): Promise<unknown>;
  disconnect(): void;
  lrem: (...args: unknown[]) => Promise<unknown>;
  rpush: (...args: unknown[]) => Promise<unknown>;
  /** Runs a script: how many keys, the keys, and the other arguments. */
  eval(script: string, keys: number, ...args: Array<string | number | Buffer>): Promise<unknown>;
  evalBuffer(script: string, keys: number, ...args: Array<string | number | Buffer>): Promise<unknown>;
  del(key: string): Promise<unknown>;
  expire(key: string, seconds: number): Promise<unknown>;
  get(key: string): Promise<string | null>;
  hdel(key: string, field: string): Promise<unknown>;
  hgetall(key: string): Promise<Record<string, string>>;
  hlen(key: string): Promise<number>;
  hmget(key: string, ...fields: string[]): Promise<Array<string | null>>;
  hset(key: string, field: string, value: string): Promise<unknown>;
  sadd(key: string, member: string): Promise<unknown>;
  srem(key: string, member: string): Promise<unknown>;
  zadd(key: string, ...scoresAndMembers: Array<string | number>): Promise<unknown>;
  zcard(key: string): Promise<number>;
  zrangebyscore(key: string, min: string, max: string, limit: 'LIMIT', from: number, count: number): Promise<string[]>;
  zscore(key: string, member: string): Promise<string | null>;
}

type EmitterListener = (packet: AedesPublishPacket, done: () => void) => void;

export interface RedisEmitter {
  readonly subConn: RedisClient;
  readonly pubConn: RedisClient;
  readonly state: NodeJS.EventEmitter;
  closing?: boolean;
  closed: boolean;
  emit(packet: AedesPublishPacket, done?: (error?: Error | null) => void): unknown;
  close(done?: () => void): unknown;
  on(topic: string, listener: EmitterListener, done?: () => void): unknown;
  removeListener(topic: string, listener: EmitterListener, done?: () => void): unknown;
  /** The methods of mqemitter, which mqemitter-redis has replaced. */
  _close(done: () => void): unknown;
  _on(topic: string, listener: EmitterListener): unknown;
  _removeListener(topic: string, listener: EmitterListener, done?: () => void): unknown;
}

export interface RedisPersistence {
  setup(broker: PersistenceBroker): Promise<void>;
  storeRetained(packet: AedesPublishPacket): Promise<void>;
  createRetainedStreamCombi(filters: string[]): Readable;
  addSubscriptions(client: PersistenceClient, subscriptions: Subscription[]): Promise<void>;
  removeSubscriptions(client: PersistenceClient, filters: string[]): Promise<void>;
  cleanSubscriptions(client: PersistenceClient): Promise<void>;
  cleanIncoming(client: PersistenceClient): Promise<void>;
  outgoingEnqueue(subscription: { clientId: string }, packet: AedesPublishPacket): Promise<unknown>;
  outgoingEnqueueCombi(subscriptions: Array<{ clientId: string }>, packet: AedesPublishPacket): Promise<unknown>;
  outgoingStream(client: PersistenceClient): Readable;
  outgoingUpdate(client: PersistenceClient, packet: OutgoingPacket | PubrelPacket): Promise<void>;
  outgoingClearMessageId(client: PersistenceClient, packet: OutgoingPacket): Promise<unknown>;
  outgoingRemove?(client: PersistenceClient, packet: OutgoingPacket): Promise<unknown>;
  deliversFromQueue?(client: PersistenceClient, packet: OutgoingPacket): boolean;
  incomingStorePacket(client: PersistenceClient, packet: OutgoingPacket): Promise<void>;
  incomingGetPacket(client: PersistenceClient, packet: OutgoingPacket): Promise<unknown>;
}

export interface RedisOptions {
  host: string;
  port: number;
  username?: string;
  password?: string;
  db?: number;
  tls?: object;
  /** Null: a command waits until Redis is back. */
  maxRetriesPerRequest: null;
  retryStrategy(attempt: number): number;
}

// Both are CommonJS, and aedes-persistence-redis has no types.
const require = createRequire(import.meta.url);

export function createEmitter(options: RedisOptions): RedisEmitter {
  const create = require('mqemitter-redis') as (options: object) => RedisEmitter;
  return create({ ...options, matchEmptyLevels: true, concurrency: 0 });
}

export function createPersistence(conn: RedisClient): RedisPersistence {
  const create = require('aedes-persistence-redis') as (options: object) => RedisPersistence;
  return create({ conn });
}
