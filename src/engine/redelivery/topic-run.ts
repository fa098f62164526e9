import type { IncomingMessage } from '../incoming-message';
import { type Received, REMEMBERED, type TopicPast } from './received';

/** A run is taken for one that is sent again if new messages equal it with at most this probability. */
const MAX_CHANCE = 1 / 20;

/** The same where the broker has sent other messages again over this connection. */
const MAX_CHANCE_AMONG_OTHERS = 1 / 3;

/** The decision on the messages of a topic up to now. */
export type RunResult =
  /** It is not known yet: the message is held. */
  | { readonly state: 'held' }
  /** All that was held, and this message, has been sent before. */
  | { readonly state: 'repeated'; readonly before: readonly Received[]; readonly held: readonly IncomingMessage[] }
  /**
   * The held messages and this one are new, as far as can be known. `isUnsure`: it also equals the end of what the
   * topic had before.
   */
  | { readonly state: 'new'; readonly held: readonly IncomingMessage[]; readonly isUnsure: boolean };

/**
 * The first messages of a topic over a connection, compared with the last ones before it. A broker that sends again
 * what was not acknowledged keeps the order of a topic [MQTT-4.6.0-1], so what it sends again begins anywhere in the
 * earlier messages, and goes on to the last of them.
 */
export class TopicRun {
  readonly #past: TopicPast;
  readonly #held: IncomingMessage[] = [];
  /**
   * The positions in the earlier messages where the run may begin, and whether the packet identifiers are the same too.
   */
  #starts: Array<{ readonly at: number; sameIds: boolean }> = [];
  #count = 0;
  #isOver = false;

  constructor(past: TopicPast) {
    this.#past = past;
  }

  /** No message that comes now can belong to the run. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get held(): readonly IncomingMessage[] {
    return this.#held;
  }

  /**
   * @param hash of topic and payload.
   * @param amongOthers the broker has sent other messages again over this connection.
   */
  add(message: IncomingMessage, hash: number, amongOthers: boolean): RunResult {
    const { messages } = this.#past;
    const position = this.#count++;
    if (position === 0) {
      this.#starts = messages.map((_, at) => ({ at, sameIds: hasOwnId(messages, at) }));
    }
    this.#starts = this.#starts.filter(
      ({ at }) => at + position < messages.length && messages[at + position].hash === hash
    );
    for (const start of this.#starts) {
      start.sameIds &&= messages[start.at + position].id === message.messageId;
    }
    // The same identifiers tell more than the payloads, which may all be equal.
    const bySameIds = this.#starts.some(({ sameIds }) => sameIds);
    const complete = this.#starts.find(
      ({ at, sameIds }) => at + position === messages.length - 1 && sameIds === bySameIds
    );
    const limit = amongOthers ? MAX_CHANCE_AMONG_OTHERS : MAX_CHANCE;
    const isUnsure = complete !== undefined;
    if (isUnsure) {
      this.#isOver = true;
      if (this.#isCredible(complete, limit) && (complete.sameIds || !this.#hasComeBefore(complete.at))) {
        return { state: 'repeated', before: messages.slice(complete.at), held: this.#held.splice(0) };
      }
    } else if (this.#starts.some((start) => this.#isCredible(start, limit))) {
      this.#held.push({ ...message, payload: message.payload.slice() });
      return { state: 'held' };
    }
    this.#isOver ||= this.#starts.length === 0;
    return { state: 'new', held: this.#held.splice(0), isUnsure };
  }

  /** The run does not go on. @returns what was held. */
  end(): IncomingMessage[] {
    this.#isOver = true;
    return this.#held.splice(0);
  }

  /** Whether new messages would hardly be the same from a start to the last of the earlier ones. */
  #isCredible({ at, sameIds }: { readonly at: number; readonly sameIds: boolean }, limit: number): boolean {
    const { messages, chance } = this.#past;
    return sameIds || chance ** (messages.length - at) <= limit;
  }

  /** Whether the earlier messages have the run from here to their end twice, as a signal with a period has. */
  #hasComeBefore(at: number): boolean {
    const { messages } = this.#past;
    const run = messages.slice(at);
    return messages.slice(0, at).some((_, from) => run.every(({ hash }, i) => messages[from + i].hash === hash));
  }
}

/**
 * Whether a new message would not have the identifier of this one. A broker may begin with the same identifier over each
 * connection, or go through a few identifiers again and again: the first message of each connection says nothing then.
 */
function hasOwnId(messages: readonly Received[], at: number): boolean {
  const { id, connection } = messages[at];
  return id > REMEMBERED || (at > 0 && messages[at - 1].connection === connection);
}
