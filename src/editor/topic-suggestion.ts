import { isShared, parsePattern } from '../topics';
import { topicLines } from './topic-lines';

/**
 * Replaces a filter in the text of the topic field with a suggested topic or filter. Named levels keep their names.
 *
 * @returns undefined if no line of the text is that filter, for example because a variable is part of it.
 */
export function withTopicSuggestion(text: string, filter: string, suggested: string): string | undefined {
  const lines = topicLines(text);
  const at = lines.findIndex((line) => filterOf(line) === filter);
  return at === -1 ? undefined : lines.with(at, named(lines[at], filter, suggested)).join('\n');
}

/** Writes the wildcards of a suggestion as the line does: `+` becomes the line's `{room}`. */
function named(line: string, filter: string, suggested: string): string {
  const isWildcard = (level: string): boolean => level === '+' || level === '#';
  const written = line.split('/').filter((_, i) => isWildcard(filter.split('/')[i]));
  const levels = suggested.split('/');
  const group = isShared(filter) ? `${filter.split('/', 2).join('/')}/` : '';
  return (
    group +
    (levels.filter(isWildcard).length === written.length
      ? levels.map((level) => (isWildcard(level) ? written.shift() : level)).join('/')
      : suggested)
  );
}

function filterOf(line: string): string | undefined {
  try {
    return parsePattern(line).filter;
  } catch {
    return undefined;
  }
}
