import { decode, encode } from '@msgpack/msgpack';
import { messageOf } from '../../src/utils/errors';
import { openLevel, unusable } from '../storage/disk/disk';
import { decodeChunk, encodeChunk, HISTORY_VERSION, keys, parseKey } from './records';
import { Series } from './series';
import type { HistoryStore, SeriesListener } from './store';

/** Longest time until a message is handed to the operating system, in milliseconds, unless the disk is slow. */
export const WRITE_INTERVAL = 1_000;

const ENCODING = { keyEncoding: 'utf8', valueEncoding: 'view' } as const;

type Operation = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string };

/** State of a series on the disk. */
interface Written {
  readonly id: number;
  /** First row of each record, oldest first. */
  readonly chunks: number[];
  /** Number of the first row that is not written yet. */
  next: number;
}

/** The methods of a Level database that are used here. */
export interface HistoryLevel {
  iterator(options: typeof ENCODING): AsyncIterable<[string, Uint8Array]>;
  batch(operations: Operation[], options: typeof ENCODING): Promise<void>;
  close(): Promise<void>;
}

/**
 * Persists a store, and loads it. All changes of a second are written in one batch, with one record per topic, so that a
 * fast topic needs no more records than a slow one. Nothing waits for the disk: while it is slow or full, the messages
 * are in memory only.
 */
export class HistoryDisk implements SeriesListener {
  readonly #db: HistoryLevel;
  readonly #path: string;
  readonly #onError: (error: Error) => void;
  readonly #written = new Map<Series, Written>();
  #changed = new Set<Series>();
  #ended: Series[] = [];
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;

  private constructor(db: HistoryLevel, path: string, onError: (error: Error) => void) {
    this.#db = db;
    this.#path = path;
    this.#onError = onError;
  }

  /**
   * Loads the history of a folder into an empty store, and persists the store's changes from then on.
   *
   * @param onError called once each time that the disk begins to fail
   * @param open opens the database; tests replace it
   * @throws BrokerError `E_DATA` when the folder cannot be used
   */
  static async open(
    path: string,
    store: HistoryStore,
    onError: (error: Error) => void,
    open: (path: string) => Promise<HistoryLevel> = openLevel
  ): Promise<HistoryDisk> {
    const db = await open(path);
    const disk = new HistoryDisk(db, path, onError);
    try {
      const found = await disk.#load();
      store.listener = disk;
      for (const series of found) {
        store.restore(series);
      }
    } catch (error) {
      await db.close();
      throw error;
    }
    return disk;
  }

  changed(series: Series): void {
    this.#changed.add(series);
    this.#timer ??= setTimeout(() => void this.write(), WRITE_INTERVAL).unref();
  }

  removed(series: Series): void {
    this.#ended.push(series);
    this.changed(series);
  }

  /** Writes pending changes. After an error, which is reported, they are written with the next ones. */
  write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#writeChanges());
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.write();
    clearTimeout(this.#timer);
    await this.#db.close();
  }

  async #writeChanges(): Promise<void> {
    const changed = this.#changed;
    const ended = this.#ended;
    this.#changed = new Set();
    this.#ended = [];
    const operations: Operation[] = [];
    const applies: Array<() => void> = [];
    for (const series of ended) {
      changed.delete(series);
      const written = this.#written.get(series);
      if (written) {
        operations.push({ type: 'del', key: keys.topic(written.id) });
        for (const first of written.chunks) {
          operations.push({ type: 'del', key: keys.chunk(written.id, first) });
        }
      }
      applies.push(() => this.#written.delete(series));
    }
    for (const series of changed) {
      applies.push(this.#plan(series, operations));
    }
    try {
      await this.#db.batch(operations, ENCODING);
    } catch (error) {
      for (const series of ended) {
        this.removed(series);
      }
      for (const series of changed) {
        this.changed(series);
      }
      this.#fail(error);
      return;
    }
    this.#isFailing = false;
    for (const apply of applies) {
      apply();
    }
  }

  /** Adds the operations for a series; returns the function to call once they are written. */
  #plan(series: Series, operations: Operation[]): () => void {
    const written = this.#written.get(series) ?? { id: ++this.#lastId, chunks: [], next: 0 };
    this.#written.set(series, written);
    const { id, chunks } = written;
    if (chunks.length === 0) {
      operations.push({ type: 'put', key: keys.topic(id), value: Buffer.from(series.topic) });
    }
    const added: number[] = [];
    let next = Math.max(written.next, series.first);
    while (next < series.next) {
      const { rows, value } = encodeChunk(series, next);
      operations.push({ type: 'put', key: keys.chunk(id, next), value });
      added.push(next);
      next += rows;
    }
    // Records whose rows are all evicted: the next record begins at or before the first row
    let obsolete = 0;
    const firstOf = (chunk: number): number => chunks.at(chunk) ?? added.at(chunk - chunks.length) ?? Infinity;
    while (obsolete < chunks.length && firstOf(obsolete + 1) <= series.first) {
      operations.push({ type: 'del', key: keys.chunk(id, chunks[obsolete]) });
      obsolete += 1;
    }
    return () => {
      chunks.splice(0, obsolete);
      chunks.push(...added);
      written.next = next;
    };
  }

  #fail(cause: unknown): void {
    if (!this.#isFailing) {
      this.#isFailing = true;
      const reason = messageOf(cause);
      this.#onError(
        new Error(
          `Could not write the history to ${this.#path}: ${reason}. The history stays in memory. The broker writes it when the disk works again`,
          {
            cause,
          }
        )
      );
    }
  }

  /** Loads the series of the folder, in the order in which they were last written. */
  async #load(): Promise<Series[]> {
    const topics = new Map<number, string>();
    const found = new Map<number, Series>();
    let version: unknown;
    for await (const [key, value] of this.#db.iterator(ENCODING)) {
      const { kind, id, first } = parseKey(key);
      try {
        if (key === keys.version) {
          version = decode(value);
        }
        if (version !== HISTORY_VERSION) {
          throw new Error(
            `the history is of version ${String(version)}, and this broker reads version ${HISTORY_VERSION}`
          );
        }
        if (kind === 'topic') {
          topics.set(id, Buffer.from(value).toString());
        } else if (kind === 'chunk') {
          this.#loadChunk(id, first, value, topics, found);
        }
      } catch (cause) {
        const reason = messageOf(cause);
        throw unusable(this.#path, `the record ${JSON.stringify(key.slice(0, 80))} cannot be read: ${reason}`, cause);
      }
    }
    await this.#db.batch([{ type: 'put', key: keys.version, value: encode(HISTORY_VERSION) }], ENCODING);
    for (const series of found.values()) {
      // Earlier rows were evicted; the newest of them is at most as new as the first row
      series.evictedUntil = series.first > 0 ? series.timeOf(series.first) : -Infinity;
    }
    return [...found.values()].toSorted((one, other) => one.lastTime - other.lastTime);
  }

  #loadChunk(
    id: number,
    first: number,
    value: Uint8Array,
    topics: Map<number, string>,
    found: Map<number, Series>
  ): void {
    const topic = topics.get(id);
    if (topic === undefined) {
      throw new Error('the record of its topic is missing');
    }
    const series = found.get(id) ?? new Series(topic, first);
    if (series.next !== first) {
      throw new Error('the record before it is missing');
    }
    decodeChunk(value, series);
    const written = this.#written.get(series) ?? { id, chunks: [], next: first };
    written.chunks.push(first);
    written.next = series.next;
    this.#written.set(series, written);
    found.set(id, series);
    this.#lastId = Math.max(this.#lastId, id);
  }
}
