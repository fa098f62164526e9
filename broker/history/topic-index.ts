import { findTopics, TopicTree } from '../../src/topics';

/** The entry of a topic, linked in the order in which topics were last written. */
export interface Indexed<T> {
  readonly topic: string;
  older: T | undefined;
  newer: T | undefined;
}

/** Finds topics by name, by filter, and by the time of their last write; none of these slows down with more topics. */
export class TopicIndex<T extends Indexed<T>> {
  readonly #byName = new Map<string, T>();
  readonly #tree = new TopicTree<T>();
  #oldest: T | undefined;
  #newest: T | undefined;

  get size(): number {
    return this.#byName.size;
  }

  /** The least recently written topic. */
  get oldest(): T | undefined {
    return this.#oldest;
  }

  get(topic: string): T | undefined {
    return this.#byName.get(topic);
  }

  /** Adds a topic as the most recently written one. */
  add(entry: T): void {
    this.#byName.set(entry.topic, entry);
    this.#tree.set(entry.topic, entry);
    this.#append(entry);
  }

  /** Makes a topic the most recently written one. */
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

  /** The topics that match a filter. Topics may be added and deleted during the iteration. */
  matching(filter: string): Generator<T> {
    return findTopics(this.#tree, filter);
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
