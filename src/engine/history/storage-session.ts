import { type StorageStatus, STORED_BYTES_PER_SECOND } from '../protocol';
import type { Replay } from './message-replay';
import type { StoredMessage } from './message-segment';
import type { MessagePlace } from './chunk-index';
import { MessageStorage, type MessageStorageOptions, type Restored } from './message-storage';
import type { Span } from './spans';
import { storageProblem, StorageTimeout } from './storage-problem';

/** How often messages are written to the browser's storage, in milliseconds. */
const WRITE_MS = 1_000;

/** The browser's storage has to answer within this time, in milliseconds; streams wait for it. */
const RESTORE_MS = 2_000;

export interface StorageSessionDeps {
  onStatus(status: StorageStatus): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The browser's storage of one connection and user: what was in it, and what is written. */
export class StorageSession {
  readonly #storage: MessageStorage;
  readonly #deps: StorageSessionDeps;
  /** Messages that are to be written. */
  #unwritten: Replay | undefined;
  /** Messages that were to be written when others were put before them. */
  readonly #unwrittenBefore: StoredMessage[] = [];
  /** Messages that are to be removed, if they are written. */
  readonly #removed: MessagePlace[] = [];
  #writeTimer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  /** Messages have come while others were written. */
  #isDue = false;
  #isClosed = false;

  private constructor(
    storage: MessageStorage,
    deps: StorageSessionDeps,
    readonly found: Restored | undefined
  ) {
    this.#storage = storage;
    this.#deps = deps;
  }

  /**
   * Opens the storage, and reads what is in it.
   *
   * @param each called with each message, oldest first.
   * @returns undefined if there is no storage, which `onStatus` is told.
   */
  static async open(
    options: Omit<MessageStorageOptions, 'bytesPerWrite'>,
    deps: StorageSessionDeps,
    each: (message: StoredMessage) => void
  ): Promise<StorageSession | undefined> {
    const bytesPerWrite = (STORED_BYTES_PER_SECOND * WRITE_MS) / 1_000;
    let storage: MessageStorage | undefined;
    try {
      storage = await within(RESTORE_MS, MessageStorage.open({ ...options, bytesPerWrite }));
      return new StorageSession(storage, deps, await within(RESTORE_MS, storage.restore(deps.now(), each)));
    } catch (error) {
      storage?.close();
      deps.onStatus(storageProblem(error));
      return undefined;
    }
  }

  /** @param unwritten reads what is to be written from now on. */
  begin(unwritten: Replay): void {
    if (!this.#isClosed) {
      this.#unwritten = unwritten;
      this.schedule();
    }
  }

  /** Messages will be put before those that are not written yet, which are known by their place: {@link begin} must follow. */
  takeUnwritten(): void {
    for (let next = this.#unwritten?.next(); next !== undefined; next = this.#unwritten?.next()) {
      this.#unwrittenBefore.push(next);
    }
  }

  /** Messages that the broker had retained are given up for others, after {@link takeUnwritten}. */
  remove(messages: readonly MessagePlace[]): void {
    this.#removed.push(...messages);
  }

  /** The connection was away, in milliseconds since 1970. */
  addGap(gap: Span): void {
    this.#storage.addGap(gap);
  }

  /** Messages have come: they are written soon. */
  schedule(): void {
    this.#isDue = this.#writing !== undefined;
    if (this.#writeTimer === undefined && this.#writing === undefined && this.#unwritten !== undefined) {
      this.#writeTimer = setTimeout(() => void this.write(), WRITE_MS);
    }
  }

  /** Writes what is not written yet. Never rejects: what goes wrong is told, and ends the session. */
  async write(): Promise<void> {
    // What has come since a write began is not in it, and the page may be about to go
    while (this.#writing !== undefined) {
      await this.#writing;
    }
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    const unwritten = this.#unwritten;
    if (unwritten === undefined) {
      return;
    }
    if (this.#storage.closed) {
      this.#fail({ state: 'failed', cause: 'deleted', reason: 'the database was deleted' });
      return;
    }
    this.#writing = this.#write(unwritten);
    await this.#writing;
  }

  async #write(unwritten: Replay): Promise<void> {
    const storage = this.#storage;
    const before = storage.skipped;
    try {
      await storage.write(this.#unwrittenBefore.splice(0), this.#deps.now(), unwritten);
      const removed = this.#removed.splice(0);
      if (removed.length > 0) {
        await storage.remove(removed);
      }
      if (storage.skipped !== before) {
        this.tell(undefined);
      }
    } catch (error) {
      this.#fail(storageProblem(error));
    }
    this.#writing = undefined;
    if (this.#isDue) {
      this.schedule();
    }
  }

  tell(restored: Restored | undefined): void {
    this.#deps.onStatus({
      state: 'on',
      ...(restored === undefined ? undefined : { restored: { messages: restored.messages, newest: restored.newest } }),
      skipped: this.#storage.skipped,
    });
  }

  /** Nothing more is written. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#writeTimer);
    this.#storage.close();
    this.#unwritten = undefined;
    this.#unwrittenBefore.length = 0;
  }

  #fail(problem: StorageStatus): void {
    this.close();
    this.#deps.onStatus(problem);
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new StorageTimeout(`the browser's storage did not answer within ${ms / 1_000} s`)),
      ms
    );
    promise.then(resolve, reject).finally(() => clearTimeout(late));
  });
}
