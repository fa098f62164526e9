/** A level of a {@link TopicTree}. */
export interface TopicNode<T> {
  readonly children: Map<string, TopicNode<T>>;
  value: T | undefined;
}

/**
 * Values by topic or by topic filter, one for each, level by level. A tree of filters is searched by topic
 * ({@link TopicTree.matching}), a tree of topics by filter (`findTopics`); both take a time that grows with what
 * matches, not with what the tree holds.
 *
 * Goes level by level and not by recursion, because a topic may have more levels than the stack has room for.
 */
export class TopicTree<T> {
  readonly root: TopicNode<T> = newNode();
  #size = 0;

  /** Number of values. */
  get size(): number {
    return this.#size;
  }

  get(name: string): T | undefined {
    let node: TopicNode<T> | undefined = this.root;
    for (const level of name.split('/')) {
      node = node.children.get(level);
      if (node === undefined) {
        return undefined;
      }
    }
    return node.value;
  }

  set(name: string, value: T): void {
    const node = this.#nodeOf(name);
    this.#size += node.value === undefined ? 1 : 0;
    node.value = value;
  }

  /** The value of a name, which is made when there is none. */
  getOrSet(name: string, newValue: () => T): T {
    const node = this.#nodeOf(name);
    if (node.value === undefined) {
      node.value = newValue();
      this.#size += 1;
    }
    return node.value;
  }

  /** Removes a value, and the levels that only led to it. */
  delete(name: string): void {
    const levels = name.split('/');
    const path = [this.root];
    for (const level of levels) {
      const child = path.at(-1)!.children.get(level);
      if (child === undefined) {
        return;
      }
      path.push(child);
    }
    const last = path.at(-1)!;
    this.#size -= last.value === undefined ? 0 : 1;
    last.value = undefined;
    for (let i = levels.length; i > 0 && path[i].value === undefined && path[i].children.size === 0; i--) {
      path[i - 1].children.delete(levels[i - 1]);
    }
  }

  /** The value of every filter in the tree that matches a topic, once for each filter. */
  matching(topic: string): T[] {
    const found: T[] = [];
    const levels = topic.split('/');
    let nodes = [this.root];
    for (let i = 0; i < levels.length; i++) {
      const level = levels[i];
      // A wildcard in the first level does not match topics that begin with $ [MQTT-4.7.2-1].
      const isWild = i > 0 || !level.startsWith('$');
      // A broker that lets a wildcard in a topic pass would find the filter of this name twice, and at n levels 2^n times.
      const isLiteral = level !== '+' && level !== '#';
      const below: Array<TopicNode<T>> = [];
      for (const { children } of nodes) {
        const exact = isLiteral ? children.get(level) : undefined;
        if (exact !== undefined) {
          below.push(exact);
        }
        if (isWild) {
          const plus = children.get('+');
          if (plus !== undefined) {
            below.push(plus);
          }
          pushValue(found, children.get('#'));
        }
      }
      nodes = below;
    }
    for (const node of nodes) {
      // "sport/#" matches "sport" too: "#" includes the level above it (4.7.1.2). It comes first, as in Aedes' own stores.
      pushValue(found, node.children.get('#'));
      pushValue(found, node);
    }
    return found;
  }

  #nodeOf(name: string): TopicNode<T> {
    let node = this.root;
    for (const level of name.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }
}

function pushValue<T>(found: T[], node: TopicNode<T> | undefined): void {
  if (node !== undefined && node.value !== undefined) {
    found.push(node.value);
  }
}

function newNode<T>(): TopicNode<T> {
  return { children: new Map(), value: undefined };
}
