import { equalBytes } from '../../utils/equal-bytes';
import type { IncomingMessage } from '../incoming-message';
import type { MessageHeader } from '../explorer-protocol';
import { excerptOf } from './topic-entry';

/** Messages that are stored, the newest; and how much of their payloads, in bytes. */
const MAX_MESSAGES = 200;
const MAX_BYTES = 8_000_000;

/** Bytes of one payload that are stored. */
const MAX_PAYLOAD = 1_000_000;

/** A message as it came. */
export interface LoggedMessage {
  readonly id: number;
  readonly topic: string;
  readonly qos: 0 | 1 | 2 | undefined;
  readonly retain: boolean;
  readonly time: number | undefined;
  /** The beginning of the payload, at most {@link MAX_PAYLOAD}. */
  readonly payload: Uint8Array;
  /** Bytes of the whole payload. */
  readonly length: number;
  readonly userProperties: Readonly<Record<string, string>>;
}

/** The last messages of an explorer. */
export class MessageLog {
  readonly #messages: LoggedMessage[] = [];
  #bytes = 0;
  #lastId = 0;

  /** Messages that were ever added. */
  get count(): number {
    return this.#lastId;
  }

  /** @param now milliseconds since the epoch. */
  add({ topic, payload, qos, retain, userProperties }: IncomingMessage, now: number): void {
    const [first] = this.#messages;
    // The retained message that the page had already.
    if (
      this.#lastId === 1 &&
      first.time === undefined &&
      retain &&
      first.topic === topic &&
      equalBytes(first.payload, payload)
    ) {
      this.#messages.length = this.#bytes = this.#lastId = 0;
    }
    this.#push({
      topic,
      qos,
      retain,
      time: now,
      payload: payload.slice(0, MAX_PAYLOAD),
      length: payload.length,
      userProperties: { ...userProperties },
    });
  }

  /** A message from before, of which only this is known. Only while there is no other. */
  seed(topic: string, payload: Uint8Array, retain: boolean): void {
    if (this.#lastId === 0) {
      this.#push({
        topic,
        qos: undefined,
        retain,
        time: undefined,
        payload,
        length: payload.length,
        userProperties: {},
      });
    }
  }

  /** A copy of the list of messages, oldest first. */
  get messages(): readonly LoggedMessage[] {
    return [...this.#messages];
  }

  /** The messages, oldest first, each as a line of JSON; a payload that is not text as Base64. */
  toJsonLines(): string {
    return this.#messages.map((message) => `${JSON.stringify(exported(message))}\n`).join('');
  }

  #push(message: Omit<LoggedMessage, 'id'>): void {
    this.#messages.push({ id: ++this.#lastId, ...message });
    this.#bytes += message.payload.length;
    while (this.#messages.length > MAX_MESSAGES || (this.#bytes > MAX_BYTES && this.#messages.length > 1)) {
      this.#bytes -= this.#messages.shift()!.payload.length;
    }
  }
}

export function headerOf({ id, topic, qos, retain, time, payload, length }: LoggedMessage): MessageHeader {
  return {
    id,
    topic,
    ...(qos === undefined ? undefined : { qos }),
    retain,
    ...(time === undefined ? undefined : { time }),
    length,
    excerpt: excerptOf(payload.subarray(0, 160), length),
  };
}

function exported({ topic, qos, retain, time, payload, length, userProperties }: LoggedMessage): object {
  return {
    time: time === undefined ? null : new Date(time).toISOString(),
    topic,
    qos,
    retain,
    length,
    ...(Object.keys(userProperties).length === 0 ? undefined : { userProperties }),
    ...payloadOf(payload),
  };
}

function payloadOf(payload: Uint8Array): { payload: string } | { base64: string } {
  try {
    return { payload: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload) };
  } catch {
    return { base64: btoa(Array.from(payload, (byte) => String.fromCharCode(byte)).join('')) };
  }
}
