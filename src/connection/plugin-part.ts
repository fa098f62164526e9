import { messageOf } from '../utils/errors';
import { ListenerSet } from './listener-set';

/**
 * A part of the plugin that is needed while a response is made, which cannot wait: without it, the response is made
 * without it, and again when it is there.
 */
export class PluginPart<Code extends object> {
  readonly #import: () => Promise<Code>;
  readonly #changes = new ListenerSet();
  #code: Code | undefined;
  #error: string | undefined;
  #loading: Promise<void> | undefined;

  /** @param importCode see `loadPart`. */
  constructor(importCode: () => Promise<Code>) {
    this.#import = importCode;
  }

  /** The code, once it is loaded. The first call loads it, and so does the next one after a failure. */
  get code(): Code | undefined {
    if (this.#code === undefined) {
      void this.load();
    }
    return this.#code;
  }

  /** Why the code did not come, in words. Undefined while it is on its way. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Whether the code is not there and may come. */
  get isPending(): boolean {
    return this.#code === undefined && this.#error === undefined;
  }

  /** Calls back when the code has been loaded, or could not be. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  /** Loads the code, unless it is loaded or on its way. Never rejects. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      this.#code = await this.#import();
      this.#error = undefined;
    } catch (error) {
      this.#error = messageOf(error);
      this.#loading = undefined;
    }
    this.#changes.notify();
  }
}
