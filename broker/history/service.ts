import { randomBytes } from 'node:crypto';
import { matches } from '../../src/topics';
import { BrokerError } from '../errors';
import type { HistoryDisk } from './disk';
import { Marks } from './marks';
import { Outages } from './outages';
import { RequestHandler } from './request-handler';
import { validateRecordedFilter, resolveHistoryLimits, type HistoryOptions } from './options';
import { PROTOCOL_VERSION, removeCovered } from './protocol';
import type { MessageFlags, UserProperties } from './series';
import { HistoryStore, type HistoryCounts } from './store';
import { HistoryTopics, validateRoot } from './topics';

/** Longest interval between two removals of expired messages, in milliseconds. */
const MAX_EXPIRY_INTERVAL = 60_000;

export interface HistoryStats extends HistoryCounts {
  /** Requests accepted since the start. */
  requests: number;
}

/** A message to record. */
export interface RecordedMessage extends MessageFlags {
  readonly topic: string;
  readonly payload: Buffer;
  readonly userProperties?: UserProperties | undefined;
}

/** The history of an MQTT source: records messages in a store, in memory or on disk, and answers requests from it. */
export class HistoryService {
  readonly topics: HistoryTopics;
  /** Filters of the recorded messages; none of them covers another. */
  readonly filters: readonly string[];
  readonly requestHandler: RequestHandler;
  readonly marks = new Marks();
  readonly outages: Outages;
  readonly #directory: string | undefined;
  readonly #store: HistoryStore;
  readonly #now: () => number;
  readonly #onError: (error: Error) => void;
  #disk: HistoryDisk | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param now milliseconds since 1970
   * @param onError receives errors of requests and of the disk
   * @throws BrokerError `E_HISTORY` when there is no filter, or a filter or the root is invalid
   * @throws RangeError when a limit is out of range
   */
  constructor({ filters, root, directory, ...limits }: HistoryOptions, now: () => number, onError: (e: Error) => void) {
    const error =
      filters.length === 0
        ? 'Expected at least one topic filter, such as home/#'
        : (filters.map((filter) => validateRecordedFilter(filter)).find((each) => each !== undefined) ??
          (root === undefined ? undefined : validateRoot(root)));
    if (error) {
      throw new BrokerError('E_HISTORY', `history: ${error}`);
    }
    this.topics = new HistoryTopics(root);
    this.filters = removeCovered(filters);
    this.#directory = directory;
    this.#now = now;
    this.outages = new Outages(directory);
    this.#store = new HistoryStore(resolveHistoryLimits(limits), now);
    this.#onError = onError;
    const historian = {
      run: randomBytes(6).toString('base64url'),
      marks: this.marks,
      outages: this.outages,
      markTopic: (client: string, responseTopic: string) => this.topics.markTopic(client, responseTopic),
    };
    this.requestHandler = new RequestHandler(this.#store, this.filters, historian, now, onError);
  }

  /**
   * Payload of the status topic.
   *
   * @param userProperties whether user properties are recorded
   */
  status(userProperties: boolean): string {
    const { age, messages } = this.#store.limits;
    return JSON.stringify({ v: PROTOCOL_VERSION, versions: [1, 2], age, messages, userProperties });
  }

  get stats(): HistoryStats {
    return { ...this.#store.counts, requests: this.requestHandler.requests };
  }

  /**
   * Loads the history of earlier runs. Call it before the first {@link record}.
   *
   * @throws BrokerError `E_DATA` when the folder cannot be used
   */
  async open(): Promise<void> {
    if (this.#directory !== undefined) {
      // Imported only for a history on disk: other brokers do not need Level
      const { HistoryDisk } = await import('./disk');
      this.#disk = await HistoryDisk.open(this.#directory, this.#store, this.#onError);
    }
    let newest = 0;
    for (const { lastTime } of this.#store.matching('#')) {
      newest = Math.max(newest, lastTime);
    }
    await this.outages.open(newest, this.#now());
    const interval = Math.min(MAX_EXPIRY_INTERVAL, this.#store.limits.age * 100);
    this.#timer = setInterval(() => this.#store.expire(), interval).unref();
  }

  /** Records a message, unless its topic belongs to the history protocol or begins with `$`. */
  record({ topic, payload, retain, qos, userProperties }: RecordedMessage): void {
    if (!topic.startsWith('$') && !this.topics.isOwn(topic)) {
      this.#store.append(topic, payload, retain, qos, userProperties);
    }
  }

  /**
   * Records a message of the past, if a filter matches its topic and the topic has no newer message.
   *
   * @param time milliseconds since 1970, not after now
   * @returns whether the message was recorded
   */
  import(topic: string, payload: Buffer, time: number): boolean {
    const isRecorded =
      !topic.startsWith('$') &&
      !this.topics.isOwn(topic) &&
      this.filterOf(topic) !== undefined &&
      this.#store.import(topic, payload, time);
    if (isRecorded) {
      this.outages.import(time);
    }
    return isRecorded;
  }

  /** See {@link Outages.complete}. */
  complete(from: number, until: number): void {
    this.outages.complete(from, until);
  }

  /** The first filter that matches a topic. */
  filterOf(topic: string): string | undefined {
    return this.filters.find((filter) => matches(filter, topic));
  }

  /** Stops all responses, and writes pending messages to the disk. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.requestHandler.close();
    await this.outages.close(this.#now());
    await this.#disk?.close();
    this.#disk = undefined;
  }
}
