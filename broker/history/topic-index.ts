import { TopicTree } from '../storage/memory/topic-tree';

/** What is kept of a topic, with its place in the order in which topics were written. */
export interface Indexed<T> {
  readonly topic: string;
  older: T | undefined;
  newer: T | undefined;
}

/** Topics by name, by filter, and by when they were last written; each of it in a time that does not grow with them. */
export class TopicIndex<T extends Indexed<T>> {
  readonly #byName = new Map<string, T>();
  readonly #tree = new TopicTree<T>();
  #oldest: T | undefined;
  #newest: T | undefined;

  get size(): number {
    return this.#byName.size;
  }

  /** The one that was written least recently. */
  get oldest(): T | undefined {
    return this.#oldest;
  }

  get(topic: string): T | undefined {
    return this.#byName.get(topic);
  }

  /** Adds one that is being written. */
  add(entry: T): void {
    this.#byName.set(entry.topic, entry);
    this.#tree.set(entry.topic, entry);
    this.#append(entry);
  }

  /** It is being written. */
  touch(entry: T): void {
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#append(entry);
    }
  }

  delete(entry: T): void {
    this.#byName.delete(entry.topic);
    this.#tree.delete(entry.topic);
    this.#unlink(entry);
  }

  /** Those that match a filter. What is added or deleted while it is read does no harm. */
  matching(filter: string): Generator<T> {
    return this.#tree.matchingFilter(filter);
  }

  #append(entry: T): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest) {
      this.#newest.newer = entry;
    } else {
      this.#oldest = entry;
    }
    this.#newest = entry;
  }

  #unlink({ older, newer }: T): void {
    if (older) {
      older.newer = newer;
    } else {
      this.#oldest = newer;
    }
    if (newer) {
      newer.older = older;
    } else {
      this.#newest = older;
    }
  }
}
