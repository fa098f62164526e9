import { Connection, type ConnectionDeps } from '../mqtt-connection';
import type { IncomingMessage } from '../incoming-message';
import type { ConnectionOptions, Credentials } from '../protocol';
import type { StoredMessage } from './message-segment';
import type { Span } from './spans';

/** Version of the protocol (docs/history.md). */
const VERSION = 1;

/** How long the historian's status may take after the broker's SUBACK: it is retained. In milliseconds. */
const STATUS_MS = 1_000;

/** How long the broker may take to connect and to answer, and the historian until its next part, in milliseconds. */
const PATIENCE_MS = 10_000;

/** The session ends when nothing was asked for so long, in milliseconds. */
const IDLE_MS = 30_000;

/** What a historian said to a request. */
export type HistoryAnswer =
  /** There is no historian, or the broker does not allow to ask it. */
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly reason: string }
  /** `truncated`: the historian had more in the span, and has dropped it. */
  | { readonly state: 'answered'; readonly messages: readonly StoredMessage[]; readonly truncated: boolean };

export interface HistorianOptions {
  readonly connection: ConnectionOptions;
  /** See `Connection`. */
  readonly older: boolean;
  /** The topic below which historians are asked, such as `history`. */
  readonly root: string;
  /** Asks the page for the credentials of an attempt: each attempt has its own, because a token may be used once. */
  askCredentials(attempt: number): void;
}

interface Request {
  readonly id: string;
  readonly sentAt: number;
  firstAt: number | undefined;
  parts: number;
  readonly topics: Array<Required<Part>['topics'][number]>;
  resolve(answer: HistoryAnswer): void;
  late: ReturnType<typeof setTimeout>;
}

interface Part {
  readonly v?: number;
  readonly part?: number;
  readonly done?: boolean;
  readonly truncated?: boolean;
  readonly now?: number;
  readonly topics?: ReadonlyArray<{
    readonly topic: string;
    readonly times: readonly number[];
    readonly payloads: ReadonlyArray<string | { readonly base64: string }>;
  }>;
  readonly error?: { readonly code: string; readonly message: string };
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * Asks a historian for messages of the past. It has a session of its own, because some brokers close the connection of
 * a client that asks for a filter that they do not allow. Whether there is a historian is found out once.
 */
export class HistorianClient {
  readonly #options: HistorianOptions;
  readonly #deps: ConnectionDeps;
  #isThere: boolean | undefined;
  #session: Promise<Connection | undefined> | undefined;
  /** While it is being made, too. */
  #connection: Connection | undefined;
  #end: () => void = () => undefined;
  #settle: (isThere: boolean | undefined) => void = () => undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #next = 1;
  readonly #open = new Map<string, Request>();
  #stopped = false;

  constructor(options: HistorianOptions, deps: ConnectionDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Never rejects. Times of the answer are by this browser's clock. */
  async ask(filters: readonly string[], { from, to }: Span): Promise<HistoryAnswer> {
    if (this.#isThere === false || this.#stopped) {
      return { state: 'none' };
    }
    clearTimeout(this.#idle);
    this.#session ??= this.#connect();
    const connection = await this.#session;
    if (connection === undefined) {
      return { state: 'none' };
    }
    const id = String(this.#next++);
    const request = {
      v: VERSION,
      filters,
      from: Math.floor(from),
      ...(to < Infinity ? { to: Math.ceil(to) } : undefined),
    };
    const answer = await new Promise<HistoryAnswer>((resolve) => {
      this.#open.set(id, {
        id,
        sentAt: this.#deps.now(),
        firstAt: undefined,
        parts: 0,
        topics: [],
        resolve,
        late: this.#lateAfter(id),
      });
      const topic = `${this.#options.root}/request/${encodeURIComponent(connection.clientId)}/${id}`;
      if (!connection.publish(topic, utf8.encode(JSON.stringify(request)))) {
        this.#finish(id, { state: 'failed', reason: 'the connection to the historian was lost' });
      }
    });
    if (this.#open.size === 0) {
      this.#idle = setTimeout(() => this.#close('it was not needed any longer'), IDLE_MS);
    }
    return answer;
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
      const connection = new Connection(
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
              settle(isStatus(message.payload));
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
    request.firstAt ??= this.#deps.now();
    const part = parsePart(payload);
    if (part.error !== undefined) {
      this.#finish(id, { state: 'failed', reason: part.error.message });
    } else if (part.part !== request.parts++) {
      this.#finish(id, { state: 'failed', reason: 'a part of the answer was lost on the way' });
    } else {
      request.topics.push(...(part.topics ?? []));
      if (part.done === true) {
        const messages = messagesOf(request, part.now ?? request.sentAt);
        this.#finish(id, { state: 'answered', messages, truncated: part.truncated === true });
      }
    }
  }

  #lateAfter(id: string): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => this.#finish(id, { state: 'failed', reason: `it did not answer within ${PATIENCE_MS / 1_000} s` }),
      PATIENCE_MS
    );
  }

  #finish(id: string, answer: HistoryAnswer): void {
    const request = this.#open.get(id);
    this.#open.delete(id);
    clearTimeout(request?.late);
    request?.resolve(answer);
  }
}

/** Whether a payload is what a historian says of itself on its status topic. */
export function isStatus(payload: Uint8Array): boolean {
  const { v } = parsePart(payload);
  return typeof v === 'number' && v >= VERSION;
}

function parsePart(payload: Uint8Array): Part {
  try {
    const value: unknown = JSON.parse(text.decode(payload));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return { error: { code: 'not-json', message: 'its answer is not JSON' } };
  }
}

/** @param now when the historian took up the request, by its clock, which the times are of. */
function messagesOf({ sentAt, firstAt = sentAt, topics }: Request, now: number): StoredMessage[] {
  const halfWay = (firstAt - sentAt) / 2;
  const offset = now - (sentAt + halfWay);
  // One clock, or two that agree as well as can be told.
  const correction = Math.abs(offset) <= halfWay + 5 ? 0 : offset;
  return topics.flatMap(({ topic, times, payloads }) =>
    times.map((time, at) => ({
      topic,
      payload: bytesOf(payloads[at]),
      time: time - correction,
      retain: false,
      qos: 0 as const,
      userProperties: undefined,
      epoch: 0,
    }))
  );
}

function bytesOf(payload: string | { readonly base64: string }): Uint8Array {
  return typeof payload === 'string'
    ? utf8.encode(payload)
    : Uint8Array.from(atob(payload.base64), (character) => character.charCodeAt(0));
}
