import { matches } from '../auth/filters';
import { BrokerError } from '../errors';
import type { HistoryDisk } from './disk';
import { RequestHandler } from './request-handler';
import { validateRecordedFilter, resolveHistoryLimits, type HistoryOptions } from './options';
import { PROTOCOL_VERSION, removeCovered } from './protocol';
import { HistoryStore, type HistoryCounts } from './store';
import { HistoryTopics, validateRoot } from './topics';

/** How often what is too old is looked for, in milliseconds, at most. */
const MAX_EXPIRY_INTERVAL = 60_000;

export interface HistoryStats extends HistoryCounts {
  /** Asks that were taken up since the start. */
  requests: number;
}

/** A historian with its store, in memory or on disk: what is needed of it wherever messages and asks come from. */
export class HistoryService {
  readonly topics: HistoryTopics;
  /** What is kept; none of them covers another. */
  readonly filters: readonly string[];
  readonly requestHandler: RequestHandler;
  /** What stands on the status topic. */
  readonly status: string;
  readonly #directory: string | undefined;
  readonly #store: HistoryStore;
  readonly #onFault: (error: Error) => void;
  #disk: HistoryDisk | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param now milliseconds since 1970
   * @param onFault told about what fails behind its back
   * @throws BrokerError `E_HISTORY` when a filter or the root is none
   * @throws RangeError when a limit is out of bounds
   */
  constructor({ filters, root, directory, ...limits }: HistoryOptions, now: () => number, onFault: (e: Error) => void) {
    const fault =
      filters.length === 0
        ? 'Expected a filter of what is to be kept, such as home/#'
        : (filters.map((filter) => validateRecordedFilter(filter)).find((each) => each !== undefined) ??
          (root === undefined ? undefined : validateRoot(root)));
    if (fault) {
      throw new BrokerError('E_HISTORY', `history: ${fault}`);
    }
    this.topics = new HistoryTopics(root);
    this.filters = removeCovered(filters);
    this.#directory = directory;
    this.#store = new HistoryStore(resolveHistoryLimits(limits), now);
    this.#onFault = onFault;
    this.requestHandler = new RequestHandler(this.#store, this.filters, now, onFault);
    const { age, messages } = this.#store.limits;
    this.status = JSON.stringify({ v: PROTOCOL_VERSION, age, messages });
  }

  get stats(): HistoryStats {
    return { ...this.#store.counts, requests: this.requestHandler.requests };
  }

  /**
   * Reads what was kept before. To be called before anything is kept.
   *
   * @throws BrokerError `E_DATA` when the folder cannot be used
   */
  async open(): Promise<void> {
    if (this.#directory !== undefined) {
      // Loaded only when it is asked for: Level is not needed otherwise.
      const { HistoryDisk } = await import('./disk');
      this.#disk = await HistoryDisk.open(this.#directory, this.#store, this.#onFault);
    }
    const every = Math.min(MAX_EXPIRY_INTERVAL, this.#store.limits.age * 100);
    this.#timer = setInterval(() => this.#store.expire(), every).unref();
  }

  /** Keeps a message, where it is none of the historian's own and of none of the topics that begin with `$`. */
  record(topic: string, payload: Buffer, retain: boolean): void {
    if (!topic.startsWith('$') && !this.topics.isOwn(topic)) {
      this.#store.append(topic, payload, retain);
    }
  }

  /** The filter that a topic is kept for, of those that it matches. */
  filterOf(topic: string): string | undefined {
    return this.filters.find((filter) => matches(filter, topic));
  }

  /** Says nothing more, and writes what is not written yet. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.requestHandler.close();
    await this.#disk?.close();
    this.#disk = undefined;
  }
}
