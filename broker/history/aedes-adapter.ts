import { Readable } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { internals, type ClientInternals } from '../aedes/internals';
import { matches, overlaps } from '../../src/topics';
import { quoteName } from '../topic';
import type { Requester } from './request-handler';
import { HistoryService, type HistoryStats } from './service';
import type { HistoryOptions } from './options';
import { RequestError, errorResponse, versionOf } from './protocol';
import type { HistoryTopics } from './topics';

/** The rights and users of the broker's clients. */
export interface ClientRights {
  grantedFilter(client: Client, filter: string): Promise<string | undefined>;
  mayRead(client: Client, topic: string): boolean;
  userOf(client: Client): string | undefined;
}

/**
 * Connects a history to an Aedes broker: records the messages that match its filters, and answers the requests on the
 * topics of {@link HistoryTopics}.
 *
 * - Requests end here: neither subscribers nor other brokers of a cluster receive them.
 * - Responses go directly to the client that asked, as fast as it reads.
 * - The status is delivered with the retained messages, but is not stored as one: after a restart without history, no
 *   status is left in the store.
 */
export class AedesAdapter {
  readonly #service: HistoryService;

  /**
   * @param now milliseconds since 1970
   * @param onError receives errors of requests and of the disk
   * @throws BrokerError `E_HISTORY` when there is no filter, or a filter or the root is invalid
   * @throws RangeError when a limit is out of range
   */
  constructor(options: HistoryOptions, now: () => number, onError: (error: Error) => void) {
    this.#service = new HistoryService(options, now, onError);
  }

  get topics(): HistoryTopics {
    return this.#service.topics;
  }

  get stats(): HistoryStats {
    return this.#service.stats;
  }

  /**
   * Patches `publish` and the retained stream of Aedes. Call it before the patch that makes `publish` skip messages that
   * were published before their PUBACK.
   */
  attach(aedes: Aedes, rights: ClientRights): void {
    this.#interceptRequests(aedes, rights);
    this.#addStatus(aedes);
  }

  /**
   * Loads the history of earlier runs, and records the messages that are published from then on.
   *
   * @throws BrokerError `E_DATA` when the folder cannot be used
   */
  async open(aedes: Aedes): Promise<void> {
    const service = this.#service;
    await service.open();
    for (const filter of service.filters) {
      const onMessage = ({ topic, payload, retain, qos }: AedesPublishPacket, done: () => void): void => {
        // Once, where several filters match
        if (service.filters.length === 1 || service.filterOf(topic) === filter) {
          service.record({ topic, payload: bytesOf(payload), retain, qos });
        }
        done();
      };
      aedes.subscribe(filter, onMessage, () => {});
    }
    const onMark = ({ topic }: AedesPublishPacket, done: () => void): void => {
      service.marks.received(topic);
      done();
    };
    aedes.subscribe(this.topics.markFilter, onMark, () => {});
    // QoS 1, so that the mark does not overtake messages of QoS 1, whose delivery takes a step more
    service.marks.setSender((topic) =>
      aedes.publish({ cmd: 'publish', topic, payload: Buffer.alloc(0), qos: 1, retain: false, dup: false }, () => {})
    );
  }

  /** See {@link HistoryService.import}. */
  import(topic: string, payload: Buffer, time: number): boolean {
    return this.#service.import(topic, payload, time);
  }

  /** See {@link HistoryService.complete}. */
  complete(from: number, until: number): void {
    this.#service.complete(from, until);
  }

  /** Stops all responses, and writes pending messages to the disk. */
  close(): Promise<void> {
    return this.#service.close();
  }

  #interceptRequests(aedes: Aedes, rights: ClientRights): void {
    const patched = internals(aedes);
    const publish = patched.publish.bind(patched);
    patched.publish = (packet, client, done) => {
      if (!this.topics.isRequest(packet.topic)) {
        publish(packet, client, done);
        return;
      }
      if (client && typeof client !== 'function') {
        this.#handle(aedes, rights, client, packet);
      }
      const callback = typeof client === 'function' ? client : done;
      // Asynchronous, as the publish of Aedes is
      setImmediate(() => callback?.());
    };
  }

  #handle(aedes: Aedes, rights: ClientRights, client: Client, { topic, payload }: PublishPacket): void {
    const request = this.topics.parseRequestTopic(topic);
    if (!request) {
      return;
    }
    // A connection may request for another one of the same user: mosquitto_pub and mosquitto_sub are two clients
    const { clients } = internals(aedes);
    const other = Object.hasOwn(clients, request.clientId) ? clients[request.clientId] : undefined;
    const target = request.clientId === client.id ? client : other;
    if (target && rights.userOf(target) === rights.userOf(client)) {
      this.#service.requestHandler.handle(target, requesterOf(target, rights), request.responseTopic, bytesOf(payload));
    } else {
      const message = `This user has no connected client ${quoteName(request.clientId)}: use your own client id in the request topic`;
      const responseTopic = this.topics.responseTopicOf(client.id, request);
      void requesterOf(client, rights).send(
        responseTopic,
        errorResponse(new RequestError('not-authorized', message), versionOf(bytesOf(payload)))
      );
    }
  }

  #addStatus(aedes: Aedes): void {
    const { topics } = this;
    const payload = Buffer.from(this.#service.status(false));
    const status = { cmd: 'publish', topic: topics.status, payload, qos: 0, retain: true };
    const { persistence } = internals(aedes);
    const createRetainedStream = persistence.createRetainedStreamCombi.bind(persistence);
    persistence.createRetainedStreamCombi = (filters) => {
      const stream = createRetainedStream(filters);
      if (!filters.some((filter) => overlaps(filter, `${topics.root}/#`))) {
        return stream;
      }
      const includesStatus = filters.some((filter) => matches(filter, topics.status));
      return Readable.from(withStatus(stream, includesStatus ? status : undefined, topics));
    };
  }
}

/** Adds the status, and removes messages retained on the protocol's topics before the broker had a history. */
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

function requesterOf(client: Client, rights: ClientRights): Requester {
  return {
    grantedFilter: (filter) => rights.grantedFilter(client, filter),
    mayRead: (topic) => rights.mayRead(client, topic),
    send: (topic, message) =>
      new Promise((resolve) => {
        if (client.closed) {
          resolve(false);
          return;
        }
        // Without the broker's id and counter, Aedes does not take a queued message for a duplicate of this one. The
        // callback comes when there is room for the next message.
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
