import { Readable } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { internals, type ClientInternals } from '../aedes/internals';
import { matches, overlaps } from '../auth/filters';
import type { Requester } from './request-handler';
import { HistoryService, type HistoryStats } from './service';
import type { HistoryOptions } from './options';
import { RequestError, errorResponse } from './protocol';
import type { HistoryTopics } from './topics';

/** What the broker knows of its clients. */
export interface ClientRights {
  grantedFilter(client: Client, filter: string): Promise<string | undefined>;
  mayRead(client: Client, topic: string): boolean;
  userOf(client: Client): string | undefined;
}

/**
 * The history of a broker: keeps what matches its filters, and answers who asks for it on the topics of
 * {@link HistoryTopics}.
 *
 * - Asks end here: they are not handed on, neither to subscribers nor to other brokers of a cluster.
 * - Answers go to the client that asked and past everything else, as fast as it takes them.
 * - The status is handed out with the retained messages and is not one of them: a broker that keeps no history any more
 *   does not find it in its store.
 */
export class AedesAdapter {
  readonly #keeper: HistoryService;

  /**
   * @param now milliseconds since 1970
   * @param onFault told about what fails behind the broker's back
   * @throws BrokerError `E_HISTORY` when a filter or the root is none
   * @throws RangeError when a limit is out of bounds
   */
  constructor(options: HistoryOptions, now: () => number, onFault: (error: Error) => void) {
    this.#keeper = new HistoryService(options, now, onFault);
  }

  get topics(): HistoryTopics {
    return this.#keeper.topics;
  }

  get stats(): HistoryStats {
    return this.#keeper.stats;
  }

  /** To be called before what makes `publish` leave out what was published before its acknowledgement. */
  attach(aedes: Aedes, readers: ClientRights): void {
    this.#takeAsks(aedes, readers);
    this.#showStatus(aedes);
  }

  /**
   * Reads what was kept before, and keeps what is published from then on.
   *
   * @throws BrokerError `E_DATA` when the folder cannot be used
   */
  async open(aedes: Aedes): Promise<void> {
    const keeper = this.#keeper;
    await keeper.open();
    for (const filter of keeper.filters) {
      const hear = ({ topic, payload, retain }: AedesPublishPacket, done: () => void): void => {
        // Once, where several of them match
        if (keeper.filters.length === 1 || keeper.filterOf(topic) === filter) {
          keeper.record(topic, bytesOf(payload), retain);
        }
        done();
      };
      aedes.subscribe(filter, hear, () => {});
    }
  }

  /** Says nothing more, and writes what is not written yet. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  #takeAsks(aedes: Aedes, readers: ClientRights): void {
    const inside = internals(aedes);
    const publish = inside.publish.bind(inside);
    inside.publish = (packet, client, done) => {
      if (!this.topics.isRequest(packet.topic)) {
        publish(packet, client, done);
        return;
      }
      if (client && typeof client !== 'function') {
        this.#take(aedes, readers, client, packet);
      }
      const callback = typeof client === 'function' ? client : done;
      // Not in the same turn, as Aedes' own
      setImmediate(() => callback?.());
    };
  }

  #take(aedes: Aedes, readers: ClientRights, client: Client, { topic, payload }: PublishPacket): void {
    const ask = this.topics.parseRequestTopic(topic);
    if (!ask) {
      return;
    }
    // One connection may ask for another of the same user: on the shell, who publishes is not who subscribes.
    const { clients } = internals(aedes);
    const other = Object.hasOwn(clients, ask.clientId) ? clients[ask.clientId] : undefined;
    const target = ask.clientId === client.id ? client : other;
    if (target && readers.userOf(target) === readers.userOf(client)) {
      this.#keeper.requestHandler.handle(target, readerOf(target, readers), ask.responseTopic, bytesOf(payload));
    } else {
      const message = `No client ${JSON.stringify(ask.clientId)} of this user is connected: ask with your own client id`;
      const own = this.topics.responseTopicOf(client.id, ask);
      void readerOf(client, readers).send(own, errorResponse(new RequestError('not-authorized', message)));
    }
  }

  #showStatus(aedes: Aedes): void {
    const { topics } = this;
    const payload = Buffer.from(this.#keeper.status);
    const status = { cmd: 'publish', topic: topics.status, payload, qos: 0, retain: true };
    const { persistence } = internals(aedes);
    const createRetainedStream = persistence.createRetainedStreamCombi.bind(persistence);
    persistence.createRetainedStreamCombi = (filters) => {
      const stream = createRetainedStream(filters);
      if (!filters.some((filter) => overlaps(filter, `${topics.root}/#`))) {
        return stream;
      }
      const asked = filters.some((filter) => matches(filter, topics.status));
      return Readable.from(withStatus(stream, asked ? status : undefined, topics));
    };
  }
}

/** Without what somebody else retained on these topics before there was a historian. */
async function* withStatus(stream: Readable, status: unknown, topics: HistoryTopics): AsyncGenerator {
  if (status) {
    yield status;
  }
  for await (const packet of stream as AsyncIterable<AedesPublishPacket>) {
    if (!topics.isOwn(packet.topic)) {
      yield packet;
    }
  }
}

function readerOf(client: Client, readers: ClientRights): Requester {
  return {
    grantedFilter: (filter) => readers.grantedFilter(client, filter),
    mayRead: (topic) => readers.mayRead(client, topic),
    send: (topic, message) =>
      new Promise((resolve) => {
        if (client.closed) {
          resolve(false);
          return;
        }
        // Without a broker's id it takes no number, so that no message which waits for its turn is thrown away as a
        // repetition; and it is over when there is room for the next one.
        const packet = { cmd: 'publish', brokerId: '', brokerCounter: 0, topic, payload: Buffer.from(message) };
        (client as ClientInternals).deliver0(
          { ...packet, qos: 0, retain: false, dup: false } as AedesPublishPacket,
          () => resolve(!client.closed)
        );
      }),
  };
}

function bytesOf(payload: Buffer | string): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
