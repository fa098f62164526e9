/** Why a topic filter cannot be used, in words for the person who wrote it. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
}

/** The longest UTF-8 string that MQTT can carry, in bytes [MQTT-1.5.3, MQTT-4.7.3-3]. */
const MAX_BYTES = 65_535;

const encoder = new TextEncoder();

/**
 * Checks a topic filter by the rules of MQTT 3.1.1, 4.7 (MQTT 5 has the same).
 *
 * @throws {TopicError} that says what is wrong and what would be right.
 */
export function checkFilter(filter: string): void {
  checkText(filter, 'topic filter');
  const levels = shareless(filter).split('/');
  for (const [i, level] of levels.entries()) {
    if (level === '#' && i < levels.length - 1) {
      const upToHere = levels.slice(0, i + 1).join('/');
      throw new TopicError(
        `"#" stands for every level below it, so nothing may follow it in "${filter}". Use "${upToHere}", or "+" for one level. [MQTT-4.7.1-2]`
      );
    }
    if (level.length > 1 && /[+#]/.test(level)) {
      const sign = level.includes('+') ? '+' : '#';
      throw new TopicError(
        `"${sign}" must be a whole level, so "${level}" in "${filter}" is not a valid filter. Use "${sign}" in its place. [MQTT-4.7.1-${sign === '+' ? 3 : 2}]`
      );
    }
  }
}

/** The filter that topics are matched against: a shared subscription `$share/group/filter` without its prefix. */
export function shareless(filter: string): string {
  if (!filter.startsWith('$share/')) {
    return filter;
  }
  const group = filter.indexOf('/', '$share/'.length);
  const rest = group === -1 ? '' : filter.slice(group + 1);
  if (rest === '' || /[+#]/.test(filter.slice(0, group)) || group === '$share/'.length) {
    throw new TopicError(
      `A shared subscription is written "$share/<group>/<filter>", for example "$share/dashboards/home/#"; "${filter}" is not. [MQTT5-4.8.2]`
    );
  }
  return rest;
}

function checkText(text: string, what: string): void {
  if (text === '') {
    throw new TopicError(`The ${what} is empty. Enter one, for example "home/kitchen/temperature" or "home/#".`);
  }
  if (text.includes('\0')) {
    throw new TopicError(`The ${what} contains a NUL character, which MQTT forbids. [MQTT-4.7.3-2]`);
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw new TopicError(`The ${what} contains half of a surrogate pair, which is not valid text. [MQTT-1.5.3-1]`);
  }
  const bytes = encoder.encode(text).length;
  if (bytes > MAX_BYTES) {
    throw new TopicError(`The ${what} has ${bytes.toLocaleString('en-US')} bytes; MQTT allows 65,535. [MQTT-4.7.3-3]`);
  }
}
