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
    const levels = shareless(filter).split('/');
    const path = [this.#root];
    for (const level of levels) {
      const next = path.at(-1)!.children.get(level);
      if (next === undefined) {
        return;
      }
      path.push(next);
    }
    path.at(-1)!.values.delete(value);
    for (let i = levels.length; i > 0 && path[i].values.size === 0 && path[i].children.size === 0; i--) {
      path[i - 1].children.delete(levels[i - 1]);
    }
  }

  /**
   * Everything added under a filter that matches this topic, each once, however many of its filters match. Goes
   * level by level and not by recursion, because a topic may have more levels than the stack has room for.
   */
  match(topic: string): Set<T> {
    const found = new Set<T>();
    let nodes = [this.#root];
    for (const [i, level] of topic.split('/').entries()) {
      // A wildcard in the first level does not match topics that begin with $ [MQTT-4.7.2-1].
      const wild = i > 0 || !level.startsWith('$');
      const below: Array<Node<T>> = [];
      for (const { children } of nodes) {
        const exact = children.get(level);
        if (exact !== undefined) {
          below.push(exact);
        }
        const plus = wild ? children.get('+') : undefined;
        // They are one where a broker lets a topic with a wildcard pass; taken twice at each level, they would be 2^n.
        if (plus !== undefined && plus !== exact) {
          below.push(plus);
        }
        if (wild) {
          collect(children.get('#'), found);
        }
      }
      nodes = below;
    }
    for (const at of nodes) {
      collect(at, found);
      // "sport/#" matches "sport" too: "#" includes the level above it (4.7.1.2).
      collect(at.children.get('#'), found);
    }
    return found;
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
