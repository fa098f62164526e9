import { getOrSet } from '../../utils/get-or-set';
import type { IncomingMessage } from '../incoming-message';
import type { ConnectionDeps } from '../connection-events';
import type { Connection } from '../mqtt-connection';
import type { ConnectionOptions, Credentials, FromEngine, PastStatus } from '../protocol';
import type { Stream } from '../stream';
import { BirthRequests } from './birth-requests';
import { Births } from './births';
import { EvictedMessages } from './evicted-messages';
import { matcherOf } from './filter-matcher';
import { HistorianClient } from './historian-client';
import { parseStatus } from './historian-status';
import { HistoryFeed } from './history-feed';
import { KnownHistory } from './known-history';
import { type MarkSession, MarkSubscription } from './mark-subscription';
import type { StoredMessage } from './message-segment';
import { fillGaps, type Gaps, type KnownGaps, narrowGaps } from './past-gaps';
import { type PastReceiver, PastRequests } from './past-requests';
import { PastStatuses } from './past-statuses';
import type { Recorder } from './recorder';
import { type Span, Spans } from './spans';

export interface PastOptions {
  readonly connection: ConnectionOptions;
  /** See `Connection`. */
  readonly older: boolean;
  /** The root topic of requests and responses, such as `history`. */
  readonly root: string;
}

export interface PastEvents {
  post(message: FromEngine): void;
  streams(): Iterable<Stream>;
  isReady(): boolean;
  onReplayed(stream: Stream): void;
  restart(stream: Stream): Stream;
  flush(): void;
  subscribeStreams(): void;
  /** The first one, and further ones. */
  sessions(): readonly MarkSession[];
  requestCredentials(attempt: number): void;
  readonly gaps: Gaps;
  onStatus(streams: readonly number[], status: PastStatus): void;
}

/** Messages are missed from so long before a gap, because they were on their way, and until the broker's SUBACK behind it. */
const BEFORE_GAP_MS = 2_000;
const SUBACK_MS = 250;

/** Two clocks that differ by this may be one, in milliseconds. */
const CLOCK_MS = 5;

/** How long a gap waits for streams to read the record, in milliseconds: it goes when its messages are shown. */
const REPLAY_MS = 10_000;

/** Requests messages from a historian, and hands them to the streams. A part of the engine, which few brokers need. */
export class Past {
  readonly #recorder: Recorder;
  readonly #events: PastEvents;
  readonly #now: () => number;
  readonly #marks: MarkSubscription;
  readonly #client: HistorianClient;
  readonly #requests: PastRequests;
  readonly #evicted: EvictedMessages;
  readonly #statuses: PastStatuses;
  /** What the streams need, by their ids: panels share them. */
  readonly #spans = new Map<number, Spans>();
  /** When they began to need something, in milliseconds since 1970. */
  readonly #since = new Map<number, number>();
  readonly #known = new KnownHistory();
  readonly #births = new Births();
  readonly #birthRequests: BirthRequests;
  #watchesStatus = false;
  /** How wrong times of the historian were at most, in milliseconds. */
  #uncertaintyMs = 0;
  readonly #gaps: KnownGaps;
  readonly #feeds = new Set<HistoryFeed>();
  readonly #renewed: () => Past;

  /** @param MqttConnection the engine's: a part of the engine has no MQTT client of its own. */
  constructor(
    options: PastOptions,
    recorder: Recorder,
    events: PastEvents,
    deps: ConnectionDeps,
    MqttConnection: typeof Connection
  ) {
    this.#renewed = () => new Past(options, recorder, events, deps, MqttConnection);
    this.#recorder = recorder;
    this.#events = events;
    this.#now = deps.now;
    const { gaps } = events;
    const knownFrom = (): number => Math.min(gaps.connectedAt(), recorder.found?.oldest ?? Infinity);
    this.#gaps = { ...gaps, knownFrom };
    this.#marks = new MarkSubscription(options.root, {
      ...events,
      qos: () => highestQos(events.streams()),
    });
    this.#client = new HistorianClient(
      {
        ...options,
        requestCredentials: (attempt) => events.requestCredentials(attempt),
        subscribeMarks: () => this.#marks.subscribe(),
        watchStatus: () => this.#watchStatus(`${options.root}/status`),
      },
      deps,
      MqttConnection
    );
    recorder.births = this.#births;
    this.#birthRequests = new BirthRequests({
      client: this.#client,
      births: this.#births,
      streams: () => events.streams(),
      oldestRestored: () => recorder.found?.oldest,
      now: deps.now,
    });
    this.#statuses = new PastStatuses((streams, status) => events.onStatus(streams, status));
    this.#requests = new PastRequests(this.#client, {
      receive: (filters, span, onProgress) => this.#receive(filters, span, onProgress),
      onStatus: (streams, status) => this.#statuses.set(streams, 'requests', status),
    });
    this.#evicted = new EvictedMessages({
      client: this.#client,
      recorder,
      marksSeen: this.#marks.seen,
      events: {
        isReady: () => events.isReady(),
        onRows: (stream) => events.onReplayed(stream),
        onStatus: (streams, status) => this.#statuses.set(streams, 'evicted', status),
        shown: () => this.#shown(),
        now: deps.now,
      },
    });
  }

  /** There is a connection: requests that waited for it are sent now. */
  start(): void {
    this.#requests.start();
    this.#evicted.start();
    // What was stored over a reload may lack something too, which is known only now
    for (const stream of this.#events.streams()) {
      this.#requestEvicted(stream);
    }
  }

  /** A stream needs a span. */
  request(stream: number, filters: readonly string[], span: Span): void {
    getOrSet(this.#spans, stream, () => new Spans()).add(span);
    getOrSet(this.#since, stream, () => this.#now());
    this.#statuses.open(stream);
    for (const open of this.#events.streams()) {
      if (open.id === stream) {
        this.#evicted.request(open, span);
      }
    }
    this.#requests.request(stream, filters, span);
  }

  /** Messages were lost from a time on: they are requested again. */
  lost(from: number, streams: ReadonlyMap<number, readonly string[]>): void {
    this.#requests.lost({ from: from - BEFORE_GAP_MS, to: Infinity }, streams);
  }

  /** A stream has closed. */
  close(stream: number): void {
    this.#spans.delete(stream);
    this.#since.delete(stream);
    this.#requests.close(stream);
    this.#evicted.close(stream);
    this.#statuses.close(stream);
  }

  credentials(attempt: number, credentials: Credentials | undefined): void {
    this.#client.credentials(attempt, credentials);
  }

  /** Takes a mark of a historian, which is no measurement. @returns whether the message is one. */
  takeMark({ topic, payload }: IncomingMessage, time: number, epoch: number): boolean {
    if (payload.length > 0 || !this.#marks.isMark(topic)) {
      return false;
    }
    const isLast = !this.#marks.hasOthers;
    this.#recorder.recordMark(topic, time, epoch, isLast);
    if (isLast) {
      this.#see(topic);
    } else {
      void this.#passOthers(topic, epoch);
    }
    return true;
  }

  /** Other sessions may still bring messages from before a mark. */
  async #passOthers(mark: string, epoch: number): Promise<void> {
    await this.#marks.passOthers();
    this.#recorder.recordMark(mark, this.#now(), epoch, true);
    this.#see(mark);
  }

  #see(mark: string): void {
    this.#marks.see(mark);
    this.resume();
  }

  /** A message on the topic of the status has come. @returns whether it is a status: a historian has announced itself. */
  takeStatus(payload: Uint8Array): boolean {
    const isStatus = parseStatus(payload) !== undefined;
    if (isStatus) {
      this.#requests.lookAgain();
      this.#evicted.lookAgain();
    }
    return isStatus;
  }

  /** A SUBACK has come over the connection with the live messages. */
  onSubscribed(filter: string, refusal: string | undefined): void {
    this.#marks.onSubscribed(filter, refusal);
  }

  /** The page takes rows again. */
  resume(): void {
    for (const feed of this.#feeds) {
      feed.resume();
    }
    this.#evicted.resume();
  }

  stop(): void {
    this.#evicted.stop();
    this.#requests.stop();
    for (const feed of this.#feeds) {
      feed.stop();
    }
  }

  /**
   * Another user has connected, who may read other topics: nothing of before counts.
   *
   * @returns takes the place of this one, and requests what this one has requested.
   */
  renew(): Past {
    this.stop();
    const next = this.#renewed();
    for (const { id, isRecorded, spec } of this.#events.streams()) {
      for (const span of isRecorded ? this.#requests.requested(spec.filters) : []) {
        next.request(id, spec.filters, span);
      }
    }
    return next;
  }

  /** A stream that has the topic itself receives the status too. */
  #watchStatus(topic: string): void {
    if (!this.#watchesStatus && ![...this.#events.streams()].some(({ spec }) => spec.filters.includes(topic))) {
      this.#watchesStatus = true;
      this.#marks.subscribeFirst(topic, 0);
    }
  }

  #receive(filters: readonly string[], span: Span, onProgress: (progress: number) => void): PastReceiver {
    const events = this.#events;
    const births = this.#birthRequests.request(filters, span);
    let hasBirths = false;
    const gaps = events.gaps.all();
    let evicted: ReadonlyMap<string, number> | undefined;
    const isEvicted = ({ topic, time }: StoredMessage): boolean => {
      evicted ??= this.#recorder.lost(matcherOf(filters));
      return time <= (evicted?.get(topic) ?? -Infinity) && !gaps.some((gap) => isIn(time, gap));
    };
    const feed = new HistoryFeed(this.#recorder, this.#known, this.#marks.seen, filters, span, {
      streams: () => events.streams(),
      isReady: () => events.isReady(),
      onRows: (stream) => events.onReplayed(stream),
      isFor: (stream, message) =>
        !this.#evicted.bring(stream, message) && !(isEvicted(message) && this.#hadLive(stream, message)),
      restart: (stream) => this.#restart(stream),
      onReplaced: (arrivals) => events.post({ type: 'arrivals', arrivals }),
      isToBegin: (stream) => hasBirths && this.#births.isFor(stream),
      onProgress,
      now: this.#now,
    });
    this.#feeds.add(feed);
    let away: readonly Span[] = [];
    const requestedAt = this.#now();
    let oldest = Infinity;
    const tolerance = (): number => 2 * this.#uncertaintyMs + CLOCK_MS;
    return {
      onPart: (part, mark, isLast) => {
        away = part.away;
        this.#uncertaintyMs = Math.max(this.#uncertaintyMs, part.clock.uncertaintyMs);
        const before = oldest;
        oldest = Math.min(oldest, part.messages.at(0)?.time ?? Infinity);
        if (oldest < before) {
          narrowGaps(this.#gaps, { from: oldest, to: Math.min(span.to, requestedAt) }, before, away, tolerance());
        }
        feed.add(part, mark, isLast);
      },
      end: async (covered) => {
        // Streams that read by births begin again at the end
        hasBirths = await births;
        const hasAll = await feed.end();
        this.#feeds.delete(feed);
        await this.#shown();
        if (hasAll && covered !== undefined) {
          fillGaps(this.#gaps, { from: covered.from, to: Math.min(covered.to, requestedAt) }, away, tolerance());
        }
        return hasAll;
      },
    };
  }

  /** The record has more for a stream, and may have less: another stream takes its place. */
  #restart(stream: Stream): Stream {
    this.#evicted.close(stream.id);
    const next = this.#events.restart(stream);
    this.#requestEvicted(next);
    return next;
  }

  /** Whether a stream was there when a message came that is no longer stored, so that it cannot be joined with it. */
  #hadLive({ id, lost }: Stream, { topic, time }: StoredMessage): boolean {
    const begin = typeof lost === 'object' ? lost.get(topic) : undefined;
    return time > Math.max(begin ?? this.#since.get(id) ?? Infinity, this.#events.gaps.connectedAt());
  }

  #requestEvicted(stream: Stream): void {
    for (const span of this.#spans.get(stream.id)?.all ?? []) {
      this.#evicted.request(stream, span);
    }
  }

  /** What the streams have got goes to the page, before it is said that this is all. */
  async #shown(): Promise<void> {
    await this.#recorder.replayed(REPLAY_MS);
    this.#events.flush();
  }
}

/** Whether a message may have been missed in a gap. */
function isIn(time: number, { from, to }: Span): boolean {
  return time >= from - BEFORE_GAP_MS && time <= to + SUBACK_MS;
}

function highestQos(streams: Iterable<Stream>): 0 | 1 | 2 {
  let highest: 0 | 1 | 2 = 0;
  for (const { spec } of streams) {
    highest = spec.qos > highest ? spec.qos : highest;
  }
  return highest;
}
