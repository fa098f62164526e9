/**
 * Values by topic or by topic filter, level by level. Holds topics and is asked by filter (retained messages), or holds
 * filters and is asked by topic (subscriptions); both take time by what matches, not by what is held.
 *
 * A wildcard at the first level never matches a topic that starts with `$` [MQTT-4.7.2-1].
 */
export class TopicTree<T> {
  readonly #root = new Node<T>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(name: string): T | undefined {
    let node: Node<T> | undefined = this.#root;
    for (const level of name.split('/')) {
      node = node.children.get(level);
      if (!node) {
        return undefined;
      }
    }
    return node.value;
  }

  set(name: string, value: T): void {
    let node = this.#root;
    for (const level of name.split('/')) {
      let child = node.children.get(level);
      if (!child) {
        child = new Node();
        node.children.set(level, child);
      }
      node = child;
    }
    this.#size += node.value === undefined ? 1 : 0;
    node.value = value;
  }

  /** Removes a value, and the levels that only led to it. */
  delete(name: string): void {
    const levels = name.split('/');
    const path = [this.#root];
    for (const level of levels) {
      const child = path[path.length - 1].children.get(level);
      if (!child) {
        return;
      }
      path.push(child);
    }
    const last = path[path.length - 1];
    this.#size -= last.value === undefined ? 0 : 1;
    last.value = undefined;
    for (let depth = levels.length; depth > 0 && path[depth].isEmpty(); depth -= 1) {
      path[depth - 1].children.delete(levels[depth - 1]);
    }
  }

  /** The values of the filters held here that match a topic. */
  matchingTopic(topic: string): T[] {
    const found: T[] = [];
    collectFilters(this.#root, topic.split('/'), 0, found);
    return found;
  }

  /** The values of the topics held here that a filter matches. */
  *matchingFilter(filter: string): Generator<T> {
    yield* topicsUnder(this.#root, filter.split('/'), 0);
  }
}

class Node<T> {
  readonly children = new Map<string, Node<T>>();
  value: T | undefined;

  isEmpty(): boolean {
    return this.value === undefined && this.children.size === 0;
  }
}

function collectFilters<T>(node: Node<T>, levels: string[], depth: number, found: T[]): void {
  const wild = depth > 0 || !levels[0].startsWith('$');
  // `a/#` matches `a` too [MQTT-4.7.1-2]
  const rest = wild ? node.children.get('#') : undefined;
  if (rest?.value !== undefined) {
    found.push(rest.value);
  }
  if (depth === levels.length) {
    if (node.value !== undefined) {
      found.push(node.value);
    }
    return;
  }
  const one = wild ? node.children.get('+') : undefined;
  if (one) {
    collectFilters(one, levels, depth + 1, found);
  }
  const level = levels[depth];
  // A topic has no wildcards; one that did would find the filters of this name twice.
  const exact = level === '+' || level === '#' ? undefined : node.children.get(level);
  if (exact) {
    collectFilters(exact, levels, depth + 1, found);
  }
}

function* topicsUnder<T>(node: Node<T>, levels: string[], depth: number): Generator<T> {
  const level = levels[depth];
  if (level === '#') {
    yield* everything(node, depth === 0);
  } else if (level === undefined) {
    if (node.value !== undefined) {
      yield node.value;
    }
  } else if (level === '+') {
    for (const [name, child] of node.children) {
      if (depth > 0 || !name.startsWith('$')) {
        yield* topicsUnder(child, levels, depth + 1);
      }
    }
  } else {
    const child = node.children.get(level);
    if (child) {
      yield* topicsUnder(child, levels, depth + 1);
    }
  }
}

function* everything<T>(node: Node<T>, atRoot: boolean): Generator<T> {
  if (node.value !== undefined) {
    yield node.value;
  }
  for (const [name, child] of node.children) {
    if (!atRoot || !name.startsWith('$')) {
      yield* everything(child, false);
    }
  }
}
