import { hashBytes } from '../../payload';
import { isOld, type StoredMessage } from './message-segment';

type Message = Pick<StoredMessage, 'topic' | 'payload'>;

interface Newest {
  readonly hash: number;
  /** Panels that begin at this time show it, in milliseconds since 1970; Infinity if all do. */
  readonly time: number;
}

/** For how long it is known which message of each topic is the newest, in milliseconds. */
const KNOWN_MS = 5_000;

/**
 * The newest recorded payload of each topic: found by reading all messages when the broker sends retained ones, because
 * live messages must not pay for it.
 */
export class NewestPayloads {
  readonly #read: () => Iterable<StoredMessage>;
  /** By topic. */
  #newest: Map<string, Newest> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param read reads all recorded messages in their order. */
  constructor(read: () => Iterable<StoredMessage>) {
    this.#read = read;
  }

  /** A message is recorded. */
  note({ topic, payload }: Message): void {
    this.#newest?.set(topic, { hash: hashBytes(payload), time: Infinity });
  }

  /** @param from panels show what has come since, in milliseconds since 1970. */
  has({ topic, payload }: Message, from: number): boolean {
    this.#newest ??= this.#find();
    const newest = this.#newest.get(topic);
    return newest?.hash === hashBytes(payload) && newest.time >= from;
  }

  /** The record has changed. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#newest = undefined;
  }

  #find(): Map<string, Newest> {
    const found = new Map<string, StoredMessage>();
    for (const message of this.#read()) {
      found.set(message.topic, message);
    }
    this.#timer = setTimeout(() => this.forget(), KNOWN_MS);
    // Messages that were stored over a reload may be older than those that the panels show
    return new Map(
      [...found].map(([topic, { payload, time, epoch }]) => [
        topic,
        { hash: hashBytes(payload), time: isOld(epoch) ? time : Infinity },
      ])
    );
  }
}
