import { getOrSet } from '../utils/get-or-set';
import type { CircularFrame } from './circular-frame';
import { textAt, wholeText } from './row-text';
import type { RowOf } from './union';

/** What a log shows of a row. */
export interface LogLine {
  readonly body: string;
  readonly severity: string;
  /** A hash of the topic, the labels and the body, in hexadecimal digits. */
  readonly hash: string;
}

/** The number of lines that are remembered per frame: those of its panels. */
const MAX_REMEMBERED = 10_000;

const BODY_KEYS = ['message', 'msg', 'body', 'log', 'line', 'text'];
const SEVERITY_KEYS = ['severity', 'level', 'loglevel', 'log_level', 'lvl'];

/** ESPHome and others begin a line with a letter in brackets, in the order of its severity. */
const LETTERS: Readonly<Record<string, string>> = {
  E: 'error',
  W: 'warning',
  I: 'info',
  C: 'info',
  D: 'debug',
  V: 'trace',
};

const WORDS = /\b(emergency|alert|critical|fatal|error|warning|warn|notice|info|debug|trace)\b/i;

/** How much of a line is searched for a severity. */
const HEAD = 80;

/** The colours that a device paints its terminal with (ECMA-48, 5.4). */
// oxlint-disable-next-line no-control-regex -- the escape character is what they begin with
const ESCAPES = /\u001b\[[0-9;:?]*[ -/]*[@-~]/g;

/** The lines of a frame by the number of their row, counted from the first row that the frame ever had. */
interface Remembered {
  revision: number;
  readonly lines: Map<number, LogLine>;
}

const remembered = new WeakMap<CircularFrame, Remembered>();

/** The line of a row. A response has mostly the lines of the response before, so they are remembered. */
export function lineOf(row: RowOf): LogLine {
  const { frame } = row.view;
  const memory = getOrSet(remembered, frame, () => ({ revision: frame.revision, lines: new Map() }));
  if (memory.revision !== frame.revision) {
    memory.revision = frame.revision;
    memory.lines.clear();
  }
  const { lines } = memory;
  const number = frame.evicted + row.row;
  let line = lines.get(number);
  if (line === undefined) {
    line = makeLine(row);
    lines.set(number, line);
    if (lines.size > MAX_REMEMBERED) {
      lines.delete(lines.keys().next().value);
    }
  }
  return line;
}

function makeLine(row: RowOf): LogLine {
  const { topic, labels } = row.view;
  const body = (textAt(row, BODY_KEYS) ?? wholeText(row)).replaceAll(ESCAPES, '');
  return {
    body,
    severity: severityOf(row, body),
    hash: hash([topic, ...Object.entries(labels).flat(), body].join('\n')),
  };
}

function severityOf(row: RowOf, body: string): string {
  const said = textAt(row, SEVERITY_KEYS);
  if (said !== undefined) {
    return LETTERS[said] ?? said.toLowerCase();
  }
  const letter = /^\[([A-Z])\]/.exec(body)?.[1];
  return (
    (letter === undefined ? undefined : LETTERS[letter]) ?? WORDS.exec(body.slice(0, HEAD))?.[1].toLowerCase() ?? ''
  );
}

/** FNV-1a over UTF-16 code units, in two halves of 32 bits. */
function hash(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}
