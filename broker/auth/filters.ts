/** How MQTT topic filters relate to topics and to one another, MQTT 3.1.1 section 4.7. */

/** Whether a filter matches a topic. One that begins with a wildcard matches no topic that begins with `$`. */
export function matches(filter: string, topic: string): boolean {
  return covers(filter, topic);
}

/** Whether every topic that `inner` matches is one that `outer` matches. */
export function covers(outer: string, inner: string): boolean {
  if (hidden(outer, inner)) {
    return false;
  }
  const wide = outer.split('/');
  const narrow = inner.split('/');
  for (let at = 0; at < wide.length; at += 1) {
    if (wide[at] === '#') {
      return true;
    }
    // `a` covers no part of `a/#`, which is `a` and all below it
    const fits = at < narrow.length && narrow[at] !== '#' && (wide[at] === '+' || wide[at] === narrow[at]);
    if (!fits) {
      return false;
    }
  }
  return narrow.length === wide.length;
}

/** Whether there may be a topic that both match. */
export function overlaps(one: string, other: string): boolean {
  if (hidden(one, other) || hidden(other, one)) {
    return false;
  }
  const left = one.split('/');
  const right = other.split('/');
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    if (left[at] === '#' || right[at] === '#') {
      return true;
    }
    const wild = left[at] === '+' || right[at] === '+';
    if (left[at] === undefined || right[at] === undefined) {
      return false;
    }
    if (!wild && left[at] !== right[at]) {
      return false;
    }
  }
  return true;
}

/** Whether `filter` begins with a wildcard and `other` with `$`: they have nothing in common [MQTT-4.7.2-1]. */
function hidden(filter: string, other: string): boolean {
  return other.startsWith('$') && (filter.startsWith('#') || filter.startsWith('+'));
}
