import { shareless } from './filter';
import { TopicTree } from './tree';

/** Values by topic filter, several for each. A shared subscription stands for the filter behind its prefix. */
export class FilterTrie<T> {
  readonly #tree = new TopicTree<Set<T>>();

  add(filter: string, value: T): void {
    this.#tree.getOrSet(shareless(filter), () => new Set()).add(value);
  }

  delete(filter: string, value: T): void {
    const name = shareless(filter);
    const values = this.#tree.get(name);
    if (values?.delete(value) === true && values.size === 0) {
      this.#tree.delete(name);
    }
  }

  /** Everything added under a filter that matches this topic, each once, however many of its filters match. */
  match(topic: string): Set<T> {
    const found = new Set<T>();
    for (const values of this.#tree.matching(topic)) {
      for (const value of values) {
        found.add(value);
      }
    }
    return found;
  }
}
