import type { MqttQuery } from '../types';

/**
 * The names that a legend template can use.
 *
 * @param levels the named levels of the topic filters.
 */
export function legendNames(
  levels: readonly string[],
  { labels = [], pivot }: Pick<MqttQuery, 'labels' | 'pivot'>
): string[] {
  const ofLabels = labels.map(({ path, name, from }) => name ?? (from === 'property' ? path : lastKey(path)));
  return [...new Set([...levels.filter((level) => level !== pivot), ...ofLabels, 'field', 'topic'])];
}

/** The default name of a label from the payload. */
function lastKey(path: string): string {
  return /([^.[\]"]+)(?:"\])?$/.exec(path)?.[1] ?? path;
}
