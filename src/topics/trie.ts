import { shareless } from './filter';

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  readonly values: Set<T>;
}

/** Topic filters by level, so that finding what a topic matches does not grow with the number of filters. */
export class FilterTrie<T> {
  readonly #root: Node<T> = node();

  add(filter: string, value: T): void {
    let at = this.#root;
    for (const level of shareless(filter).split('/')) {
      let next = at.children.get(level);
      if (next === undefined) {
        next = node();
        at.children.set(level, next);
      }
      at = next;
    }
    at.values.add(value);
  }

  delete(filter: string, value: T): void {
    this.#delete(this.#root, shareless(filter).split('/'), 0, value);
  }

  /** Everything added under a filter that matches this topic, each once, however many of its filters match. */
  match(topic: string): Set<T> {
    const found = new Set<T>();
    const levels = topic.split('/');
    this.#match(this.#root, levels, 0, found);
    return found;
  }

  #match(at: Node<T>, levels: readonly string[], i: number, found: Set<T>): void {
    // A wildcard in the first level does not match topics that begin with $ [MQTT-4.7.2-1].
    const wild = i > 0 || !levels[0].startsWith('$');
    if (wild) {
      // "#" matches its parent level too: "sport/#" matches "sport" [MQTT-4.7.1-2].
      collect(at.children.get('#'), found);
    }
    if (i === levels.length) {
      collect(at, found);
      return;
    }
    const exact = at.children.get(levels[i]);
    if (exact !== undefined) {
      this.#match(exact, levels, i + 1, found);
    }
    const plus = wild ? at.children.get('+') : undefined;
    if (plus !== undefined) {
      this.#match(plus, levels, i + 1, found);
    }
  }

  #delete(at: Node<T>, levels: readonly string[], i: number, value: T): void {
    if (i === levels.length) {
      at.values.delete(value);
      return;
    }
    const next = at.children.get(levels[i]);
    if (next === undefined) {
      return;
    }
    this.#delete(next, levels, i + 1, value);
    if (next.values.size === 0 && next.children.size === 0) {
      at.children.delete(levels[i]);
    }
  }
}

function node<T>(): Node<T> {
  return { children: new Map(), values: new Set() };
}

function collect<T>(from: Node<T> | undefined, into: Set<T>): void {
  if (from !== undefined) {
    for (const value of from.values) {
      into.add(value);
    }
  }
}
