import { hashBytes } from '../../payload';
import { FIRST_HISTORY_EPOCH, FIRST_RESTORED_EPOCH, type StoredMessage } from './message-segment';

type Message = Pick<StoredMessage, 'topic' | 'payload'>;

/** For how long it is known which message of each topic is the newest, in milliseconds. */
const KNOWN_MS = 5_000;

/**
 * The newest recorded payload of each topic: found by reading all messages when the broker sends retained ones, because
 * live messages must not pay for it.
 */
export class NewestPayloads {
  readonly #read: () => Iterable<StoredMessage>;
  /** Hashes by topic. */
  #hashes: Map<string, number> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param read reads all recorded messages in their order. */
  constructor(read: () => Iterable<StoredMessage>) {
    this.#read = read;
  }

  /** A message is recorded. */
  note({ topic, payload }: Message): void {
    this.#hashes?.set(topic, hashBytes(payload));
  }

  has({ topic, payload }: Message): boolean {
    this.#hashes ??= this.#find();
    return this.#hashes.get(topic) === hashBytes(payload);
  }

  /** The record has changed. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#hashes = undefined;
  }

  #find(): Map<string, number> {
    const found = new Map<string, StoredMessage>();
    for (const message of this.#read()) {
      found.set(message.topic, message);
    }
    this.#timer = setTimeout(() => this.forget(), KNOWN_MS);
    // Messages that were stored over a reload may be older than those that the panels show
    return new Map(
      [...found]
        .filter(([, { epoch }]) => isOfThisPage(epoch))
        .map(([topic, { payload }]) => [topic, hashBytes(payload)])
    );
  }
}

function isOfThisPage(epoch: number): boolean {
  return epoch !== 0 && (epoch < FIRST_RESTORED_EPOCH || epoch >= FIRST_HISTORY_EPOCH);
}
