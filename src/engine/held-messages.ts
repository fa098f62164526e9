/** How many messages wait, and how many bytes of payload: what comes in half a second from a broker that sends fast. */
const MAX_MESSAGES = 50_000;
const MAX_BYTES = 16_000_000;

/** Messages of a stream that wait, in their order, until the code that decodes them is loaded. */
export class HeldMessages<Message> {
  /** Why a message is not held. */
  static readonly FULL =
    'The message came while the code that decodes it was being loaded, and too many others were waiting.';
  readonly #release: (message: Message) => void;
  #messages: Message[] = [];
  #bytes = 0;
  #isWaiting = false;

  /** @param release decodes a message, unless one before it has to wait again: for the code of another format. */
  constructor(release: (message: Message) => void) {
    this.#release = release;
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Waits with all messages from now on. Never rejects. @param onReleased called when they have been released. */
  async wait(loaded: Promise<void>, onReleased: () => void): Promise<void> {
    this.#isWaiting = true;
    await loaded;
    this.#isWaiting = false;
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    messages.forEach((message) => this.#release(message));
    onReleased();
  }

  /** @returns whether there was room for it. */
  add(message: Message, bytes: number): boolean {
    if (this.#messages.length >= MAX_MESSAGES || this.#bytes + bytes > MAX_BYTES) {
      return false;
    }
    this.#messages.push(message);
    this.#bytes += bytes;
    return true;
  }
}
