import type { CharacterSet, Node } from './pattern';

const NONE: CharacterSet = new Uint8Array(129);

/**
 * Whether the next character always decides which way a pattern goes on: between any two ways that are open, there is no
 * character with which both begin. JavaScript's own engine, which goes back to where it had a choice, then finds there
 * at once that the other way does not fit. From each place where it begins it reads each character about twice, so that
 * its time is at most the square of the text's length. (Such expressions are "one-unambiguous": Bruggemann-Klein and
 * Wood, 1998.)
 */
export function isDeterministic(pattern: Node): boolean {
  // A match at the end is the end of the search.
  return isClear(pattern, NONE);
}

/** @param next the characters with which it can go on behind the node. */
function isClear(node: Node, next: CharacterSet): boolean {
  switch (node.kind) {
    case 'char':
    case 'assert':
      return true;
    case 'group':
      return isClear(node.node, next);
    case 'all': {
      let behind = next;
      for (const each of node.nodes.toReversed()) {
        if (!isClear(each, behind)) {
          return false;
        }
        behind = firstOf(each, behind);
      }
      return true;
    }
    case 'any': {
      // Two that can be empty are two ways, whatever comes behind.
      if (node.nodes.filter(canBeEmpty).length > 1) {
        return false;
      }
      let taken = NONE;
      for (const each of node.nodes) {
        const first = firstOf(each, next);
        if (overlap(taken, first) || !isClear(each, next)) {
          return false;
        }
        taken = union(taken, first);
      }
      return true;
    }
    case 'repeat': {
      const first = firstOf(node.node, NONE);
      const isChoice = node.most > node.least;
      // A part that can be empty begins with what is behind it.
      return (
        !(isChoice && (canBeEmpty(node.node) || overlap(first, next))) &&
        isClear(node.node, node.most > 1 ? union(first, next) : next)
      );
    }
  }
}

/** The characters with which a node can begin; also those behind it, if it can be empty. */
function firstOf(node: Node, next: CharacterSet): CharacterSet {
  switch (node.kind) {
    case 'char':
      return node.set;
    case 'assert':
      return next;
    case 'group':
      return firstOf(node.node, next);
    case 'all':
      return node.nodes.reduceRight((behind, each) => firstOf(each, behind), next);
    case 'any':
      return node.nodes.map((each) => firstOf(each, next)).reduce(union);
    case 'repeat': {
      const first = node.most === 0 ? NONE : firstOf(node.node, next);
      return node.least === 0 ? union(first, next) : first;
    }
  }
}

function union(one: CharacterSet, other: CharacterSet): CharacterSet {
  return one.map((has, code) => has | other[code]);
}

function overlap(one: CharacterSet, other: CharacterSet): boolean {
  return one.some((has, code) => (has & other[code]) !== 0);
}

/** Whether it can match nothing. */
export function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'char':
      return false;
    case 'assert':
      return true;
    case 'all':
      return node.nodes.every(canBeEmpty);
    case 'any':
      return node.nodes.some(canBeEmpty);
    case 'group':
      return canBeEmpty(node.node);
    case 'repeat':
      return node.least === 0 || canBeEmpty(node.node);
  }
}
