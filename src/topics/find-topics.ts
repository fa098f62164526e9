import type { TopicNode, TopicTree } from './tree';

/** Nodes whose turn comes later: the children of a level that `+` or `#` stands for. */
interface Pending<T> {
  readonly children: Iterator<[level: string, node: TopicNode<T>]>;
  /** Levels of the filter that the children have matched. */
  readonly depth: number;
  /** Whether they are the first level, where no wildcard matches a name that begins with `$` [MQTT-4.7.2-1]. */
  readonly isFirst: boolean;
}

/**
 * The values of the topics in a tree that a filter matches. Topics may be added and deleted between two values.
 *
 * @param filter a valid filter; a shared subscription is an ordinary one
 */
export function* findTopics<T>(tree: TopicTree<T>, filter: string): Generator<T> {
  const levels = filter.split('/');
  const pending: Array<Pending<T>> = [];
  let node: TopicNode<T> | undefined = tree.root;
  let depth = 0;
  for (;;) {
    while (node !== undefined) {
      const level: string | undefined = levels[depth];
      if ((level === undefined || level === '#') && node.value !== undefined) {
        yield node.value;
      }
      if (level === '+' || level === '#') {
        pending.push({
          children: node.children.entries(),
          depth: level === '#' ? depth : depth + 1,
          isFirst: node === tree.root,
        });
        break;
      }
      node = level === undefined ? undefined : node.children.get(level);
      depth += 1;
    }
    const last = pending.at(-1);
    if (last === undefined) {
      return;
    }
    const next = last.children.next();
    if (next.done === true) {
      pending.pop();
      node = undefined;
    } else {
      const [name, child] = next.value;
      node = last.isFirst && name.startsWith('$') ? undefined : child;
      depth = last.depth;
    }
  }
}
