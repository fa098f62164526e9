// In place of the package `lru-cache` (17 kB): mqtt.js remembers topic aliases with it, and uses these five of its members.
exports.LRUCache = class LRUCache {
  #max;
  /** The one that was used last comes last. */
  #entries = new Map();

  constructor({ max }) {
    this.#max = max;
  }

  get size() {
    return this.#entries.size;
  }

  get(key) {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.set(key, value);
    }
    return value;
  }

  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) {
      this.#entries.delete(this.#entries.keys().next().value);
    }
  }

  /** The one that was used last comes first, as in the package. */
  keys() {
    return [...this.#entries.keys()].reverse();
  }

  clear() {
    this.#entries.clear();
  }
};
