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
  return oneEditApart(a, b) ? TYPING_ERROR : Infinity;
}

function withoutSeparators(level: string): string {
  return level.replaceAll(/[-_. ]/g, '');
}

function isPlural(one: string, many: string): boolean {
  return many === `${one}s` || many === `${one}es` || (one.endsWith('y') && many === `${one.slice(0, -1)}ies`);
}

/** One letter more, less, another, or two in each other's place; in a word of two letters, that is another word. */
function oneEditApart(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (long.length - short.length > 1 || long.length < 3) {
    return false;
  }
  let at = 0;
  while (at < short.length && short[at] === long[at]) {
    at++;
  }
  if (short.length < long.length) {
    return short.slice(at) === long.slice(at + 1);
  }
  const swapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  return short.slice(at + 1) === long.slice(at + 1) || (swapped && short.slice(at + 2) === long.slice(at + 2));
}
