import type { UserProperties } from '../../payload';
import { inOrder } from './message-order';
import type { StoredMessage } from './message-segment';
import type { Span } from './spans';

/** A message out of a response; its time is by this browser's clock. */
export interface HistoryMessage extends StoredMessage {
  /** Corrected by the messages around it that came live too. */
  time: number;
  /** Set by who knows the runs of the historian. */
  epoch: number;
  /** The historian's number of the message within its topic; `undefined` in version 1. */
  readonly sequence: number | undefined;
}

/** A part of a response. */
export interface HistoryPart {
  /** In the order of time. No message of a later part is newer than the first of them. */
  readonly messages: readonly HistoryMessage[];
  /** How much of the response has come with it, 0 to 1. */
  readonly progress: number;
  /** The response ends at the mark, which the broker sends over the connection with the live messages. */
  readonly isMarked: boolean;
  /** The run of the historian, within which its sequences can be compared; `undefined` in version 1. */
  readonly run: string | undefined;
  readonly clock: HistorianClock;
  /** When the historian was away: it has no messages of these spans, by this browser's clock. */
  readonly away: readonly Span[];
}

/** The historian's clock, next to this browser's. */
export interface HistorianClock {
  /** How far it is ahead, in milliseconds. */
  readonly offsetMs: number;
  /** How wrong that may be, in milliseconds. */
  readonly uncertaintyMs: number;
}

export type Read =
  | { readonly state: 'part'; readonly part: HistoryPart }
  | { readonly state: 'done'; readonly part: HistoryPart; readonly truncated: boolean }
  /** More is to come before there is something to show. */
  | { readonly state: 'more' }
  /** `code`: of the protocol, or of this reader. */
  | { readonly state: 'failed'; readonly code: string; readonly reason: string };

interface PartJson {
  readonly v?: number;
  readonly part?: number;
  readonly done?: boolean;
  readonly truncated?: boolean;
  readonly now?: number;
  readonly run?: string;
  readonly mark?: boolean;
  readonly total?: number;
  readonly away?: ReadonlyArray<readonly [from: number, to: number]>;
  readonly topics?: readonly TopicJson[];
  readonly error?: { readonly code: string; readonly message: string };
}

interface TopicJson {
  readonly topic: string;
  readonly first?: number;
  readonly sequences?: readonly number[];
  readonly times: readonly number[];
  readonly payloads: ReadonlyArray<string | { readonly base64: string }>;
  readonly qos?: ReadonlyArray<0 | 1 | 2>;
  readonly properties?: ReadonlyArray<Readonly<Record<string, string | readonly string[]>> | null>;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Clocks that are as near as this, and the way between them, are one clock, in milliseconds. */
const SAME_CLOCK_MS = 5;

/** A clock that may be wrong by more is known roughly only, in milliseconds. */
const ROUGH_MS = 250;

/** Reads the parts of one response, of version 1 or 2 (docs/history.md). */
export class ResponseReader {
  readonly #version: 1 | 2;
  readonly #sentAt: number;
  readonly #knownClock: () => HistorianClock | undefined;
  #parts = 0;
  #head: Pick<HistoryPart, 'clock' | 'isMarked' | 'run' | 'away'> | undefined;
  #total = 0;
  #read = 0;
  #firstAt: number | undefined;
  /** The topics of all parts, in version 1, in which the last part has the historian's clock. */
  readonly #topics: TopicJson[] = [];

  /**
   * @param sentAt when the request was sent, in milliseconds since 1970.
   * @param knownClock the historian's clock by earlier responses; called when the first part has come.
   */
  constructor(version: 1 | 2, sentAt: number, knownClock: () => HistorianClock | undefined = () => undefined) {
    this.#version = version;
    this.#sentAt = sentAt;
    this.#knownClock = knownClock;
  }

  /** @param at when it came, in milliseconds since 1970. */
  read(payload: Uint8Array, at: number): Read {
    const json = parseJson(payload);
    this.#firstAt ??= at;
    if (json.error !== undefined) {
      return { state: 'failed', code: json.error.code, reason: json.error.message };
    }
    if (json.part !== this.#parts++) {
      return { state: 'failed', code: 'lost', reason: 'a part of the response was lost on the way' };
    }
    const { done = false, truncated = false, topics = [] } = json;
    let ready = topics;
    if (this.#version === 1) {
      this.#topics.push(...topics);
      if (!done) {
        return { state: 'more' };
      }
      ready = this.#topics;
    }
    this.#head ??= this.#headOf(json);
    this.#total = json.total ?? this.#total;
    const head = this.#head;
    const messages = ready.flatMap((topic) => messagesOf(topic, head.clock.offsetMs)).toSorted(inOrder);
    this.#read += messages.length;
    const part = { messages, ...head, progress: done || this.#total === 0 ? 1 : this.#read / this.#total };
    return done ? { state: 'done', part, truncated } : { state: 'part', part };
  }

  #headOf({ now, mark = false, run, away = [] }: PartJson) {
    const known = this.#knownClock();
    const sentAt = this.#sentAt;
    const clock = clockOf(now ?? sentAt + (known?.offsetMs ?? 0), sentAt, this.#firstAt ?? sentAt, known);
    return {
      clock,
      isMarked: mark,
      away: away.map(([from, to]) => ({ from: from - clock.offsetMs, to: to - clock.offsetMs })),
      run: this.#version === 1 ? undefined : run,
    };
  }
}

/**
 * @param now when the historian received a request, by its clock.
 * @param known the clock by which messages and gaps were placed until now; the browser's by default. It stays for as
 * long as the two agree as well as can be known.
 */
function clockOf(now: number, sentAt: number, receivedAt: number, known?: HistorianClock): HistorianClock {
  const uncertaintyMs = (receivedAt - sentAt) / 2;
  const offsetMs = now - (sentAt + uncertaintyMs);
  const isNear = (offset: number, wrong: number): boolean =>
    Math.abs(offsetMs - offset) <= uncertaintyMs + wrong + SAME_CLOCK_MS;
  // One that may be far off is given up for a better one
  if (known !== undefined && isNear(known.offsetMs, known.uncertaintyMs > ROUGH_MS ? 0 : known.uncertaintyMs)) {
    const atMost = Math.abs(offsetMs - known.offsetMs) + uncertaintyMs;
    return { offsetMs: known.offsetMs, uncertaintyMs: Math.min(known.uncertaintyMs, atMost) };
  }
  return { offsetMs: isNear(0, 0) ? 0 : offsetMs, uncertaintyMs };
}

function parseJson(payload: Uint8Array): PartJson {
  try {
    const value: unknown = JSON.parse(text.decode(payload));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return { error: { code: 'not-json', message: 'its response is not JSON' } };
  }
}

function messagesOf(
  { topic, first, sequences, times, payloads, qos, properties }: TopicJson,
  offsetMs: number
): HistoryMessage[] {
  return times.map((time, at) => ({
    topic,
    payload: bytesOf(payloads[at]),
    time: time - offsetMs,
    retain: false,
    qos: qos?.[at] ?? 0,
    userProperties: firstOfEach(properties?.[at]),
    epoch: 0,
    sequence: sequences?.[at] ?? (first === undefined ? undefined : first + at),
  }));
}

function bytesOf(payload: string | { readonly base64: string }): Uint8Array {
  return typeof payload === 'string'
    ? utf8.encode(payload)
    : Uint8Array.from(atob(payload.base64), (character) => character.charCodeAt(0));
}

/** Of each name the first value, as live messages have them. */
function firstOfEach(
  properties: Readonly<Record<string, string | readonly string[]>> | null | undefined
): UserProperties | undefined {
  return properties == null
    ? undefined
    : Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, [value].flat()[0]]));
}
