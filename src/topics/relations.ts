/**
 * How topic filters relate to topics and to one another (MQTT 3.1.1, 4.7). A shared subscription (`$share/group/filter`)
 * is an ordinary filter here; take its prefix off with `shareless` first where it is one. The filters have to be valid.
 */

/** Whether a filter matches a topic. A wildcard in its first level matches no topic that begins with `$` [MQTT-4.7.2-1]. */
export function matches(filter: string, topic: string): boolean {
  return covers(filter, topic);
}

/**
 * Whether every topic that `inner` matches is one that `outer` matches. One pair is not recognized: `+/#` covers `#`,
 * because a topic has at least one level.
 */
export function covers(outer: string, inner: string): boolean {
  if (isHiddenFrom(outer, inner)) {
    return false;
  }
  const wide = outer.split('/');
  const narrow = inner.split('/');
  for (let at = 0; at < wide.length; at += 1) {
    if (wide[at] === '#') {
      return true;
    }
    // `a` does not cover `a/#`, which matches `a` and everything below it.
    const fits = at < narrow.length && narrow[at] !== '#' && (wide[at] === '+' || wide[at] === narrow[at]);
    if (!fits) {
      return false;
    }
  }
  return narrow.length === wide.length;
}

/** Whether there can be a topic that both filters match. */
export function overlaps(one: string, other: string): boolean {
  if (isHiddenFrom(one, other) || isHiddenFrom(other, one)) {
    return false;
  }
  const left = one.split('/');
  const right = other.split('/');
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    if (left[at] === '#' || right[at] === '#') {
      return true;
    }
    if (left[at] === undefined || right[at] === undefined) {
      return false;
    }
    const isWild = left[at] === '+' || right[at] === '+';
    if (!isWild && left[at] !== right[at]) {
      return false;
    }
  }
  return true;
}

/** Whether `filter` begins with a wildcard and `other` with `$`: no topic matches both [MQTT-4.7.2-1]. */
function isHiddenFrom(filter: string, other: string): boolean {
  return other.startsWith('$') && (filter.startsWith('#') || filter.startsWith('+'));
}
