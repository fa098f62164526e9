import type { ConnectionDeps } from '../connection-events';
import type { Connection } from '../mqtt-connection';
import type { IncomingMessage } from '../incoming-message';
import type { ConnectionOptions, Credentials } from '../protocol';
import type { HistoryRequest, HistoryResult, OnPart } from './history-request';
import { type HistorianClock, ResponseReader } from './history-response';
import { parseStatus } from './historian-status';
import type { Span } from './spans';

/** How long the historian's status may take after the broker's SUBACK: it is retained. In milliseconds. */
const STATUS_MS = 1_000;

/** How long the broker may take to connect and to respond, and the historian until its next part, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Errors of requests for which there can be no messages. */
const UNRECORDED: ReadonlySet<string> = new Set(['not-recorded', 'not-authorized']);

/** The session ends when there was no request for so long, in milliseconds. */
const IDLE_MS = 30_000;

export interface HistorianOptions {
  readonly connection: ConnectionOptions;
  /** See `Connection`. */
  readonly older: boolean;
  /** The root topic of requests and responses, such as `history`. */
  readonly root: string;
  /** Requests the credentials of an attempt from the page: each attempt has its own, because a token may be used once. */
  requestCredentials(attempt: number): void;
  /**
   * Subscribes the connection with the live messages to its marks, behind its other subscriptions.
   *
   * @returns its client id; `undefined` if it cannot have marks now.
   */
  subscribeMarks(): Promise<string | undefined>;
  /**
   * There is no historian now, or none that responds, and the broker allows to subscribe to the topic of its status: a
   * status that comes over the connection with the live messages is to lead to {@link HistorianClient.lookAgain}.
   */
  watchStatus(): void;
}

/** The span of the request was by another clock than the historian's: the client sends the request again. */
interface OtherClock {
  readonly state: 'other-clock';
}

interface PendingRequest {
  readonly filters: readonly string[];
  readonly span: Span;
  readonly onPart: OnPart;
  readonly limit: number | undefined;
  /** Of the request, once it is sent. */
  id: string | undefined;
  isCancelled: boolean;
}

interface OpenRequest {
  /** Of the clock by which its span is. */
  readonly offsetMs: number;
  readonly reader: ResponseReader;
  readonly topic: string;
  readonly mark: string | undefined;
  readonly onPart: OnPart;
  hasParts: boolean;
  resolve(result: HistoryResult | OtherClock): void;
  timeout: ReturnType<typeof setTimeout>;
}

const utf8 = new TextEncoder();

/**
 * Asks a historian for messages of the past. It has a session of its own, because some brokers close the connection of
 * a client that asks for a filter that they do not allow. Whether there is a historian is found out once for each
 * connection with the live messages; later, a historian announces itself by its status.
 */
export class HistorianClient {
  readonly #options: HistorianOptions;
  readonly #deps: ConnectionDeps;
  readonly #Connection: typeof Connection;
  #isThere: boolean | undefined;
  #isRefused = false;
  #session: Promise<Connection | undefined> | undefined;
  /** While it is being made, too. */
  #connection: Connection | undefined;
  #endSession: () => void = () => undefined;
  #settle: (isThere: boolean | undefined) => void = () => undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #next = 1;
  readonly #open = new Map<string, OpenRequest>();
  #status: { version: 1 | 2; userProperties: boolean } = { version: 1, userProperties: false };
  /** By the last response. */
  #clock: HistorianClock | undefined;
  #stopped = false;

  /** @param MqttConnection the engine's. */
  constructor(options: HistorianOptions, deps: ConnectionDeps, MqttConnection: typeof Connection) {
    this.#options = options;
    this.#deps = deps;
    this.#Connection = MqttConnection;
  }

  /**
   * Requests the messages of a span; times of the messages are by this browser's clock.
   *
   * @param limit messages of each topic, the newest ones; by default all.
   */
  request(filters: readonly string[], span: Span, onPart: OnPart, limit?: number): HistoryRequest {
    const pending: PendingRequest = { filters, span, onPart, limit, id: undefined, isCancelled: false };
    const cancel = (): void => {
      pending.isCancelled = true;
      const request = pending.id === undefined ? undefined : this.#open.get(pending.id);
      if (pending.id !== undefined && request !== undefined) {
        this.#cancel(request);
        this.#finish(pending.id, { state: 'cancelled' });
      }
    };
    return { result: this.#resultOf(pending), cancel };
  }

  async #resultOf(pending: PendingRequest): Promise<HistoryResult> {
    if (this.#isThere === false || this.#stopped) {
      return this.#none;
    }
    clearTimeout(this.#idle);
    this.#session ??= this.#connect();
    const connection = await this.#session;
    if (connection === undefined) {
      return this.#none;
    }
    const { version } = this.#status;
    const mark = version === 1 || pending.span.to < Infinity ? undefined : await this.#options.subscribeMarks();
    let result = await this.#send(connection, pending, mark);
    if (result.state === 'other-clock') {
      result = await this.#send(connection, pending, mark);
    }
    if (this.#open.size === 0) {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#close('it was not needed any longer'), IDLE_MS);
    }
    return result.state === 'other-clock' ? { state: 'failed', reason: 'its clock has changed' } : result;
  }

  get #none(): HistoryResult {
    return { state: 'none', until: this.#isRefused ? 'never' : this.#isThere === false ? 'announced' : 'later' };
  }

  /** The connection with the live messages is back, or has brought a historian's status: so may the historian be. */
  lookAgain(): void {
    if (this.#isThere === false && !this.#isRefused) {
      this.#isThere = undefined;
    }
  }

  /** @param mark the client id of the connection with the live messages, for a mark. */
  #send(
    connection: Connection,
    pending: PendingRequest,
    mark: string | undefined
  ): Promise<HistoryResult | OtherClock> {
    if (pending.isCancelled) {
      return Promise.resolve({ state: 'cancelled' });
    }
    const { root } = this.#options;
    const {
      filters,
      span: { from, to },
      onPart,
      limit,
    } = pending;
    const offsetMs = this.#clock?.offsetMs ?? 0;
    const v = this.#status.version;
    const id = String(this.#next++);
    pending.id = id;
    const request = {
      v,
      filters,
      from: Math.max(0, Math.floor(from + offsetMs)),
      ...(to < Infinity ? { to: Math.ceil(to + offsetMs) } : undefined),
      ...(limit === undefined ? undefined : { limit }),
      ...(mark === undefined ? undefined : { mark }),
    };
    return new Promise((resolve) => {
      const topic = `${root}/request/${encodeURIComponent(connection.clientId)}/${id}`;
      this.#open.set(id, {
        reader: new ResponseReader(v, this.#deps.now(), () => this.#clock),
        offsetMs,
        topic,
        mark: mark === undefined ? undefined : `${root}/mark/${encodeURIComponent(mark)}/${id}`,
        onPart,
        hasParts: false,
        resolve,
        timeout: this.#startTimeout(id),
      });
      if (!connection.publish(topic, encode(request))) {
        this.#finish(id, { state: 'failed', reason: 'the connection to the historian was lost' });
      }
    });
  }

  #cancel({ topic }: OpenRequest): void {
    this.#connection?.publish(topic, encode({ v: this.#status.version, cancel: true }));
  }

  /** The credentials that the page has sent after `requestCredentials`; `undefined` if it has none. */
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
    this.#session = undefined;
    this.#endSession();
    for (const id of this.#open.keys()) {
      this.#finish(id, { state: 'failed', reason });
    }
  }

  /** Resolves to a connection over which a historian responds, or to none, which is remembered. */
  #connect(): Promise<Connection | undefined> {
    const { connection: options, older, root } = this.#options;
    return new Promise((resolve) => {
      const waiting = new Set<string>();
      let isSettled = false;
      let timer = setTimeout(() => settle(undefined), TIMEOUT_MS);
      const end = (): void => {
        clearTimeout(timer);
        connection.stop(() => undefined);
      };
      /** @param isThere undefined if it could not be found out, so that it is tried again. */
      const settle = (isThere: boolean | undefined): void => {
        clearTimeout(timer);
        isSettled = true;
        this.#isThere = isThere ?? this.#isThere;
        if (isThere !== true) {
          this.#session = undefined;
          end();
          this.#endSession = () => undefined;
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
              this.#isRefused = true;
              settle(false);
            } else if (waiting.size === 0 && !isSettled) {
              clearTimeout(timer);
              timer = setTimeout(() => {
                this.#options.watchStatus();
                settle(false);
              }, STATUS_MS);
            }
          },
          onMessage: (message) => {
            if (message.topic !== `${root}/status`) {
              this.#receive(message);
              return;
            }
            const status = parseStatus(message.payload);
            this.#status = status ?? this.#status;
            if (!isSettled && status !== undefined) {
              settle(true);
            } else if (isSettled && status !== undefined) {
              this.#onRestarted();
            } else if (isSettled) {
              this.#isThere = false;
              this.#options.watchStatus();
              this.#close('the historian has stopped');
            }
          },
          // The constructor calls this, before there is a connection that could take the credentials.
          onCredentials: (attempt) => this.#options.requestCredentials(attempt),
        },
        this.#deps
      );
      this.#connection = connection;
      this.#settle = settle;
      this.#endSession = end;
    });
  }

  #receive({ topic, payload }: IncomingMessage): void {
    const id = topic.slice(topic.lastIndexOf('/') + 1);
    const request = this.#open.get(id);
    if (request === undefined) {
      return;
    }
    clearTimeout(request.timeout);
    request.timeout = this.#startTimeout(id);
    request.hasParts = true;
    const read = request.reader.read(payload, this.#deps.now());
    if (read.state === 'failed') {
      // A message that is not recorded is not missing
      this.#finish(
        id,
        UNRECORDED.has(read.code) ? { state: 'none', until: 'never' } : { state: 'failed', reason: read.reason }
      );
    } else if (read.state !== 'more') {
      this.#clock = read.part.clock;
      if (read.part.clock.offsetMs !== request.offsetMs) {
        this.#cancel(request);
        this.#finish(id, { state: 'other-clock' });
        return;
      }
      const isLast = read.state === 'done';
      request.onPart(read.part, read.part.isMarked ? request.mark : undefined, isLast);
      if (isLast) {
        const { userProperties } = this.#status;
        this.#finish(id, { state: 'done', truncated: read.truncated, userProperties });
      }
    }
  }

  /** The historian announces itself again: it never received the requests that it has not begun to answer. */
  #onRestarted(): void {
    for (const [id, { hasParts }] of this.#open) {
      if (!hasParts) {
        this.#finish(id, { state: 'failed', reason: 'the historian has started again', isBack: true });
      }
    }
  }

  #startTimeout(id: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#options.watchStatus();
      this.#finish(id, { state: 'failed', reason: `it did not respond within ${TIMEOUT_MS / 1_000} s` });
    }, TIMEOUT_MS);
  }

  #finish(id: string, result: HistoryResult | OtherClock): void {
    const request = this.#open.get(id);
    this.#open.delete(id);
    clearTimeout(request?.timeout);
    request?.resolve(result);
  }
}

function encode(request: object): Uint8Array {
  return utf8.encode(JSON.stringify(request));
}
