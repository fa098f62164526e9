import { parsePattern } from '../topics';
import { topicLines } from './topic-lines';

/**
 * The text of the topic field with a suggested topic or filter in the place of the one that it is for. Levels that the
 * line names keep their names; undefined where no line is that filter, because variables make it.
 */
export function withTopicSuggestion(text: string, filter: string, suggested: string): string | undefined {
  const lines = topicLines(text);
  const at = lines.findIndex((line) => filterOf(line) === filter);
  return at === -1 ? undefined : lines.with(at, named(lines[at], filter, suggested)).join('\n');
}

/** The wildcards of a suggestion, in their order, as the line writes its own. */
function named(line: string, filter: string, suggested: string): string {
  const isWildcard = (level: string): boolean => level === '+' || level === '#';
  const written = line.split('/').filter((_, i) => isWildcard(filter.split('/')[i]));
  const levels = suggested.split('/');
  const group = filter.startsWith('$share/') ? `${filter.split('/', 2).join('/')}/` : '';
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
