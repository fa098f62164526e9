import { parsePattern, parsePatterns, shareless, TopicError, type TopicPattern } from '../topics';
import type { FrameShape, MqttQuery } from '../types';
import { DEFAULT_SHAPE } from './query-changes';
import { topicLines } from './topic-lines';

/** The meaning of the text of a topic field, for the line below the field. */
export interface TopicDescription {
  /** The problem with the text. */
  problem?: string;
  /** The topics that the query subscribes to, in words. */
  meaning?: string;
  /** The named levels, which become labels. */
  names: string[];
  /** Texts that look like Grafana variables, but are parts of the topic, because there is no such variable. */
  unknown: string[];
}

/** `$name`, `${name:format}`, `[[name]]`, as Grafana's templateSrv reads them. */
const VARIABLES = /\$(\w+)|\$\{(\w+)[^}]*\}|\[\[(\w+)[^\]]*\]\]/g;

/**
 * @param hasVariables whether a line holds Grafana variables. Such a line is not checked: its values are known only
 * when the query runs.
 */
export function describeTopic(
  text: string,
  { shape = DEFAULT_SHAPE, pivot }: Pick<MqttQuery, 'shape' | 'pivot'>,
  hasVariables: (line: string) => boolean
): TopicDescription {
  const lines = [...new Set(topicLines(text))];
  const open = lines.filter(hasVariables);
  const fixed = lines.filter((line) => !open.includes(line));
  const names = [...new Set(lines.flatMap(namesIn))];
  try {
    const patterns = fixed.length > 0 || open.length === 0 ? parsePatterns(fixed.join('\n')) : [];
    const unknown = unknownVariables(lines, hasVariables);
    return {
      names,
      unknown,
      meaning: meaning(lines.length, patterns, open.length > 0) + labelled(names, shape, pivot),
    };
  } catch (error) {
    if (error instanceof TopicError) {
      return { names, unknown: [], problem: error.message };
    }
    throw error;
  }
}

function unknownVariables(lines: readonly string[], hasVariables: (text: string) => boolean): string[] {
  const written = lines.flatMap((line) =>
    [...line.matchAll(VARIABLES)]
      // A first level such as `$SYS` is a topic of the broker [MQTT-4.7.2-1].
      .filter(({ index, 1: plain }) => index > 0 || plain === undefined)
      .map(([text]) => text)
  );
  return [...new Set(written)].filter((text) => !/\b__/.test(text) && !hasVariables(text));
}

function meaning(count: number, patterns: readonly TopicPattern[], variables: boolean): string {
  if (count > 1) {
    return variables ? `${count} filters; variables are replaced when the query runs` : `${count} filters`;
  }
  if (variables) {
    return 'Variables are replaced when the query runs';
  }
  const filter = shareless(patterns[0].filter);
  if (filter === '#') {
    return 'All topics, except topics that begin with $';
  }
  return patterns[0].wildcard ? `All topics that match ${filter}` : 'One topic';
}

function labelled(levels: readonly string[], shape: FrameShape, pivot: string | undefined): string {
  const names = levels.filter((name) => name !== pivot);
  if (names.length === 0) {
    return '';
  }
  const one = names.length === 1;
  const list = one ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return shape === 'latest'
    ? `; with ${one ? 'a column' : 'columns'} for ${list}`
    : `; each series has the ${one ? 'label' : 'labels'} ${list}`;
}

function namesIn(line: string): readonly string[] {
  try {
    return parsePattern(line).names;
  } catch {
    return [];
  }
}
