import type { Completion } from '../../engine/explorer-protocol';
import { filterLevels } from './levels';

/** Completions of the last level that need no broker: the name of a level, and the dashboard's variables. */
export function localCompletions(line: string, variables: readonly string[]): Completion[] {
  const levels = line.split('/');
  const partial = levels.at(-1)!;
  const withLast = (text: string): Completion => ({
    line: [...levels.slice(0, -1), text].join('/'),
    label: text,
    topics: 0,
    branch: false,
  });
  if (partial.startsWith('{')) {
    const { named } = filterLevels([...levels.slice(0, -1), '+'].join('/')).at(-1)!;
    return named.startsWith(partial) && named !== partial ? [withLast(named)] : [];
  }
  if (partial.startsWith('$')) {
    const typed = partial.replace(/^\$\{?/, '').toLowerCase();
    return variables
      .filter((name) => name.toLowerCase().startsWith(typed))
      .map((name) => withLast(partial.startsWith('${') ? `\${${name}}` : `$${name}`));
  }
  return [];
}

/** The line as the explorer understands it: levels with variables match any level. */
export function explorableLine(line: string, hasVariables: (text: string) => boolean): string {
  const levels = line.split('/');
  return levels.map((level, i) => (i < levels.length - 1 && hasVariables(level) ? '+' : level)).join('/');
}

/** A completion of the explorer, with the levels before it as they are written. A whole topic replaces the line. */
export function asWritten(completion: Completion, line: string): Completion {
  const isTopic = completion.label === completion.line;
  const before = line.split('/').slice(0, -1);
  return isTopic && before.length > 0 ? completion : { ...completion, line: [...before, completion.label].join('/') };
}
