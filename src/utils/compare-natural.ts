/** Orders texts as people count: `dev2` comes before `dev10`. Takes a fraction of the time of `Intl.Collator`. */
export function compareNatural(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) {
    at++;
  }
  // The numbers that differ may begin with the same digits.
  while (at > 0 && isDigit(a, at - 1)) {
    at--;
  }
  const byNumber = isDigit(a, at) && isDigit(b, at) ? compareNumbers(digitsAt(a, at), digitsAt(b, at)) : 0;
  return byNumber || compare(a, b);
}

/** The digits that begin there, without leading zeros. */
function digitsAt(text: string, at: number): string {
  let from = at;
  while (text.charCodeAt(from) === ZERO) {
    from++;
  }
  let to = from;
  while (isDigit(text, to)) {
    to++;
  }
  return text.slice(from, to);
}

const ZERO = 48;

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ZERO && code < ZERO + 10;
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compare(a, b);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
