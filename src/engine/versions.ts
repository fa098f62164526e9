/** Brokers, by URL, that have refused MQTT 5 and taken 3.1.1: for as long as this engine's file is loaded. */
const olderOnes = new Set<string>();

/** The version of MQTT that a connection tries: what was asked for, or 5 until the broker has shown that it wants 3.1.1. */
export class VersionChoice {
  readonly #url: string;
  readonly #wanted: 'auto' | 4 | 5;
  #older = false;

  constructor(url: string, wanted: 'auto' | 4 | 5) {
    this.#url = url;
    this.#wanted = wanted;
  }

  get current(): 4 | 5 {
    return this.#wanted === 'auto' ? (this.#older || olderOnes.has(this.#url) ? 4 : 5) : this.#wanted;
  }

  /** The broker knows the current version, whatever else it says. */
  known(): void {
    if (this.#wanted === 'auto' && this.current === 4) {
      olderOnes.add(this.#url);
    }
  }

  /** The broker seems not to know the current version. @returns whether another is to be tried at once. */
  unknown(): boolean {
    const tryOlder = this.#wanted === 'auto' && this.current === 5;
    this.#older = tryOlder;
    olderOnes.delete(this.#url);
    return tryOlder;
  }
}
