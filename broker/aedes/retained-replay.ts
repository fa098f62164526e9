import { Readable } from 'node:stream';
import type { Aedes, Client, Subscription } from 'aedes';
import { toError } from '../../src/utils/errors';
import { SUBACK_FAILURE } from '../errors';
import { internals } from './internals';

/**
 * Sends a client the retained messages of one SUBSCRIBE after those of the other. Aedes 1.2.0 begins a stream for each
 * of them at once: a client that subscribes to `#` over and over, and reads nothing, costs a few KB for each of these
 * packets of five bytes.
 *
 * Filters that are subscribed to meanwhile wait, each once: a filter whose retained messages are still to be sent is
 * not sent them twice. They come after all of its SUBACKs, as [MQTT-3.8.4-3] permits.
 */
export function replayRetainedInTurn(aedes: Aedes): void {
  const { persistence } = internals(aedes);
  const create = persistence.createRetainedStreamCombi.bind(persistence);
  /** The filters that wait, of each client that is being sent retained messages. */
  const waiting = new WeakMap<Client, Set<string>>();
  /** The client of the present SUBSCRIBE: Aedes reads the retained messages in the same turn in which it emits the event. */
  let subscriber: Client | undefined;

  aedes.on('subscribe', (subscriptions: Subscription[], client) => {
    // A refused subscription has the failure code in the place of its QoS
    subscriber = subscriptions.some(({ qos }) => (qos as number) !== SUBACK_FAILURE) ? client : undefined;
  });
  aedes.on('unsubscribe', (filters, client) => {
    for (const filter of filters) {
      waiting.get(client)?.delete(filter);
    }
  });

  persistence.createRetainedStreamCombi = (filters) => {
    const client = subscriber;
    subscriber = undefined;
    if (!client) {
      return create(filters);
    }
    const own = waiting.get(client);
    if (own) {
      for (const filter of filters) {
        own.add(filter);
      }
      return Readable.from([]);
    }
    const first = new Set(filters);
    waiting.set(client, first);
    return Readable.from(replay(client, first), { highWaterMark: 1 });
  };

  async function* replay(client: Client, own: Set<string>): AsyncGenerator {
    try {
      while (own.size > 0) {
        const filters = [...own];
        own.clear();
        for await (const packet of create(filters)) {
          if (client.conn.destroyed) {
            return;
          }
          yield packet;
        }
      }
    } catch (error) {
      // The store failed. Nobody listens to this stream; the client notices it by the end of its connection.
      client.emit('error', toError(error));
    } finally {
      waiting.delete(client);
    }
  }
}
