import { checkFilter, shareless, TopicError } from './filter';

/** A topic filter as a person writes it, ready to be subscribed to and to read labels from topics. */
export interface TopicPattern {
  /** The text of the query: `home/{room}/temperature`. */
  readonly text: string;
  /** The topic filter of the subscription: `home/+/temperature`. */
  readonly filter: string;
  /** Whether more than one topic can match. */
  readonly wildcard: boolean;
  /** The names of the named levels, in order. */
  readonly names: readonly string[];
  /** The position of a named level in the filter without `$share/<group>/`, from 0 up; undefined if it has none. */
  levelOf(name: string): number | undefined;
  /** Labels from a topic that the filter matches; `undefined` if it does not match. */
  labels(topic: string): Record<string, string> | undefined;
}

const NAMED_LEVEL = /^\{([\p{L}_][\p{L}\p{N}_-]*)(#?)\}$/u;

/**
 * Reads one topic filter. `{name}` as a whole level is a `+` whose value becomes the label `name`; `{name#}` as
 * the last level is a `#`. A brace elsewhere is an ordinary character: MQTT allows it in topics.
 *
 * @throws {TopicError} for a filter that MQTT does not allow, or names that are not unique.
 */
export function parsePattern(text: string): TopicPattern {
  const levels = text.split('/');
  const names: string[] = [];
  for (const [i, level] of levels.entries()) {
    const [, name, rest] = NAMED_LEVEL.exec(level) ?? [];
    if (name === undefined) {
      continue;
    }
    if (names.includes(name)) {
      throw new TopicError(`Two levels of "${text}" are named "${name}". Give each its own name.`);
    }
    if (name === 'topic') {
      throw new TopicError(`A level cannot be named "topic": each series has a label of that name already.`);
    }
    if (rest !== '' && i < levels.length - 1) {
      throw new TopicError(
        `"${level}" stands for every level below it, so nothing may follow it in "${text}". Use "{${name}}" for one level.`
      );
    }
    names.push(name);
    levels[i] = rest === '' ? '+' : '#';
  }
  const filter = levels.join('/');
  checkFilter(filter);

  const matched = shareless(filter).split('/');
  const written = text.split('/').slice(levels.length - matched.length);
  const nameAt = written.map((level) => NAMED_LEVEL.exec(level)?.[1]);
  return {
    text,
    filter,
    wildcard: matched.some((level) => level === '+' || level === '#'),
    names,
    levelOf(name) {
      const at = nameAt.indexOf(name);
      return at === -1 ? undefined : at;
    },
    labels(topic) {
      return labelsOf(matched, nameAt, topic.split('/'));
    },
  };
}

/** Several filters, one a line; blank lines count for nothing. @throws {TopicError} where one is invalid or all are blank. */
export function parsePatterns(text: string): TopicPattern[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const wanted = [...new Set(lines.filter((line) => line !== ''))];
  // An empty text goes through the same check as any other, so that its message is the same everywhere.
  return (wanted.length > 0 ? wanted : ['']).map(parsePattern);
}

function labelsOf(
  filter: readonly string[],
  nameAt: ReadonlyArray<string | undefined>,
  topic: readonly string[]
): Record<string, string> | undefined {
  // A wildcard in the first level does not match topics that begin with $ [MQTT-4.7.2-1].
  if (topic[0].startsWith('$') && (filter[0] === '+' || filter[0] === '#')) {
    return undefined;
  }
  // Entries, not assignments: "{__proto__}" names a label like any other.
  const labels: Array<[string, string]> = [];
  for (const [i, level] of filter.entries()) {
    const name = nameAt[i];
    if (level === '#') {
      // "sport/#" matches "sport" too (4.7.1.2); the name then stands for nothing.
      if (name !== undefined) {
        labels.push([name, topic.slice(i).join('/')]);
      }
      return Object.fromEntries(labels);
    }
    if (i >= topic.length || (level !== '+' && level !== topic[i])) {
      return undefined;
    }
    if (name !== undefined) {
      labels.push([name, topic[i]]);
    }
  }
  return topic.length === filter.length ? Object.fromEntries(labels) : undefined;
}
