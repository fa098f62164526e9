import type { ConnectionDeps } from '../connection-events';
import { Connection } from '../mqtt-connection';
import type { IncomingMessage } from '../incoming-message';
import type {
  ConnectionOptions,
  ConnectionStatus,
  Credentials,
  FromEngine,
  PastStatus,
  RecorderOptions,
  StorageStatus,
} from '../protocol';
import type { Stream } from '../stream';
import type { Session } from '../session-set';
import { isOfProtocol } from './historian-status';
import { pastPart } from './part';
import type { Past, PastOptions } from './past';
import { Recorder } from './recorder';
import type { Span } from './spans';

/** Functions that need no `this`. */
export interface HistoryEvents {
  post(message: FromEngine): void;
  /** A stream has got messages from the past: they go to the page as live ones do. */
  onReplayed(stream: Stream): void;
  /** Whether the page takes more rows now; where it does not, {@link History.resume} is called when it does again. */
  isReady(): boolean;
  streams(): Iterable<Stream>;
  /** A stream is to begin again: there is more of the past. @returns the stream that takes its place. */
  restart(stream: Stream): Stream;
  /** Another user has connected, who must not see what the one before could read. */
  onOtherUser(): void;
  /** Hands to the page what the streams have, so that what is posted next comes behind. */
  flush(): void;
  /** The sessions with live messages, the first one first. */
  sessions(): readonly Session[];
  /** Subscribes to all filters that streams want. */
  subscribeStreams(): void;
}

/** The first byte of a JSON object: until the part is loaded, this is all that is known of a status. */
const OBJECT = 0x7b;

/** Gaps that are remembered so that a historian may fill them. */
const MAX_GAPS = 100;

/** Messages from before now: recorded ones, those that were stored over a reload, and those of a historian. */
export class History {
  readonly #events: HistoryEvents;
  readonly #deps: ConnectionDeps;
  readonly recorder: Recorder;
  /** The root topic of requests to the historian and of its responses. */
  #historian: string | undefined;
  /** {@link #historian} with a slash, compared with the topic of every message. */
  #prefix: string | undefined;
  /** The part that sends requests to the historian; `undefined` until it is loaded. */
  #past: Past | undefined;
  /** Actions that wait for the part; `undefined` without a historian, and if the part did not load. */
  #whenLoaded: Array<(past: Past) => void> | undefined;
  #isStopped = false;
  #credentials: Credentials | 'request' = {};
  /** See `RecorderOptions`. */
  #ignoresUser = false;
  /** When the first connection was made. */
  #connectedAt: number | undefined;
  #lostAt: number | undefined;
  /** When the newest message came that was restored, until the connection stands. */
  #restoredUntil: number | undefined;
  /** When messages were missed, for as long as no historian has given them. */
  #gaps: Span[] = [];

  constructor(events: HistoryEvents, deps: ConnectionDeps) {
    this.#events = events;
    this.#deps = deps;
    this.recorder = new Recorder(
      {
        ...events,
        onStorage: (status) => this.#postStorage(status),
        onGap: (from, to) => this.#postGap({ from, to }),
      },
      deps.now
    );
  }

  configure(options: RecorderOptions): void {
    this.recorder.configure(options);
    this.#ignoresUser = options.ignoresUser === true;
    this.#historian = options.historian;
    this.#prefix = options.historian === undefined ? undefined : `${options.historian}/`;
  }

  /**
   * The engine begins to connect.
   *
   * @param older see `Connection`.
   */
  connect(options: ConnectionOptions, older: boolean): void {
    this.credentials(options.credentials);
    // If the viewer enters the credentials, stored messages are shown only after the broker has accepted the password.
    this.#restoreFor(options.credentials);
    if (this.#historian !== undefined && this.recorder.isOn) {
      this.#whenLoaded = [];
      void this.#load({ connection: options, older, root: this.#historian });
    }
  }

  async #load(options: PastOptions): Promise<void> {
    await pastPart.load();
    const waiting = this.#whenLoaded ?? [];
    this.#whenLoaded = undefined;
    const { code } = pastPart;
    if (code === undefined || this.#isStopped) {
      this.#postPast(
        [...this.#events.streams()].map(({ id }) => id),
        {
          state: 'failed',
          reason: 'the browser did not load the part of this plugin that requests older messages. Reload the page',
        }
      );
      return;
    }
    const events = this.#events;
    const past = new code.Past(
      options,
      this.recorder,
      {
        ...events,
        requestCredentials: (attempt) => events.post({ type: 'credentials', attempt: -attempt }),
        gaps: {
          all: () => this.#gaps,
          add: (gap) => this.#postGap(gap),
          remove: (gap) => this.#removeGap(gap),
          connectedAt: () => this.#connectedAt ?? 0,
        },
        onStatus: (streams, status) => this.#postPast(streams, status),
      },
      this.#deps,
      Connection
    );
    this.#past = past;
    for (const action of waiting) {
      action(past);
    }
  }

  #withPast(action: (past: Past) => void): void {
    if (this.#past === undefined) {
      this.#whenLoaded?.push(action);
    } else {
      action(this.#past);
    }
  }

  /**
   * The credentials that the page has sent after a request.
   *
   * @param attempt below 0 for the session with the historian, to distinguish it from those of the engine.
   * @returns whether they are for the session with the historian.
   */
  takeCredentials(attempt: number, credentials: Credentials | undefined): boolean {
    if (attempt < 0) {
      this.#past?.credentials(-attempt, credentials);
    } else if (credentials !== undefined) {
      this.credentials(credentials);
    }
    return attempt < 0;
  }

  /** The credentials of the present attempt. */
  credentials(credentials: Credentials | 'request'): void {
    this.#credentials = credentials;
  }

  /** @param stored the streams that miss nothing of what was published while the connection was away. */
  onStatus(status: ConnectionStatus, stored: readonly number[]): void {
    if (status.state === 'reconnecting') {
      this.#lostAt ??= status.since;
    } else if (status.state === 'connected') {
      this.#connectedAt ??= status.since;
      this.#postRestoredGap(status.since);
      this.#restoreFor(this.#credentials);
      void this.recorder.restored.then(() => this.#withPast((past) => past.start()));
      this.#requestLost(status.since, stored);
    }
  }

  /**
   * A further session was away. A historian may have what it missed, if it is asked for that span.
   *
   * @param stored the streams that miss nothing.
   */
  onGap(gap: Span, stored: readonly number[]): void {
    this.#postGap(gap, stored);
    this.#requestAgain(gap, stored, false);
  }

  /** A panel shows this span of a stream: requests what is missing of it. */
  request(id: number, span: Span): void {
    const stream = [...this.#events.streams()].find((each) => each.id === id);
    if (stream !== undefined) {
      stream.shownFrom = Math.min(stream.shownFrom || Infinity, span.from);
    }
    const hasHistorian = this.#past !== undefined || this.#whenLoaded !== undefined;
    if (!hasHistorian || stream?.isRecorded !== true) {
      this.#postPast([id], { state: 'done' });
    } else {
      this.#withPast((past) => past.request(id, stream.spec.filters, span));
    }
  }

  /**
   * Takes a message of a historian or to one, which is no measurement.
   *
   * @param streams of its topic
   * @returns whether the message is one, and no filter names it.
   */
  takeHistorianMessage({ topic, payload }: IncomingMessage, streams: readonly Stream[]): boolean {
    const prefix = this.#prefix;
    if (prefix === undefined || !topic.startsWith(prefix)) {
      return false;
    }
    const rest = topic.slice(prefix.length);
    const isTaken =
      rest === 'status' ? (this.#past?.takeStatus(payload) ?? payload[0] === OBJECT) : isOfProtocol(rest, payload);
    return isTaken && !streams.some(({ spec }) => spec.filters.some((filter) => filter.startsWith(prefix)));
  }

  /** Takes a mark of a historian, which is no measurement. @returns whether the message is one. */
  takeMark(message: IncomingMessage, time: number, epoch: number): boolean {
    return this.#past?.takeMark(message, time, epoch) === true;
  }

  /** A SUBACK has come over the connection with the live messages. */
  onSubscribed(filter: string, refusal: string | undefined): void {
    this.#past?.onSubscribed(filter, refusal);
  }

  /** The page takes rows again. */
  resume(): void {
    this.recorder.resume();
    this.#past?.resume();
  }

  /** A stream has closed. */
  close(stream: Stream): void {
    this.recorder.close(stream);
    this.#withPast((past) => past.close(stream.id));
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#past?.stop();
    await this.recorder.stop();
  }

  #restoreFor(credentials: Credentials | 'request'): void {
    const { recorder } = this;
    const before = recorder.user;
    const user = this.#ignoresUser ? '' : credentials === 'request' ? before : (credentials.username ?? '');
    if (user !== undefined && user !== before) {
      void recorder.restore(user);
      if (before !== undefined) {
        this.#lostAt = undefined;
        this.#events.onOtherUser();
        this.#past = this.#past?.renew();
      }
    }
  }

  #removeGap(gap: Span): void {
    this.#gaps = this.#gaps.filter((each) => each !== gap);
    this.#events.post({ type: 'filled', from: gap.from, to: gap.to });
  }

  /** A historian may know what was published while the connection was away. */
  #requestLost(now: number, stored: readonly number[]): void {
    if (this.#lostAt !== undefined) {
      const from = this.#lostAt;
      this.#lostAt = undefined;
      // The page finds this gap itself, from the statuses.
      this.#rememberGap({ from, to: now });
      this.#requestAgain({ from, to: now }, stored, true);
    }
  }

  /** @param isForAll also for the streams that miss nothing. */
  #requestAgain(gap: Span, stored: readonly number[], isForAll: boolean): void {
    const isMissing = ({ id }: Stream): boolean => !stored.includes(id);
    const streams = [...this.#events.streams()].filter(
      (stream) => stream.isRecorded && (isForAll || isMissing(stream))
    );
    if (streams.some(isMissing)) {
      this.recorder.addGap(gap);
    }
    if (streams.length > 0) {
      this.#withPast((past) => past.lost(gap.from, new Map(streams.map(({ id, spec }) => [id, spec.filters]))));
    }
  }

  #postPast(streams: readonly number[], status: PastStatus): void {
    const replaying = [...this.#events.streams()].filter((stream) => this.recorder.isReplaying(stream));
    this.#events.post({ type: 'past', streams, status, replaying: replaying.map(({ id }) => id) });
  }

  #postStorage(status: StorageStatus): void {
    this.#restoredUntil = status.state === 'on' ? (status.restored?.newest ?? this.#restoredUntil) : undefined;
    this.#events.post({ type: 'storage', status });
    if (this.#connectedAt !== undefined) {
      this.#postRestoredGap(this.#connectedAt);
    }
  }

  /** Messages between the last restored one and the first connection are not known. */
  #postRestoredGap(now: number): void {
    if (this.#restoredUntil !== undefined) {
      this.#postGap({ from: this.#restoredUntil, to: now });
      this.#restoredUntil = undefined;
    }
  }

  #postGap(gap: Span, stored: readonly number[] = []): void {
    this.#rememberGap(gap);
    this.#events.post({ type: 'gap', ...gap, stored });
  }

  #rememberGap(gap: Span): void {
    // Sessions that are lost together have the same gap
    const others = this.#gaps.filter(({ from, to }) => from !== gap.from || to !== gap.to);
    this.#gaps = [...others, gap].slice(-MAX_GAPS);
  }
}
