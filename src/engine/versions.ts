/** The version of MQTT that a connection tries: what was asked for, or 5 until the broker has shown that it wants 3.1.1. */
export class VersionChoice {
  readonly #wanted: 'auto' | 4 | 5;
  #older: boolean;

  /** @param older whether the broker is known to want 3.1.1, from connections before. */
  constructor(wanted: 'auto' | 4 | 5, older: boolean) {
    this.#wanted = wanted;
    this.#older = older;
  }

  get current(): 4 | 5 {
    return this.#wanted === 'auto' ? (this.#older ? 4 : 5) : this.#wanted;
  }

  /** The broker seems not to know the current version. @returns whether another is to be tried at once. */
  unknown(): boolean {
    const tryOlder = this.#wanted === 'auto' && this.current === 5;
    this.#older = tryOlder;
    return tryOlder;
  }
}
