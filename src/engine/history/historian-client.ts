import type { Connection, ConnectionDeps } from '../mqtt-connection';
import type { IncomingMessage } from '../incoming-message';
import type { ConnectionOptions, Credentials } from '../protocol';
import { type HistorianClock, type HistoryPart, ResponseReader } from './history-response';
import { parseStatus } from './historian-status';
import type { Span } from './spans';

/** How long the historian's status may take after the broker's SUBACK: it is retained. In milliseconds. */
const STATUS_MS = 1_000;

/** How long the broker may take to connect and to answer, and the historian until its next part, in milliseconds. */
const PATIENCE_MS = 10_000;

/** Errors of requests for which there can be no messages. */
const UNRECORDED: ReadonlySet<string> = new Set(['not-recorded', 'not-authorized']);

/** The session ends when nothing was asked for so long, in milliseconds. */
const IDLE_MS = 30_000;

/** How a request ended, after all parts of the response. */
export type HistoryAnswer =
  /** There is no historian, or the broker does not allow to ask it. */
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'cancelled' }
  /** `truncated`: the historian had more in the span, and has dropped it. */
  | { readonly state: 'answered'; readonly truncated: boolean; readonly userProperties: boolean };

/** A part of a response, and the topic of the mark at which the response ends. */
export type OnPart = (part: HistoryPart, mark: string | undefined, isLast: boolean) => void;

export interface HistoryRequest {
  /** Never rejects. */
  readonly answer: Promise<HistoryAnswer>;
  readonly cancel: () => void;
}

export interface HistorianOptions {
  readonly connection: ConnectionOptions;
  /** See `Connection`. */
  readonly older: boolean;
  /** The topic below which historians are asked, such as `history`. */
  readonly root: string;
  /** Asks the page for the credentials of an attempt: each attempt has its own, because a token may be used once. */
  askCredentials(attempt: number): void;
  /**
   * Subscribes the connection with the live messages to its marks, behind its other subscriptions.
   *
   * @returns its client id; `undefined` where it cannot have marks now.
   */
  subscribeMarks(): Promise<string | undefined>;
}

/** The span of the request was meant by another clock than the historian's: it is asked for again. */
interface OtherClock {
  readonly state: 'other-clock';
}

interface Asked {
  readonly filters: readonly string[];
  readonly span: Span;
  readonly onPart: OnPart;
  /** Of the request, once it is sent. */
  id: string | undefined;
  isCancelled: boolean;
}

interface OpenRequest {
  readonly isClockKnown: boolean;
  readonly reader: ResponseReader;
  readonly topic: string;
  readonly mark: string | undefined;
  readonly onPart: OnPart;
  resolve(answer: HistoryAnswer | OtherClock): void;
  late: ReturnType<typeof setTimeout>;
}

const utf8 = new TextEncoder();

/**
 * Asks a historian for messages of the past. It has a session of its own, because some brokers close the connection of
 * a client that asks for a filter that they do not allow. Whether there is a historian is found out once.
 */
export class HistorianClient {
  readonly #options: HistorianOptions;
  readonly #deps: ConnectionDeps;
  readonly #Connection: typeof Connection;
  #isThere: boolean | undefined;
  #session: Promise<Connection | undefined> | undefined;
  /** While it is being made, too. */
  #connection: Connection | undefined;
  #end: () => void = () => undefined;
  #settle: (isThere: boolean | undefined) => void = () => undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #next = 1;
  readonly #open = new Map<string, OpenRequest>();
  #status: { version: 1 | 2; userProperties: boolean } = { version: 1, userProperties: false };
  /** Known for as long as the session stands. */
  #clock: HistorianClock | undefined;
  #stopped = false;

  /** @param MqttConnection the engine's. */
  constructor(options: HistorianOptions, deps: ConnectionDeps, MqttConnection: typeof Connection) {
    this.#options = options;
    this.#deps = deps;
    this.#Connection = MqttConnection;
  }

  /** Asks for the messages of a span; times of the messages are by this browser's clock. */
  ask(filters: readonly string[], span: Span, onPart: OnPart): HistoryRequest {
    const asked: Asked = { filters, span, onPart, id: undefined, isCancelled: false };
    const cancel = (): void => {
      asked.isCancelled = true;
      const request = asked.id === undefined ? undefined : this.#open.get(asked.id);
      if (asked.id !== undefined && request !== undefined) {
        this.#cancel(request);
        this.#finish(asked.id, { state: 'cancelled' });
      }
    };
    return { answer: this.#answerOf(asked), cancel };
  }

  async #answerOf(asked: Asked): Promise<HistoryAnswer> {
    if (this.#isThere === false || this.#stopped) {
      return { state: 'none' };
    }
    clearTimeout(this.#idle);
    this.#session ??= this.#connect();
    const connection = await this.#session;
    if (connection === undefined) {
      return { state: 'none' };
    }
    const { version } = this.#status;
    const mark = version === 1 || asked.span.to < Infinity ? undefined : await this.#options.subscribeMarks();
    let answer = await this.#send(connection, asked, mark);
    if (answer.state === 'other-clock') {
      answer = await this.#send(connection, asked, mark);
    }
    if (this.#open.size === 0) {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#close('it was not needed any longer'), IDLE_MS);
    }
    return answer.state === 'other-clock' ? { state: 'failed', reason: 'its clock has changed' } : answer;
  }

  /** @param mark the client id of the connection with the live messages, for a mark. */
  #send(connection: Connection, asked: Asked, mark: string | undefined): Promise<HistoryAnswer | OtherClock> {
    if (asked.isCancelled) {
      return Promise.resolve({ state: 'cancelled' });
    }
    const { root } = this.#options;
    const {
      filters,
      span: { from, to },
      onPart,
    } = asked;
    const clock = this.#clock;
    const { offsetMs = 0 } = clock ?? {};
    const v = this.#status.version;
    const id = String(this.#next++);
    asked.id = id;
    const request = {
      v,
      filters,
      from: Math.max(0, Math.floor(from + offsetMs)),
      ...(to < Infinity ? { to: Math.ceil(to + offsetMs) } : undefined),
      ...(mark === undefined ? undefined : { mark }),
    };
    return new Promise((resolve) => {
      const topic = `${root}/request/${encodeURIComponent(connection.clientId)}/${id}`;
      this.#open.set(id, {
        reader: new ResponseReader(v, this.#deps.now(), clock),
        isClockKnown: clock !== undefined,
        topic,
        mark: mark === undefined ? undefined : `${root}/mark/${encodeURIComponent(mark)}/${id}`,
        onPart,
        resolve,
        late: this.#lateAfter(id),
      });
      if (!connection.publish(topic, encode(request))) {
        this.#finish(id, { state: 'failed', reason: 'the connection to the historian was lost' });
      }
    });
  }

  #cancel({ topic }: OpenRequest): void {
    this.#connection?.publish(topic, encode({ v: this.#status.version, cancel: true }));
  }

  /** The page's answer to `askCredentials`; `undefined` where it has none. */
  credentials(attempt: number, credentials: Credentials | undefined): void {
    if (credentials === undefined) {
      this.#settle(undefined);
    } else {
      this.#connection?.credentials(attempt, credentials);
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#close('the connection ends');
  }

  #close(reason: string): void {
    clearTimeout(this.#idle);
    this.#clock = undefined;
    this.#session = undefined;
    this.#end();
    for (const id of this.#open.keys()) {
      this.#finish(id, { state: 'failed', reason });
    }
  }

  /** Resolves to a connection over which a historian answers, or to none, which is remembered. */
  #connect(): Promise<Connection | undefined> {
    const { connection: options, older, root } = this.#options;
    return new Promise((resolve) => {
      const waiting = new Set<string>();
      let timer = setTimeout(() => settle(undefined), PATIENCE_MS);
      const end = (): void => {
        clearTimeout(timer);
        connection.stop(() => undefined);
      };
      /** @param isThere undefined where it could not be found out, so that it is tried again. */
      const settle = (isThere: boolean | undefined): void => {
        clearTimeout(timer);
        this.#isThere = isThere ?? this.#isThere;
        if (isThere !== true) {
          this.#session = undefined;
          end();
          this.#end = () => undefined;
        }
        resolve(isThere === true ? connection : undefined);
      };
      const connection: Connection = new this.#Connection(
        { ...options, clientIdPrefix: `${options.clientIdPrefix}-history`, cleanStart: true, sessionExpiry: 0 },
        older,
        {
          onStatus: (status) => {
            if (status.state === 'connected') {
              const own = `${root}/response/${encodeURIComponent(connection.clientId)}/+`;
              for (const [at, filter] of [`${root}/status`, own].entries()) {
                waiting.add(filter);
                connection.subscribe(filter, 0, at + 1);
              }
            } else if (status.state !== 'connecting' || status.error !== undefined) {
              settle(undefined);
              this.#close('the connection to the historian was lost');
            }
          },
          onSubscribed: (filter, refusal) => {
            waiting.delete(filter);
            if (refusal !== undefined) {
              settle(false);
            } else if (waiting.size === 0) {
              clearTimeout(timer);
              timer = setTimeout(() => settle(false), STATUS_MS);
            }
          },
          onMessage: (message) => {
            if (message.topic === `${root}/status`) {
              const status = parseStatus(message.payload);
              this.#status = status ?? this.#status;
              settle(status !== undefined);
            } else {
              this.#receive(message);
            }
          },
          // The constructor calls this, before there is a connection to answer.
          onCredentials: (attempt) => this.#options.askCredentials(attempt),
        },
        this.#deps
      );
      this.#connection = connection;
      this.#settle = settle;
      this.#end = end;
    });
  }

  #receive({ topic, payload }: IncomingMessage): void {
    const id = topic.slice(topic.lastIndexOf('/') + 1);
    const request = this.#open.get(id);
    if (request === undefined) {
      return;
    }
    clearTimeout(request.late);
    request.late = this.#lateAfter(id);
    const read = request.reader.read(payload, this.#deps.now());
    if (read.state === 'failed') {
      // What is not recorded is not missing
      this.#finish(id, UNRECORDED.has(read.code) ? { state: 'none' } : { state: 'failed', reason: read.reason });
    } else if (read.state !== 'more' && !request.isClockKnown && read.part.clock.offsetMs !== 0) {
      this.#clock = read.part.clock;
      this.#cancel(request);
      this.#finish(id, { state: 'other-clock' });
    } else if (read.state !== 'more') {
      this.#clock ??= read.part.clock;
      const isLast = read.state === 'done';
      request.onPart(read.part, read.part.isMarked ? request.mark : undefined, isLast);
      if (isLast) {
        const { userProperties } = this.#status;
        this.#finish(id, { state: 'answered', truncated: read.truncated, userProperties });
      }
    }
  }

  #lateAfter(id: string): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => this.#finish(id, { state: 'failed', reason: `it did not answer within ${PATIENCE_MS / 1_000} s` }),
      PATIENCE_MS
    );
  }

  #finish(id: string, answer: HistoryAnswer | OtherClock): void {
    const request = this.#open.get(id);
    this.#open.delete(id);
    clearTimeout(request?.late);
    request?.resolve(answer);
  }
}

function encode(request: object): Uint8Array {
  return utf8.encode(JSON.stringify(request));
}
