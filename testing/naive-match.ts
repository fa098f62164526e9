/** MQTT 4.7 as a regular expression, level by level: the reference for topic matching, with nothing in common with it. */
export function naiveMatch(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) {
    return false;
  }
  const levels = filter.split('/').map((level) => (level === '+' ? '[^/]*' : level.replace(/[$.]/g, '\\$&')));
  const source = levels.at(-1) === '#' ? `${levels.slice(0, -1).join('/')}(?:/.*)?` : levels.join('/');
  return new RegExp(filter === '#' ? '^.*$' : `^${source}$`).test(topic);
}
