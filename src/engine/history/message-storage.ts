import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { BIRTH_AGE_MS, ChunkIndex, type MessagePlace } from './chunk-index';
import { type Chunk, ChunkBuilder, type ChunkContents, readChunks } from './message-chunk';
import { isBirth } from './message-order';
import type { Replay } from './message-replay';
import { NoStorage } from './storage-problem';
import { HEADER_BYTES, type Run, sizeAt, type StoredMessage } from './message-segment';
import type { Span } from './spans';

interface Schema extends DBSchema {
  chunks: { key: number; value: Chunk; indexes: { newest: number } };
}

export interface MessageStorageOptions {
  /** Name of the database: one for each data source, so that it can be deleted as a whole. */
  readonly name: string;
  /**
   * The owner of the messages: the broker, the connection's settings, the Grafana user and the broker's user.
   * Messages of another owner are never read, and are deleted: the connection or its user has changed.
   */
  readonly owner: string;
  /** The id of this tab, which outlives a reload. */
  readonly tab: string;
  /** Bytes that are stored; the topics with the most bytes lose their oldest messages first. */
  readonly bytes: number;
  /** Milliseconds that a message is stored. */
  readonly ageMs: number;
  /** Bytes that one call of {@link MessageStorage.write} writes; what is more is left out and counted. */
  readonly bytesPerWrite: number;
}

/** The result of {@link MessageStorage.restore}. */
export interface Restored extends ChunkContents {
  /** They were written by this tab, and are still there under its id. */
  readonly isOwn: boolean;
}

/** To be raised with the layout of {@link Chunk}: chunks of another layout are deleted. */
const VERSION = 3;

/** Messages of a connection in the browser's storage (IndexedDB), so that a reload of the page loses nothing. */
export class MessageStorage {
  readonly #db: IDBPDatabase<Schema>;
  readonly #options: MessageStorageOptions;
  /** The chunks of this tab. */
  #own = new ChunkIndex();
  #skipped = 0;
  /** Gaps that no chunk has yet. */
  #gaps: Span[] = [];
  /** Numbers of connections are those of this page. */
  readonly #page = String(Math.random());
  #closed = false;
  /** Messages that were left out because there were more than may be written in a second. */
  skipped = 0;

  private constructor(db: IDBPDatabase<Schema>, options: MessageStorageOptions) {
    this.#db = db;
    this.#options = options;
  }

  /**
   * Opens the storage, and deletes what is too old or another owner's.
   *
   * @throws {Error} with the browser's reason, where it denies storage: in some private windows, by policy, or where the
   * disk is full.
   */
  static async open(options: MessageStorageOptions): Promise<MessageStorage> {
    if (typeof indexedDB === 'undefined') {
      throw new NoStorage('this browser has no IndexedDB here');
    }
    let storage: MessageStorage | undefined;
    const db = await openDB<Schema>(options.name, VERSION, {
      upgrade(database) {
        for (const name of database.objectStoreNames) {
          database.deleteObjectStore(name);
        }
        database.createObjectStore('chunks', { autoIncrement: true }).createIndex('newest', 'newest');
      },
      // Another tab deletes or upgrades the database: this one must not stand in its way.
      blocking: () => storage?.close(),
      terminated: () => storage?.close(),
    });
    storage = new MessageStorage(db, options);
    return storage;
  }

  /** Whether it can no longer be written to: it was closed, here or by another tab that cleared it. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Reads the messages of this tab, or, where it has none, those of the tab that wrote last, oldest first.
   *
   * @param now milliseconds since 1970
   */
  async restore(now: number, each: (message: StoredMessage) => void): Promise<Restored | undefined> {
    const { owner, tab, ageMs } = this.#options;
    const oldest = now - ageMs;
    const transaction = this.#db.transaction('chunks', 'readwrite');
    const found = new Map<number, Chunk>();
    /** When the newest message of a tab came. */
    const newest = new Map<string, number>();
    for (let cursor = await transaction.store.openCursor(); cursor !== null; cursor = await cursor.continue()) {
      const { value } = cursor;
      if (value.owner !== owner || (value.newest < oldest && !value.topics.some(isBirth))) {
        void cursor.delete();
      } else {
        found.set(cursor.primaryKey, value);
        newest.set(value.tab, Math.max(value.newest, newest.get(value.tab) ?? -Infinity));
      }
    }
    const chunks: Chunk[] = [];
    const own = new ChunkIndex();
    let isOwn = false;
    for (const [key, chunk] of found) {
      // Births alone explain later messages of their tab, if there are some
      if (newest.get(chunk.tab)! < oldest || chunk.newest < oldest - BIRTH_AGE_MS) {
        void transaction.store.delete(key);
      } else {
        chunks.push(chunk);
        if (chunk.tab === tab) {
          own.add(key, chunk);
          isOwn = true;
        }
      }
    }
    await transaction.done;
    this.#own = own;
    // Messages that were published while the page was away
    this.#skipped = 1;
    const last = chunks.reduce<Chunk | undefined>(
      (a, b) => (a === undefined || b.newest > a.newest ? b : a),
      undefined
    );
    const from = isOwn ? tab : last?.tab;
    const read = readChunks(
      chunks.filter((chunk) => chunk.tab === from),
      oldest,
      each
    );
    return read === undefined ? undefined : { ...read, isOwn: from === tab };
  }

  /**
   * Writes messages, and deletes what is beyond the limits.
   *
   * @param messages oldest first.
   * @param rest reads the messages that come behind them.
   * @throws {Error} where the browser refuses, because the disk or its quota is full.
   */
  async write(messages: readonly StoredMessage[], now: number, rest?: Replay): Promise<void> {
    const { bytes: limit, ageMs } = this.#options;
    const chunk = this.#chunkOf(messages, rest);
    if (chunk === undefined || this.#closed) {
      return;
    }
    const transaction = this.#transaction();
    const added = transaction.store.add(chunk);
    // By itself the browser commits only after its answer, for which a page that is left may have no time.
    transaction.commit();
    this.#own.add(await added, chunk);
    await transaction.done;
    const hasExpired = this.#own.hasExpired(now - ageMs);
    if (hasExpired || this.#own.bytes > limit) {
      const { store, done } = this.#transaction();
      if (hasExpired) {
        await this.#own.expire(now - ageMs, store);
      }
      await this.#own.evict(limit, store);
      await done;
    }
  }

  /**
   * Removes messages that the broker had retained, and that were written by this tab.
   *
   * @throws {Error} where the browser refuses.
   */
  async remove(messages: readonly MessagePlace[]): Promise<void> {
    if (!this.#closed) {
      const { store, done } = this.#transaction();
      await this.#own.remove(messages, store);
      await done;
    }
  }

  #transaction(): IDBPTransaction<Schema, ['chunks'], 'readwrite'> {
    return this.#db.transaction(['chunks'], 'readwrite', { durability: 'relaxed' });
  }

  /** The connection was away: what was published meanwhile is missing. Written with the next messages. */
  addGap(gap: Span): void {
    this.#gaps.push(gap);
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#db.close();
    }
  }

  /** The newest of the messages that one write may have. */
  #chunkOf(messages: readonly StoredMessage[], rest: Replay | undefined): Chunk | undefined {
    const { owner, tab, bytesPerWrite } = this.#options;
    const runs = rest?.runs() ?? [];
    let bytes =
      messages.reduce((sum, message) => sum + sizeOf(message), 0) +
      runs.reduce((sum, { begin, end }) => sum + end - begin, 0);
    const isTooMuch = (size: number): boolean => {
      if (bytes <= bytesPerWrite) {
        return false;
      }
      bytes -= size;
      this.skipped++;
      this.#skipped++;
      return true;
    };
    const first = messages.findIndex((message) => !isTooMuch(sizeOf(message)));
    const left = runs.flatMap((run) => runBehind(run, isTooMuch));
    if (bytes === 0) {
      return undefined;
    }
    const builder = new ChunkBuilder(bytes);
    if (first >= 0) {
      messages.slice(first).forEach((message) => builder.add(message));
    }
    left.forEach((run) => builder.copy(run, rest!));
    const skipped = this.#skipped;
    const gaps = this.#gaps;
    this.#skipped = 0;
    this.#gaps = [];
    return builder.end({ owner, tab, page: this.#page, newest: builder.newest, skipped, gaps });
  }
}

/** What is left of a run without the messages at its begin that are left out. */
function runBehind({ segment, begin, end }: Run, isLeftOut: (size: number) => boolean): Run[] {
  let at = begin;
  while (at < end && isLeftOut(sizeAt(segment, at))) {
    at += sizeAt(segment, at);
  }
  return at === end ? [] : [{ segment, begin: at, end }];
}

function sizeOf({ payload }: StoredMessage): number {
  return HEADER_BYTES + payload.length;
}
