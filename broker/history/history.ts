import { Readable } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { internals, type ClientInternals } from '../aedes-internals';
import { matches, overlaps } from '../auth/filters';
import { BrokerError } from '../ports';
import type { HistoryDisk } from './disk';
import { Historian, type Reader } from './historian';
import { keptFilterFault, resolveHistoryLimits, type HistoryOptions } from './options';
import { AskError, errorMessage, VERSION, withoutCovered } from './protocol';
import { HistoryStore, type HistoryCounts } from './store';
import { HistoryTopics, rootFault } from './topics';

/** How often what is too old is looked for, in milliseconds, at most. */
const SWEEP = 60_000;

/** What the broker knows of its clients. */
export interface Readers {
  grantedFilter(client: Client, filter: string): Promise<string | undefined>;
  mayRead(client: Client, topic: string): boolean;
  userOf(client: Client): string | undefined;
}

export interface HistoryStats extends HistoryCounts {
  /** Asks that were taken up since the start. */
  asks: number;
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
export class History {
  readonly topics: HistoryTopics;
  readonly #filters: readonly string[];
  readonly #directory: string | undefined;
  readonly #store: HistoryStore;
  readonly #historian: Historian;
  readonly #onFault: (error: Error) => void;
  #disk: HistoryDisk | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param now milliseconds since 1970
   * @param onFault told about what fails behind the broker's back
   * @throws BrokerError `E_HISTORY` when a filter or the root is none
   * @throws RangeError when a limit is out of bounds
   */
  constructor({ filters, root, directory, ...limits }: HistoryOptions, now: () => number, onFault: (e: Error) => void) {
    const fault =
      filters.length === 0
        ? 'filters: Expected one at least, such as home/#'
        : (filters.map((filter) => keptFilterFault(filter)).find((each) => each !== undefined) ??
          (root === undefined ? undefined : rootFault(root)));
    if (fault) {
      throw new BrokerError('E_HISTORY', `history: ${fault}`);
    }
    this.topics = new HistoryTopics(root);
    this.#filters = withoutCovered(filters);
    this.#directory = directory;
    this.#store = new HistoryStore(resolveHistoryLimits(limits), now);
    this.#historian = new Historian(this.#store, this.#filters, now, onFault);
    this.#onFault = onFault;
  }

  get stats(): HistoryStats {
    return { ...this.#store.counts, asks: this.#historian.asks };
  }

  /** To be called before what makes `publish` leave out what was published before its acknowledgement. */
  attach(aedes: Aedes, readers: Readers): void {
    this.#takeAsks(aedes, readers);
    this.#showStatus(aedes);
  }

  /**
   * Reads what was kept before, and keeps what is published from then on.
   *
   * @throws BrokerError `E_DATA` when the folder cannot be used
   */
  async open(aedes: Aedes): Promise<void> {
    if (this.#directory !== undefined) {
      // Loaded only when it is asked for: Level is not needed otherwise.
      const { HistoryDisk } = await import('./disk');
      this.#disk = await HistoryDisk.open(this.#directory, this.#store, this.#onFault);
    }
    for (const [index, filter] of this.#filters.entries()) {
      const earlier = this.#filters.slice(0, index);
      const hear = (packet: AedesPublishPacket, done: () => void): void => {
        if (!earlier.some((each) => matches(each, packet.topic))) {
          this.#keep(packet);
        }
        done();
      };
      aedes.subscribe(filter, hear, () => {});
    }
    const every = Math.min(SWEEP, this.#store.limits.age * 100);
    this.#timer = setInterval(() => this.#store.sweep(), every).unref();
  }

  /** Says nothing more, and writes what is not written yet. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#historian.close();
    await this.#disk?.close();
    this.#disk = undefined;
  }

  #keep({ topic, payload, retain }: AedesPublishPacket): void {
    // A filter that begins with a wildcard is handed `$SYS` too
    if (!topic.startsWith('$') && !this.topics.isOwn(topic)) {
      this.#store.append(topic, bytesOf(payload), retain);
    }
  }

  #takeAsks(aedes: Aedes, readers: Readers): void {
    const inside = internals(aedes);
    const publish = inside.publish.bind(inside);
    inside.publish = (packet, client, done) => {
      if (!this.topics.isAsk(packet.topic)) {
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

  #take(aedes: Aedes, readers: Readers, client: Client, { topic, payload }: PublishPacket): void {
    const ask = this.topics.parseAsk(topic);
    if (!ask) {
      return;
    }
    // One connection may ask for another of the same user: on the shell, who publishes is not who subscribes.
    const { clients } = internals(aedes);
    const other = Object.hasOwn(clients, ask.client) ? clients[ask.client] : undefined;
    const target = ask.client === client.id ? client : other;
    if (target && readers.userOf(target) === readers.userOf(client)) {
      this.#historian.take(target, readerOf(target, readers), ask.answer, bytesOf(payload));
    } else {
      const message = `No client ${JSON.stringify(ask.client)} of this user is connected: ask with your own client id`;
      const own = this.topics.ownAnswer(client.id, ask);
      void readerOf(client, readers).send(own, errorMessage(new AskError('not-allowed', message)));
    }
  }

  #showStatus(aedes: Aedes): void {
    const { topics } = this;
    const { age, messages } = this.#store.limits;
    const payload = Buffer.from(JSON.stringify({ v: VERSION, age, messages }));
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

function readerOf(client: Client, readers: Readers): Reader {
  return {
    grantedFilter: (filter) => readers.grantedFilter(client, filter),
    mayRead: (topic) => readers.mayRead(client, topic),
    send: (topic, message) =>
      new Promise((resolve) => {
        if (isGone(client)) {
          resolve(false);
          return;
        }
        // Without a broker's id it takes no number, so that no message which waits for its turn is thrown away as a
        // repetition; and it is over when there is room for the next one.
        const packet = { cmd: 'publish', brokerId: '', brokerCounter: 0, topic, payload: Buffer.from(message) };
        (client as ClientInternals).deliver0(
          { ...packet, qos: 0, retain: false, dup: false } as AedesPublishPacket,
          () => resolve(!isGone(client))
        );
      }),
  };
}

function isGone(client: Client): boolean {
  return client.closed || client.conn.destroyed;
}

function bytesOf(payload: Buffer | string): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload;
}
