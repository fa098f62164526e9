import { decode, encode } from '@msgpack/msgpack';
import { openLevel, unusable } from '../storage/disk/disk';
import { decodeChunk, encodeChunk, HISTORY_VERSION, keys, parseKey } from './records';
import { Series } from './series';
import type { HistoryStore, SeriesListener } from './store';

/** A message is with the operating system after this many milliseconds, where the disk keeps up. */
export const WRITE_INTERVAL = 1_000;

const ENCODING = { keyEncoding: 'utf8', valueEncoding: 'view' } as const;

type Operation = { type: 'put'; key: string; value: Uint8Array } | { type: 'del'; key: string };

/** What is written of a series. */
interface Written {
  readonly id: number;
  /** First rows of its records, oldest first. */
  readonly chunks: number[];
  /** Number of the row after the last one that is written. */
  next: number;
}

/** The part of a Level database that is used here. */
export interface HistoryLevel {
  iterator(options: typeof ENCODING): AsyncIterable<[string, Uint8Array]>;
  batch(operations: Operation[], options: typeof ENCODING): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes a store down, and reads it back. What changed is written once a second in one batch, for each topic what came
 * since, so that a fast topic costs no more records than a slow one. Nothing waits for the disk: while it is slow or
 * full, the messages are in memory alone.
 */
export class HistoryDisk implements SeriesListener {
  readonly #db: HistoryLevel;
  readonly #path: string;
  readonly #onFault: (error: Error) => void;
  readonly #written = new Map<Series, Written>();
  #changed = new Set<Series>();
  #ended: Series[] = [];
  #lastId = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #faulty = false;

  private constructor(db: HistoryLevel, path: string, onFault: (error: Error) => void) {
    this.#db = db;
    this.#path = path;
    this.#onFault = onFault;
  }

  /**
   * Reads what was kept in a folder into an empty store, and writes down there what it keeps from now on.
   *
   * @param onFault told once each time that the disk begins to fail
   * @param open for tests
   * @throws BrokerError `E_DATA` in words when the folder cannot be used
   */
  static async open(
    path: string,
    store: HistoryStore,
    onFault: (error: Error) => void,
    open: (path: string) => Promise<HistoryLevel> = openLevel
  ): Promise<HistoryDisk> {
    const db = await open(path);
    const disk = new HistoryDisk(db, path, onFault);
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

  /** Writes what is not written yet. A fault is told, and what it left is written with what comes later. */
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
    this.#faulty = false;
    for (const apply of applies) {
      apply();
    }
  }

  /** Adds what has to be written of a series; returns what to call when it is. */
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
    // Records of which every row is gone: the one after them begins before the first row, or with it
    let gone = 0;
    const firstOf = (chunk: number): number => chunks.at(chunk) ?? added.at(chunk - chunks.length) ?? Infinity;
    while (gone < chunks.length && firstOf(gone + 1) <= series.first) {
      operations.push({ type: 'del', key: keys.chunk(id, chunks[gone]) });
      gone += 1;
    }
    return () => {
      chunks.splice(0, gone);
      chunks.push(...added);
      written.next = next;
    };
  }

  #fail(cause: unknown): void {
    if (!this.#faulty) {
      this.#faulty = true;
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#onFault(
        new Error(`Could not write history: ${reason}. It is in memory and written later; see to ${this.#path}`, {
          cause,
        })
      );
    }
  }

  /** The series of the folder, in the order in which they were last written. */
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
          throw new Error(`it is of version ${String(version)}, and this broker knows ${HISTORY_VERSION}`);
        }
        if (kind === 'topic') {
          topics.set(id, Buffer.from(value).toString());
        } else if (kind === 'chunk') {
          this.#loadChunk(id, first, value, topics, found);
        }
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw unusable(this.#path, `the record ${JSON.stringify(key.slice(0, 80))} cannot be read: ${reason}`, cause);
      }
    }
    await this.#db.batch([{ type: 'put', key: keys.version, value: encode(HISTORY_VERSION) }], ENCODING);
    for (const series of found.values()) {
      // What came before its first row was thrown away, at the time of that row at the latest
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
      throw new Error('its topic is missing');
    }
    const series = found.get(id) ?? new Series(topic, first);
    if (series.next !== first) {
      throw new Error('messages before it are missing');
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
