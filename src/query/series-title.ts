import { shareless, type TopicPattern } from '../topics';

/** The short name of a series by its topic and labels; undefined if the query gives it none. */
export type SeriesTitle = (topic: string, labels: Readonly<Record<string, string>>) => string | undefined;

/**
 * Short names for the series of a query with named levels: the levels in which its topics can differ, so that a name
 * does not change when another topic with the same labels arrives. Labels from messages name a series by themselves,
 * and topics of different depth have no levels in common.
 *
 * @returns undefined if the topic or the labels are the name.
 */
export function seriesTitle(patterns: readonly TopicPattern[]): SeriesTitle | undefined {
  const names = new Set(patterns.flatMap((pattern) => pattern.names));
  const filters = patterns.map(({ filter }) => shareless(filter).split('/'));
  const [{ length }] = filters;
  if (names.size === 0 || filters.some((levels) => levels.length !== length || isOpen(levels) !== isOpen(filters[0]))) {
    return undefined;
  }
  const differing = filters[0].flatMap((level, i) =>
    level === '+' || filters.some((levels) => levels[i] !== level) ? [i] : []
  );
  return (topic, labels) => {
    if (Object.keys(labels).some((name) => !names.has(name))) {
      return undefined;
    }
    const levels = topic.split('/');
    const parts = differing.map((i) => levels[i]);
    if (isOpen(filters[0])) {
      parts.push(levels.slice(length - 1).join('/'));
    }
    return parts.filter((part) => part !== undefined && part !== '').join(' ');
  };
}

function isOpen(levels: readonly string[]): boolean {
  return levels.at(-1) === '#';
}
