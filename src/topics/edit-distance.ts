/**
 * The number of edits from one word to another: letters inserted, deleted or replaced, and neighbouring letters swapped
 * (the optimal string alignment distance). Meant for typing errors: the time is that of 4^max comparisons at most.
 *
 * @param max the largest distance of interest
 * @returns `Infinity` for more edits than `max`
 */
export function editDistance(one: string, other: string, max: number): number {
  return distanceFrom(one, other, 0, 0, max);
}

/** The distance of what follows at `i` and `j`. */
function distanceFrom(one: string, other: string, i: number, j: number, max: number): number {
  if (Math.abs(one.length - i - (other.length - j)) > max) {
    return Infinity;
  }
  while (i < one.length && one[i] === other[j]) {
    i++;
    j++;
  }
  if (i === one.length && j === other.length) {
    return 0;
  }
  if (max === 0) {
    return Infinity;
  }
  const isSwap = i + 1 < one.length && one[i] === other[j + 1] && one[i + 1] === other[j];
  return (
    1 +
    Math.min(
      i < one.length ? distanceFrom(one, other, i + 1, j, max - 1) : Infinity,
      j < other.length ? distanceFrom(one, other, i, j + 1, max - 1) : Infinity,
      i < one.length && j < other.length ? distanceFrom(one, other, i + 1, j + 1, max - 1) : Infinity,
      isSwap ? distanceFrom(one, other, i + 2, j + 2, max - 1) : Infinity
    )
  );
}
