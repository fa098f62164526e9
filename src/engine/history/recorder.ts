import type { IncomingMessage } from '../incoming-message';
import type { RecorderOptions, StorageStatus } from '../protocol';
import type { Stream } from '../stream';
import type { Replay } from './message-replay';
import { MessageRing } from './message-ring';
import { asIncoming, type StoredMessage } from './message-segment';
import { isMarkName, markMessage } from './marks';
import { NewestPayloads } from './newest-payloads';
import type { Span } from './spans';
import type { Restored } from './message-storage';
import { StorageSession } from './storage-session';
import { type BirthSource, each, isWritten, type MessageSource, replayOf } from './stream-replay';

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
const SLICE_MS = 20;

/** Messages between two looks at the clock. */
const PER_LOOK = 64;

/**
 * Records the messages of a connection, and hands them to streams that open later: what they would have shown had they
 * been there before. A stream that is being handed the past gets live messages from the record too, behind the others,
 * so that none is missing, comes twice or comes out of order.
 */
export class Recorder {
  readonly #events: RecorderEvents;
  readonly #now: () => number;
  readonly #replays = new Map<Stream, MessageSource | undefined>();
  #ring: MessageRing | undefined;
  #options: RecorderOptions | undefined;
  /** When the newest message came that was not recorded, because recording is off. */
  #missedAt: number | undefined;
  #storage: StorageSession | undefined;
  /** The broker's user whose messages are recorded, from the first connection on. */
  user: string | undefined;
  #restoring = false;
  /** Births that messages are read by, and that are not recorded; there if a historian is asked for them. */
  births: BirthSource | undefined;
  /** Resolves when the messages of the present user are read back: a historian's messages are joined with them. */
  restored: Promise<void> = Promise.resolve();
  /** Gaps since the page was loaded, until there is a storage. */
  #unwrittenGaps: Span[] = [];
  #sliceTimer: ReturnType<typeof setTimeout> | undefined;
  /** Called when no stream is handed the record any more. */
  #onIdle: Array<() => void> = [];
  readonly #newest = new NewestPayloads(() => each(this.#ring?.replay(isWritten)));
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
    if (this.user === user) {
      return;
    }
    if (this.user !== undefined) {
      this.#forgetAll();
    }
    this.user = user;
    const { storage, bytes = 0, ageMs = Infinity } = this.#options ?? {};
    if (storage === undefined || bytes === 0) {
      return;
    }
    this.#restoring = true;
    const ring = new MessageRing({ bytes, messages: MAX_MESSAGES, ageMs });
    const options = { ...storage, owner: `${storage.owner}\n${user}`, bytes };
    this.restored = this.#openStorage(options, ring, user);
    await this.restored;
    if (this.user === user) {
      this.#restoring = false;
      this.#startReplays();
    }
  }

  /** @param ring receives what was stored. @param user whose storage it is. */
  async #openStorage(
    options: Parameters<typeof StorageSession.open>[0],
    ring: MessageRing,
    user: string
  ): Promise<void> {
    const events = this.#events;
    const deps = { now: this.#now, onStatus: (status: StorageStatus) => events.onStorage(status) };
    const session = await StorageSession.open(options, deps, (message) => ring.add(message));
    if (session === undefined || this.user !== user) {
      session?.close(); // what this user could read is not for the one who has connected meanwhile
      return;
    }
    this.#storage = session;
    this.#unwrittenGaps.splice(0).forEach((gap) => session.addGap(gap));
    const { found } = session;
    // Messages that came meanwhile go behind.
    const unwritten = found?.isOwn === true ? ring.replay(isWritten) : undefined;
    unwritten?.skip();
    this.#moveInto(ring);
    session.begin(unwritten ?? ring.replay(isWritten));
    for (const { from, to } of found?.gaps ?? []) {
      events.onGap(from, to);
    }
    session.tell(found);
  }

  /** Records a message. @returns whether streams that are handed the past will be handed it too. */
  record(message: IncomingMessage, time: number, epoch: number): boolean {
    const ring = this.#ring;
    if (ring === undefined) {
      this.#missedAt = time;
      return false;
    }
    const { topic, payload, retain, qos, userProperties } = message;
    this.#newest.note(message);
    const isStored = ring.add({ topic, payload, retain, qos, userProperties, time, epoch });
    this.#storage?.schedule();
    if (this.#replays.size > 0) {
      this.#scheduleSlice();
    }
    return isStored;
  }

  /** The connection was away, in milliseconds since 1970: what was published meanwhile is missing. */
  addGap(gap: Span): void {
    if (this.#storage !== undefined) {
      this.#storage.addGap(gap);
    } else if (this.#restoring) {
      this.#unwrittenGaps.push(gap);
    }
  }

  /**
   * Whether a retained message is the newest one that is recorded of its topic: a new connection brings it again.
   *
   * @param streams of its topic: each of them shows what is recorded.
   */
  repeats(message: IncomingMessage, streams: readonly Stream[]): boolean {
    return this.#newest.has(message, Math.max(...streams.map(({ shownFrom }) => shownFrom)));
  }

  /** Notes where a historian's mark came among the messages; see `markMessage`. */
  recordMark(topic: string, time: number, epoch: number, isLast = true): void {
    this.#ring?.add(markMessage(topic, time, epoch, isLast));
  }

  /** What was stored over a reload. */
  get found(): Restored | undefined {
    return this.#storage?.found;
  }

  /** Reads the recorded messages of some topics, and all marks. */
  replay(matches: (topic: string) => boolean): Replay | undefined {
    return this.#ring?.replay((topic) => isMarkName(topic) || matches(topic));
  }

  /** See `MessageRing.lost`. */
  lost(matches: (topic: string) => boolean): ReadonlyMap<string, number> | undefined {
    return this.#ring?.lost(matches);
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
    this.#newest.forget();
    const storage = this.#storage;
    storage?.takeUnwritten();
    const replaced: StoredMessage[] = [];
    ring.insert(history, (message) => isReplaced(message) && replaced.push(message) > 0);
    const unwritten = ring.replay(isWritten);
    unwritten.skip();
    storage?.remove(replaced);
    storage?.begin(unwritten);
    return [...this.#replays.keys()];
  }

  /**
   * A stream has opened: it is handed what was recorded.
   *
   * @param isRestarted it learns of the end of that, even if there is nothing.
   */
  open(stream: Stream, isRestarted = false): void {
    const ring = stream.isRecorded ? this.#ring : undefined;
    if (ring !== undefined && this.#restoring) {
      this.#replays.set(stream, undefined);
    } else if (ring !== undefined && (ring.messages > 0 || this.births !== undefined)) {
      this.#replays.set(stream, replayOf(ring, stream, this.births));
      this.#scheduleSlice();
    } else {
      if (ring !== undefined) {
        replayOf(ring, stream, undefined);
      } else if (stream.isRecorded) {
        stream.lost = this.#missedAt;
      }
      if (isRestarted || stream.lost !== undefined) {
        this.#end(stream);
      }
    }
  }

  close(stream: Stream): void {
    this.#ended(stream);
  }

  /** Resolves when no stream is handed the record any more, or after `maxMs` milliseconds. */
  async replayed(maxMs: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<true>((resolve) => {
      timer = setTimeout(() => resolve(true), maxMs);
    });
    let isLate = false;
    // A stream that begins again closes first.
    while (this.#replays.size > 0 && !isLate) {
      const idle = new Promise<false>((resolve) => {
        this.#onIdle.push(() => resolve(false));
      });
      isLate = await Promise.race([late, idle]);
    }
    clearTimeout(timer);
  }

  /** Whether a stream gets its messages from the record for now, live ones included. */
  isReplaying(stream: Stream): boolean {
    return this.#replays.size > 0 && this.#replays.has(stream);
  }

  /** The page may be about to go: writes to the browser's storage now. */
  flush(): void {
    void this.#storage?.write();
  }

  /** The page takes rows again. */
  resume(): void {
    this.#scheduleSlice();
  }

  /** Writes what is not written yet. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#sliceTimer);
    this.#newest.forget();
    await this.restored; // what came meanwhile goes behind
    await this.#storage?.write();
    this.#storage?.close();
  }

  /** Another user has connected: what the one before could read is not for this one. */
  #forgetAll(): void {
    this.#ring?.forget(() => true);
    this.#newest.forget();
    this.#storage?.close();
    this.#storage = undefined;
    this.#unwrittenGaps = [];
    // They read on in the record of the next user
    for (const stream of this.#replays.keys()) {
      this.#replays.set(stream, undefined);
    }
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
          this.#replays.set(stream, replayOf(ring, stream, this.births));
        }
      }
    }
    this.#scheduleSlice();
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
        this.#ended(stream);
        this.#end(stream);
      }
      if (performance.now() >= end) {
        break;
      }
    }
    this.#scheduleSlice();
  }

  #ended(stream: Stream): void {
    this.#replays.delete(stream);
    if (this.#replays.size === 0) {
      this.#onIdle.splice(0).forEach((onIdle) => onIdle());
    }
  }

  #end(stream: Stream): void {
    stream.endReplay();
    this.#events.onReplayed(stream);
  }

  /** @returns whether the stream has had all. */
  #read(stream: Stream, replay: MessageSource, end: number): boolean {
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
}
