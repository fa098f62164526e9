/* oxlint-disable eslint/no-underscore-dangle -- the names that streams and Aedes give them */
import { Readable } from 'node:stream';
import type { AedesPublishPacket, PublishPacket } from 'aedes';
import type { PublishDone } from '../../aedes/internals';
import { matches } from '../../../src/topics';
import { toError } from '../../../src/utils/errors';
import type { PersistenceBroker, PersistenceClient } from '../memory/aedes-shapes';
import type { RedisClient, RedisPersistence } from './client';
import { isFull, unreachable } from './queued-commands';

/**
 * Puts right what aedes-persistence-redis 12.0.0 does wrong.
 *
 * - A SUBSCRIBE with two filters in a persistent session is never answered: the two calls wait for one and the same
 *   broadcast, under one key, and the first is forgotten. Here the calls of a client come one after the other.
 * - No filters to add or remove is an error of Redis, or waits for ever.
 * - A received QoS 2 message is marked before it is stored; killed in between, the repeated PUBLISH is acknowledged, and
 *   the message is gone. Here it is marked once it is stored.
 * - Retained messages below a level with `[`, `?`, `*` or `\\` in its name are not found.
 * - Commands that nobody waits for end the process when they fail.
 *
 * Its queues are replaced as a whole; see `queues.ts`.
 */
export function patchPersistence(persistence: RedisPersistence, conn: RedisClient): void {
  serializeSubscriptions(persistence);
  markWhenStored(persistence);
  boundWaiting(persistence, conn);

  const retained = persistence.createRetainedStreamCombi.bind(persistence);
  persistence.createRetainedStreamCombi = (filters) =>
    filters.some((filter) => /[[\]?*\\]/.test(filter))
      ? Readable.from(matching(retained(['#']), filters))
      : retained(filters);

  for (const command of ['lrem', 'rpush'] as const) {
    const run = conn[command].bind(conn);
    conn[command] = (...args) => {
      const result = run(...args);
      // The callers that wait for it get the error nevertheless.
      result.catch(() => {});
      return result;
    };
  }
}

function serializeSubscriptions(persistence: RedisPersistence): void {
  const last = new Map<string, Promise<void>>();
  const inTurn = (clientId: string, run: () => Promise<void>): Promise<void> => {
    const turn = (last.get(clientId) ?? Promise.resolve()).then(run, run);
    last.set(clientId, turn);
    const forget = (): void => {
      if (last.get(clientId) === turn) {
        last.delete(clientId);
      }
    };
    turn.then(forget, forget);
    return turn;
  };
  const add = persistence.addSubscriptions.bind(persistence);
  const remove = persistence.removeSubscriptions.bind(persistence);
  persistence.addSubscriptions = (client, subscriptions) =>
    subscriptions.length === 0 ? Promise.resolve() : inTurn(client.id, () => add(client, subscriptions));
  persistence.removeSubscriptions = (client, filters) =>
    filters.length === 0 ? Promise.resolve() : inTurn(client.id, () => remove(client, filters));
}

function markWhenStored(persistence: RedisPersistence): void {
  const setup = persistence.setup.bind(persistence);
  const store = persistence.incomingStorePacket.bind(persistence);
  const get = persistence.incomingGetPacket.bind(persistence);
  const nameOf = (client: PersistenceClient, messageId?: number): string => `${messageId}:${client.id}`;
  const beingPublished = new Set<string>();

  persistence.incomingStorePacket = (client, packet) => {
    beingPublished.add(nameOf(client, packet.messageId));
    return Promise.resolve();
  };
  // A repetition while the first is being published is published too; it is not acknowledged without being stored.
  persistence.incomingGetPacket = (client, packet) => get(client, packet);
  // An async function, which Aedes insists on
  persistence.setup = async (broker: PersistenceBroker) => {
    await setup(broker);
    const publish = broker.publish.bind(broker);
    broker.publish = (packet: PublishPacket & { messageId?: number }, client: unknown, done?: PublishDone) => {
      const publisher = client as PersistenceClient | null | undefined;
      if (packet.qos !== 2 || !publisher || !beingPublished.delete(nameOf(publisher, packet.messageId))) {
        publish(packet, client, done);
        return;
      }
      publish(packet, client, (error) => {
        if (error) {
          done?.(error);
          return;
        }
        void storeAndTell(() => store(publisher, packet), done);
      });
    };
  };
}

async function storeAndTell(action: () => Promise<void>, done: PublishDone = () => {}): Promise<void> {
  let failure: Error | undefined;
  try {
    await action();
  } catch (error) {
    failure = toError(error);
  }
  done(failure);
}

function boundWaiting(persistence: RedisPersistence, conn: RedisClient): void {
  const storeRetained = persistence.storeRetained.bind(persistence);
  const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
  persistence.storeRetained = (packet) => (isFull(conn) ? Promise.reject(unreachable()) : storeRetained(packet));
  persistence.outgoingEnqueueCombi = (subscriptions, packet) =>
    isFull(conn) ? Promise.reject(unreachable()) : enqueue(subscriptions, packet);
}

async function* matching(stream: Readable, filters: string[]): AsyncGenerator {
  for await (const packet of stream as AsyncIterable<AedesPublishPacket>) {
    if (filters.some((filter) => matches(filter, packet.topic))) {
      yield packet;
    }
  }
}
