import type { IncomingMessage } from '../incoming-message';
import { type RecorderOptions, STORED_BYTES_PER_SECOND, type StorageStatus } from '../protocol';
import type { Stream } from '../stream';
import { matcherOf } from './filter-matcher';
import type { Replay } from './message-replay';
import { MessageRing } from './message-ring';
import { asIncoming, type StoredMessage } from './message-segment';
import { MessageStorage } from './message-storage';
import { storageProblem, StorageTimeout } from './storage-problem';
import { isMarkName, markName } from './marks';

export interface RecorderEvents {
  /** A stream has got messages from the past: they go to the page as live ones do. */
  onReplayed(stream: Stream): void;
  /** Whether the page takes more rows now; where it does not, {@link Recorder.resume} is called when it does again. */
  isReady(): boolean;
  onStorage(status: StorageStatus): void;
  /** Nothing was stored between these times, in milliseconds since 1970. */
  onGap(from: number, to: number): void;
}

/** Messages of all topics; the limit of bytes comes first in practice. */
const MAX_MESSAGES = 1_000_000;

/** How long messages of the past are decoded without a pause, in milliseconds: live messages wait as long. */
const SLICE_MS = 8;

/** Messages between two looks at the clock. */
const PER_LOOK = 64;

/** How often messages are written to the browser's storage, in milliseconds. */
const WRITE_MS = 1_000;

/** The browser's storage has to answer within this time, in milliseconds; streams wait for it. */
const RESTORE_MS = 2_000;

/**
 * Records the messages of a connection, and hands them to streams that open later: what they would have shown had they
 * been there before. A stream that is being handed the past gets live messages from the record too, behind the others,
 * so that none is missing, comes twice or comes out of order.
 */
export class Recorder {
  readonly #events: RecorderEvents;
  readonly #now: () => number;
  readonly #replays = new Map<Stream, Replay | undefined>();
  #ring: MessageRing | undefined;
  #options: RecorderOptions | undefined;
  #storage: MessageStorage | undefined;
  /** What is to be written to the storage. */
  #unwritten: Replay | undefined;
  /** What was to be written when messages were put before it. */
  readonly #unwrittenBefore: StoredMessage[] = [];
  /** Whose messages are recorded: the broker's user. */
  #user: string | undefined;
  #restoring = false;
  #writing = false;
  #writeTimer: ReturnType<typeof setTimeout> | undefined;
  #sliceTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(events: RecorderEvents, now: () => number) {
    this.#events = events;
    this.#now = now;
  }

  /** Whether there is anything to record into. */
  get isOn(): boolean {
    return this.#ring !== undefined;
  }

  /**
   * Begins to record, or changes how much.
   *
   * @param options those of the storage are taken the first time.
   */
  configure(options: RecorderOptions): void {
    const isFirst = this.#options === undefined;
    this.#options = options;
    const limits = { bytes: options.bytes, messages: MAX_MESSAGES, ageMs: options.ageMs };
    if (options.bytes === 0) {
      this.#ring = undefined;
    } else if (this.#ring === undefined) {
      this.#ring = new MessageRing(limits);
    } else {
      this.#ring.setLimits(limits);
    }
    this.#restoring ||= isFirst && options.storage !== undefined && this.#ring !== undefined;
  }

  /**
   * Reads back what was stored before the page was loaded. Streams wait for it.
   *
   * @param user the broker's user, of which others must not see what was stored; empty for none.
   */
  async restore(user: string): Promise<void> {
    if (this.#user !== undefined && this.#user !== user) {
      this.#forgetAll();
    }
    const isFirst = this.#user === undefined;
    this.#user = user;
    const { storage, bytes = 0, ageMs = Infinity } = this.#options ?? {};
    if (!isFirst || storage === undefined || bytes === 0) {
      return;
    }
    const limits = { bytes, messages: MAX_MESSAGES, ageMs };
    const ring = new MessageRing(limits);
    const bytesPerWrite = (STORED_BYTES_PER_SECOND * WRITE_MS) / 1_000;
    const options = { ...storage, owner: `${storage.owner}\n${user}`, bytes, bytesPerWrite };
    try {
      const opened = await within(RESTORE_MS, MessageStorage.open(options));
      const found = await within(
        RESTORE_MS,
        opened.restore(this.#now(), (message) => ring.add({ ...message, epoch: 0 }))
      );
      if (this.#stopped) {
        opened.close();
        return;
      }
      this.#storage = opened;
      // What came meanwhile goes behind.
      const unwritten = found?.isOwn === true ? ring.replay(isWritten) : undefined;
      unwritten?.skip();
      this.#moveInto(ring);
      this.#unwritten = unwritten ?? ring.replay(isWritten);
      for (const { from, to } of found?.gaps ?? []) {
        this.#events.onGap(from, to);
      }
      this.#tellStorage(found);
      this.#scheduleWrite();
    } catch (error) {
      this.#events.onStorage(storageProblem(error));
    }
    this.#restoring = false;
    this.#startReplays();
  }

  /** Records a message. @returns whether streams that are handed the past will be handed it too. */
  record(message: IncomingMessage, time: number, epoch: number): boolean {
    const ring = this.#ring;
    if (ring === undefined) {
      return false;
    }
    const { topic, payload, retain, qos, userProperties } = message;
    const isStored = ring.add({ topic, payload, retain, qos, userProperties, time, epoch });
    this.#scheduleWrite();
    this.#scheduleSlice();
    return isStored;
  }

  /** Notes where a historian's mark came among the messages. */
  recordMark(topic: string, time: number, epoch: number): void {
    const name = markName(topic);
    const payload = new Uint8Array(0);
    this.#ring?.add({ topic: name, payload, retain: false, qos: 0, userProperties: undefined, time, epoch });
  }

  /** Reads the recorded messages of some topics, and all marks. */
  replay(matches: (topic: string) => boolean): Replay | undefined {
    return this.#ring?.replay((topic) => isMarkName(topic) || matches(topic));
  }

  /**
   * Puts messages of a historian where they belong by their times.
   *
   * @param history in the order of time.
   * @param isReplaced messages that are given up for others.
   * @returns the streams that must begin again, because they were being handed the record.
   */
  insert(history: readonly StoredMessage[], isReplaced: (message: StoredMessage) => boolean): Stream[] {
    const ring = this.#ring;
    if (ring === undefined) {
      return [];
    }
    // What has not been written yet is known by its place in the record, which changes now.
    for (const message of each(this.#unwritten)) {
      this.#unwrittenBefore.push(message);
    }
    ring.insert(history, isReplaced);
    if (this.#unwritten !== undefined) {
      this.#unwritten = ring.replay(isWritten);
      this.#unwritten.skip();
    }
    return [...this.#replays.keys()];
  }

  /** A stream has opened: it is handed what was recorded. */
  open(stream: Stream): void {
    if (this.#ring === undefined || !stream.isRecorded) {
      return;
    }
    if (this.#restoring) {
      this.#replays.set(stream, undefined);
    } else if (this.#ring.messages > 0) {
      this.#replays.set(stream, this.#replayOf(this.#ring, stream));
      this.#scheduleSlice();
    }
  }

  close(stream: Stream): void {
    this.#replays.delete(stream);
  }

  /** Whether a stream gets its messages from the record for now, live ones included. */
  isReplaying(stream: Stream): boolean {
    return this.#replays.size > 0 && this.#replays.has(stream);
  }

  /** The page may be about to go: writes to the browser's storage now. */
  flush(): void {
    clearTimeout(this.#writeTimer);
    void this.#write();
  }

  /** The page takes rows again. */
  resume(): void {
    this.#scheduleSlice();
  }

  /** Writes what is not written yet. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#writeTimer);
    clearTimeout(this.#sliceTimer);
    await this.#write();
    this.#storage?.close();
  }

  /** Another user has connected: what the one before could read is not for this one. */
  #forgetAll(): void {
    this.#ring?.forget(() => true);
    this.#closeStorage();
  }

  /** Nothing more is written. */
  #closeStorage(): void {
    this.#storage?.close();
    this.#storage = undefined;
    this.#unwritten = undefined;
    this.#unwrittenBefore.length = 0;
  }

  #moveInto(ring: MessageRing): void {
    for (const message of each(this.#ring?.replay(() => true))) {
      ring.add(message);
    }
    this.#ring = ring;
  }

  #startReplays(): void {
    const ring = this.#ring;
    if (ring !== undefined) {
      for (const [stream, replay] of this.#replays) {
        if (replay === undefined) {
          this.#replays.set(stream, this.#replayOf(ring, stream));
        }
      }
    }
    this.#scheduleSlice();
  }

  #replayOf(ring: MessageRing, { spec }: Stream): Replay {
    return ring.replay(matcherOf(spec.filters));
  }

  #scheduleSlice(): void {
    // A stream that waits for the code of its decoder calls resume.
    const isAnyReady = [...this.#replays.keys()].some(({ isWaiting }) => !isWaiting);
    if (isAnyReady && !this.#restoring && !this.#stopped) {
      this.#sliceTimer ??= setTimeout(() => this.#slice(), 0);
    }
  }

  #slice(): void {
    this.#sliceTimer = undefined;
    const end = performance.now() + SLICE_MS;
    for (const [stream, replay] of this.#replays) {
      if (!this.#events.isReady()) {
        return; // see resume
      }
      if (replay !== undefined && !stream.isWaiting && this.#read(stream, replay, end)) {
        this.#replays.delete(stream);
        stream.endReplay();
        this.#events.onReplayed(stream);
      }
      if (performance.now() >= end) {
        break;
      }
    }
    this.#scheduleSlice();
  }

  /** @returns whether the stream has had all. */
  #read(stream: Stream, replay: Replay, end: number): boolean {
    let count = 0;
    let isDone = false;
    while (
      !isDone &&
      !stream.aboveHighWaterMark &&
      !stream.isWaiting &&
      (count % PER_LOOK !== 0 || performance.now() < end)
    ) {
      const message = replay.next();
      if (message === undefined) {
        isDone = true;
      } else {
        stream.add(asIncoming(message), message.time, message.epoch);
        count++;
      }
    }
    if (count > 0) {
      this.#events.onReplayed(stream);
    }
    return isDone;
  }

  #scheduleWrite(): void {
    if (this.#storage !== undefined && !this.#stopped && !this.#writing) {
      this.#writeTimer ??= setTimeout(() => void this.#write(), WRITE_MS);
    }
  }

  /** Never rejects: what goes wrong is told. */
  async #write(): Promise<void> {
    this.#writeTimer = undefined;
    const storage = this.#storage;
    const unwritten = this.#unwritten;
    if (storage === undefined || unwritten === undefined || this.#writing) {
      return;
    }
    if (storage.closed) {
      this.#endStorage(storage, { state: 'failed', cause: 'deleted', reason: 'the database was deleted' });
      return;
    }
    this.#writing = true;
    const before = storage.skipped;
    try {
      await storage.write([...this.#unwrittenBefore.splice(0), ...each(unwritten)], this.#now());
      if (storage.skipped !== before) {
        this.#tellStorage(undefined);
      }
    } catch (error) {
      this.#endStorage(storage, storageProblem(error));
    }
    this.#writing = false;
  }

  #endStorage(storage: MessageStorage, problem: StorageStatus): void {
    storage.close();
    // Another one may be in its place by now.
    if (this.#storage === storage) {
      this.#closeStorage();
    }
    this.#events.onStorage(problem);
  }

  #tellStorage(restored: { readonly messages: number; readonly newest: number } | undefined): void {
    this.#events.onStorage({
      state: 'on',
      ...(restored === undefined ? undefined : { restored: { messages: restored.messages, newest: restored.newest } }),
      skipped: this.#storage?.skipped ?? 0,
    });
  }
}

function isWritten(topic: string): boolean {
  return !isMarkName(topic);
}

function* each(replay: Replay | undefined): Generator<StoredMessage> {
  for (let message = replay?.next(); message !== undefined; message = replay?.next()) {
    yield message;
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
