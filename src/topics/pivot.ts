import { shareless, TopicError } from './filter';
import type { TopicPattern } from './pattern';
import { matches } from './relations';

/** A filter of a query, and which of its levels names a field. */
export interface PivotFilter {
  /** Without `$share/<group>/`. */
  readonly filter: string;
  /** The position of the level, from 0 up; a `#` there stands for all levels from it on. Undefined: the filter has none. */
  readonly level: number | undefined;
}

/** A topic of which one level names a field. */
export interface Pivoted {
  /** The topic with a wildcard for the level: the same for all topics that differ in that level only. */
  readonly topic: string;
  /** The text of the level. */
  readonly field: string;
}

/**
 * Finds the level that names a field in the filters of a query.
 *
 * @param name of a named level.
 * @throws {TopicError} if no filter has the level; the message says what to do.
 */
export function pivotFilters(patterns: readonly TopicPattern[], name: string): PivotFilter[] {
  const filters = patterns.map((pattern) => ({ filter: shareless(pattern.filter), level: pattern.levelOf(name) }));
  if (filters.every(({ level }) => level === undefined)) {
    throw new TopicError(
      `No level of the topic has the name {${name}}. Name a level so, or change "Field names from".`
    );
  }
  return filters;
}

/**
 * Takes the level that names a field out of a topic, by the first filter that the topic matches: `plant/dev5/temp` is
 * the field `temp` of `plant/dev5/+`.
 *
 * @returns undefined if that filter has no such level, or the topic ends before it.
 */
export function pivot(filters: readonly PivotFilter[], topic: string): Pivoted | undefined {
  const found = filters.find(({ filter }) => matches(filter, topic));
  const levels = topic.split('/');
  if (found?.level === undefined || found.level >= levels.length) {
    return undefined;
  }
  const { filter, level } = found;
  const wildcard = filter.endsWith('#') && filter.split('/').length === level + 1 ? '#' : '+';
  const taken = levels.splice(level, wildcard === '#' ? levels.length : 1, wildcard);
  return { topic: levels.join('/'), field: taken.join('/') };
}

/** The topic that a field of a pivoted topic came by. @param topic as {@link pivot} gives it: with one wildcard. */
export function unpivot(topic: string, field: string): string {
  return topic.replace(/[+#]/, () => field);
}
