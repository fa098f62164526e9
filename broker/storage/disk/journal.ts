import { messageOf } from '../../../src/utils/errors';
/** One change to what is stored: a value under a key, or `undefined` to remove it. */
export type Change = readonly [key: string, value: Uint8Array | undefined];

/** A file that changes are appended to. */
export interface Journal {
  /** Everything that is stored, in the order of the keys. */
  entries(): AsyncIterable<[string, Uint8Array]>;
  /** Resolves when these changes are stored, all of them or none. */
  write(changes: readonly Change[]): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing: the state in memory is all there is. */
export const NO_JOURNAL: Journal = {
  async *entries() {},
  write: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** The part of a Level database that is used here. */
export interface Level {
  iterator(options: { keyEncoding: 'utf8'; valueEncoding: 'view' }): AsyncIterable<[string, Uint8Array]>;
  batch(operations: LevelOperation[], options: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

type LevelOperation =
  | { type: 'put'; key: string; value: Uint8Array; keyEncoding: 'utf8'; valueEncoding: 'view' }
  | { type: 'del'; key: string; keyEncoding: 'utf8' };

export interface LevelJournalOptions {
  /** Waits for the disk itself, which holds over a power cut; without it, for the system, which holds over a kill -9. */
  sync: boolean;
  onFault(error: Error): void;
}

/**
 * Writes to a Level database, one batch at a time: what comes while a batch is being written waits and goes into the
 * next one together. Under load that makes one write of hundreds, and a change that is undone meanwhile costs nothing.
 */
export class LevelJournal implements Journal {
  readonly #db: Level;
  readonly #options: LevelJournalOptions;
  /** Changes that are not being written yet; the last change to a key wins. */
  #changes = new Map<string, Uint8Array | undefined>();
  #waiting: Array<{ resolve: () => void; reject: (error: Error) => void }> = [];
  #writing: Promise<void> | undefined;
  #closing = false;

  constructor(db: Level, options: LevelJournalOptions) {
    this.#db = db;
    this.#options = options;
  }

  entries(): AsyncIterable<[string, Uint8Array]> {
    return this.#db.iterator({ keyEncoding: 'utf8', valueEncoding: 'view' });
  }

  /** Rejects after `close` was called, which is not a failure: a change that comes so late is not reported as stored. */
  write(changes: readonly Change[]): Promise<void> {
    if (this.#closing) {
      return Promise.reject(new Error('Could not store: the store is closed'));
    }
    for (const [key, value] of changes) {
      this.#changes.set(key, value);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  /** Stores what was handed over before. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#writing;
    await this.#db.close();
  }

  async #writeAll(): Promise<void> {
    // The rest of this turn of the event loop joins in.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    while (this.#waiting.length > 0) {
      const changes = this.#changes;
      const waiting = this.#waiting;
      this.#changes = new Map();
      this.#waiting = [];
      try {
        // One batch at a time, so that batches stay in order.
        await this.#db.batch([...changes].map(operation), { sync: this.#options.sync });
        for (const { resolve } of waiting) {
          resolve();
        }
      } catch (thrown) {
        const error = new Error(`Could not store: ${messageOf(thrown)}`, {
          cause: thrown,
        });
        this.#options.onFault(error);
        for (const { reject } of waiting) {
          reject(error);
        }
      }
    }
    this.#writing = undefined;
  }
}

function operation([key, value]: Change): LevelOperation {
  return value
    ? { type: 'put', key, value, keyEncoding: 'utf8', valueEncoding: 'view' }
    : { type: 'del', key, keyEncoding: 'utf8' };
}
