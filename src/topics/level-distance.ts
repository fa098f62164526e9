import { editDistance } from './edit-distance';

const CAPITALS = 1;
const SEPARATORS = 2;
const PLURAL = 2;
const TYPING_ERROR = 3;

/** Levels longer than this are compared as they are. */
const MAX_LENGTH = 100;

/** How far a level of a filter is from a level of a topic that it may have been meant for; `Infinity` for not at all. */
export function levelDistance(wanted: string, given: string): number {
  if (wanted === given || wanted === '+') {
    return 0;
  }
  if (wanted.length > MAX_LENGTH || given.length > MAX_LENGTH) {
    return Infinity;
  }
  const [a, b] = [wanted.toLowerCase(), given.toLowerCase()];
  if (a === b) {
    return CAPITALS;
  }
  if (withoutSeparators(a) === withoutSeparators(b)) {
    return SEPARATORS;
  }
  if (isPlural(a, b) || isPlural(b, a)) {
    return PLURAL;
  }
  // In a word of two letters, one edit makes another word.
  return Math.max(a.length, b.length) > 2 && editDistance(a, b, 1) <= 1 ? TYPING_ERROR : Infinity;
}

function withoutSeparators(level: string): string {
  return level.replaceAll(/[-_. ]/g, '');
}

function isPlural(one: string, many: string): boolean {
  return many === `${one}s` || many === `${one}es` || (one.endsWith('y') && many === `${one.slice(0, -1)}ies`);
}
