import type { TopicNode, TopicTree } from './tree';

/**
 * The values of the filters in a tree that have a topic in common with a filter, each once. The time grows with the
 * nodes that the filter can meet, not with the tree.
 *
 * @param filter a valid filter; a shared subscription is an ordinary one
 */
export function findOverlapping<T>(tree: TopicTree<T>, filter: string): T[] {
  const found = new Set<T>();
  let nodes = [tree.root];
  const levels = filter.split('/');
  for (const [depth, level] of levels.entries()) {
    const below: Array<TopicNode<T>> = [];
    for (const node of nodes) {
      for (const [name, child] of childrenFor(node, level, depth === 0)) {
        if (name === '#') {
          addValue(found, child);
        } else {
          below.push(child);
        }
      }
    }
    if (level === '#') {
      // It stands for its parent level too [MQTT-4.7.1-2]. At the root there is none.
      nodes.forEach((node) => addValue(found, node));
      below.forEach((node) => addAll(found, node));
      return [...found];
    }
    nodes = below;
  }
  for (const node of nodes) {
    addValue(found, node);
    addValue(found, node.children.get('#'));
  }
  return [...found];
}

/** No topic that begins with `$` matches a wildcard in the first level [MQTT-4.7.2-1]. */
function childrenFor<T>(
  { children }: TopicNode<T>,
  level: string,
  isFirst: boolean
): Array<readonly [string, TopicNode<T>]> {
  if (level === '+' || level === '#') {
    return [...children].filter(([name]) => !isFirst || !name.startsWith('$'));
  }
  const wild = isFirst && level.startsWith('$') ? [] : ['+', '#'];
  return [level, ...wild].flatMap((name) => {
    const child = children.get(name);
    return child === undefined ? [] : [[name, child] as const];
  });
}

function addAll<T>(found: Set<T>, node: TopicNode<T>): void {
  const nodes = [node];
  for (let next = nodes.pop(); next !== undefined; next = nodes.pop()) {
    addValue(found, next);
    nodes.push(...next.children.values());
  }
}

function addValue<T>(found: Set<T>, node: TopicNode<T> | undefined): void {
  if (node?.value !== undefined) {
    found.add(node.value);
  }
}
