/** Differences beyond which two runs have too little in common for the best alignment. */
const MAX_DIFFERENCES = 1_000;

/**
 * Aligns two runs of the same messages, of each of which some may be missing: finds the longest list of pairs that are
 * in order in both runs. Where several lists are as long, the pairs are as late as possible: equal messages of the
 * shorter run are the last ones of the longer run.
 *
 * The algorithm is Myers' of 1986 ("An O(ND) difference algorithm"), from the end.
 *
 * @param isPair whether the messages at these places may be the same.
 * @returns for each place of `b` its partner's place in `a`, or -1.
 */
export function align(a: number, b: number, isPair: (a: number, b: number) => boolean): Int32Array {
  const partners = new Int32Array(b).fill(-1);
  // Counted from the end: x of `a` and y of `b` are behind; reached[k] is the furthest x on the diagonal x - y = k.
  const isSame = (x: number, y: number): boolean => isPair(a - 1 - x, b - 1 - y);
  const history: Int32Array[] = [];
  const limit = Math.min(a + b, MAX_DIFFERENCES);
  let reached = new Int32Array(2 * limit + 3);
  for (let d = 0; d <= limit; d++) {
    history.push(reached);
    reached = reached.slice();
    for (let k = -d; k <= d; k += 2) {
      let x = startOf(history[d], limit, d, k);
      let y = x - k;
      while (x < a && y < b && isSame(x, y)) {
        x++;
        y++;
      }
      reached[limit + 1 + k] = x;
      if (x >= a && y >= b) {
        trace(history, limit, d, k, { x, y }, (pairX, pairY) => {
          partners[b - 1 - pairY] = a - 1 - pairX;
        });
        return partners;
      }
    }
  }
  return greedy(a, b, isPair, partners);
}

/**
 * Aligns by another rule what has no partner, and lies between the same neighbours in both runs.
 *
 * @param partners of {@link align}; they are changed.
 * @param first of the first run, that what comes before all pairs may have as a partner; `undefined`: it stays alone.
 * @param a the length of the first run.
 */
export function alignGaps(
  partners: Int32Array,
  first: number | undefined,
  a: number,
  isPair: (a: number, b: number) => boolean
): void {
  let end = partners.length;
  let pastEnd = a;
  while (end > 0) {
    let begin = end;
    while (begin > 0 && partners[begin - 1] < 0) {
      begin--;
    }
    const pastBegin = begin === 0 ? (first ?? pastEnd) : partners[begin - 1] + 1;
    if (begin < end && pastBegin < pastEnd) {
      align(pastEnd - pastBegin, end - begin, (x, y) => isPair(x + pastBegin, y + begin)).forEach((at, index) => {
        partners[begin + index] = at < 0 ? -1 : at + pastBegin;
      });
    }
    end = begin - 1;
    pastEnd = pastBegin - 1;
  }
}

/** The start of the way along diagonal `k` after `d` differences: `reached` is that of `d - 1`. */
function startOf(reached: Int32Array, limit: number, d: number, k: number): number {
  if (d === 0) {
    return 0;
  }
  const at = limit + 1 + k;
  return k === -d || (k !== d && reached[at - 1] < reached[at + 1]) ? reached[at + 1] : reached[at - 1] + 1;
}

/** Goes back along the way that was found, and calls back with each pair of it. */
function trace(
  history: readonly Int32Array[],
  limit: number,
  differences: number,
  diagonal: number,
  end: { x: number; y: number },
  onPair: (x: number, y: number) => void
): void {
  let [k, x, y] = [diagonal, end.x, end.y];
  for (let d = differences; d >= 0; d--) {
    const start = startOf(history[d], limit, d, k);
    while (x > start) {
      x--;
      y--;
      onPair(x, y);
    }
    if (d > 0) {
      const at = limit + 1 + k;
      const isDown = k === -d || (k !== d && history[d][at - 1] < history[d][at + 1]);
      k += isDown ? 1 : -1;
      x = isDown ? x : x - 1;
      y = x - k;
    }
  }
}

/** The next partner from the end, for runs that differ too much. */
function greedy(a: number, b: number, isPair: (a: number, b: number) => boolean, partners: Int32Array): Int32Array {
  let next = a - 1;
  for (let at = b - 1; at >= 0; at--) {
    let found = next;
    while (found >= 0 && next - found < MAX_DIFFERENCES && !isPair(found, at)) {
      found--;
    }
    if (found >= 0 && next - found < MAX_DIFFERENCES) {
      partners[at] = found;
      next = found - 1;
    }
  }
  return partners;
}
