import { type BrokerKind, shownFault } from './broker-kind';
import { CHECK_NAMES, CHECK_TITLES } from './check-names';
import type { BrokerResult } from './suite';

const BEGIN = '<!-- npm run brokers: begin -->';
const END = '<!-- npm run brokers: end -->';

const HEAD = ['Broker', 'Version', 'Run on', ...CHECK_NAMES.map((name) => CHECK_TITLES[name])];

/** The longest part of an error that the notes show. */
const NOTE_LENGTH = 300;

/**
 * The page with these results between its markers. Rows and notes of brokers that are not among the results stay.
 *
 * @param date of the run, `YYYY-MM-DD`
 * @throws {Error} if the page lacks the markers
 */
export function withResults(
  page: string,
  results: readonly BrokerResult[],
  kinds: readonly BrokerKind[],
  date: string
): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) {
    throw new Error(`The page needs the lines "${BEGIN}" and "${END}"`);
  }
  const old = page.slice(begin + BEGIN.length, end).split('\n');
  const rows = new Map<string, string>();
  const notes = new Map<string, string[]>();
  for (const kind of kinds) {
    const result = results.find(({ name }) => name === kind.name);
    const { title } = kind;
    rows.set(
      title,
      result === undefined
        ? (old.find((line) => cellsOf(line)[0] === title) ?? row([title, '', '', ...CHECK_NAMES.map(() => 'not run')]))
        : resultRow(kind, result, date)
    );
    notes.set(title, result === undefined ? old.filter((line) => isNote(line, title)) : notesOf(kind, result));
  }
  const table = [row(HEAD), row(HEAD.map(() => '---')), ...rows.values()];
  return [page.slice(0, begin) + BEGIN, '', ...table, '', ...[...notes.values()].flat(), '', page.slice(end)].join(
    '\n'
  );
}

function resultRow(kind: BrokerKind, { version, unavailable, checks }: BrokerResult, date: string): string {
  const cells = CHECK_NAMES.map((name) => {
    const check = checks[name];
    if (check === undefined) {
      return unavailable === undefined ? 'not run' : 'not available';
    }
    const pass = check.text === '' || /^\d/.test(check.text) ? check.text || 'yes' : `yes, ${check.text}`;
    return check.passed ? pass : shownFault(kind, name, check.text) === undefined ? '**no**' : 'broker';
  });
  return row([kind.title, version ?? '', date, ...cells]);
}

function notesOf(kind: BrokerKind, { unavailable, checks }: BrokerResult): string[] {
  const note = (what: string, text: string): string => `- **${kind.title}**, ${what}: ${text}`;
  const failed = CHECK_NAMES.flatMap((name) => {
    const check = checks[name];
    if (check === undefined) {
      return [];
    }
    // The next run may have a fault that is rare.
    const fault = check.passed ? kind.rareFaults?.[name] : shownFault(kind, name, check.text);
    if (fault !== undefined) {
      return note(CHECK_TITLES[name], `${fault.what} ${fault.advice}`);
    }
    return check.passed ? [] : note(CHECK_TITLES[name], inline(check.text));
  });
  return unavailable === undefined ? failed : [...failed, note('not available', inline(unavailable))];
}

/** Text of a program as one line of code. */
function inline(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'").slice(0, NOTE_LENGTH);
  return `\`${line}\``;
}

function isNote(line: string, title: string): boolean {
  return line.startsWith(`- **${title}**,`);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
