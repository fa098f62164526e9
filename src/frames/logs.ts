import { type DataFrame, DataFrameType, FieldType } from '@grafana/data';
import { newestRows } from './newest-rows';
import { newestRowsNotice } from './left-out-rows';
import { textAt, wholeText } from './row-text';
import type { ShapeOptions } from './shapes';
import { isRetained, RETAINED_NAME, type RowOf, type SeriesView } from './union';

/** The largest number of lines; Grafana lays out each of them. */
const MAX_LINES = 5_000;

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

/** One frame of log lines, as Grafana's logs panel and Explore's Live show them (dataplane, log-lines). */
export function logsFrame(series: readonly SeriesView[], options: ShapeOptions): DataFrame {
  const { refId, marksRetained } = options;
  const { rows, more } = newestRows(series, options, MAX_LINES);
  const bodies = rows.map(bodyOf);
  const fields = [
    { name: 'timestamp', type: FieldType.time, values: rows.map(({ view, row }) => view.frame.time(row)) },
    { name: 'body', type: FieldType.string, values: bodies },
    { name: 'severity', type: FieldType.string, values: rows.map((row, i) => severityOf(row, bodies[i])) },
    { name: 'id', type: FieldType.string, values: idsOf(rows, bodies) },
    { name: 'labels', type: FieldType.other, values: rows.map(({ view }) => ({ ...view.labels, topic: view.topic })) },
    ...(marksRetained === true ? [{ name: RETAINED_NAME, type: FieldType.boolean, values: rows.map(isRetained) }] : []),
  ];
  return {
    refId,
    name: refId,
    fields: fields.map((field) => ({ ...field, config: {} })),
    length: rows.length,
    meta: {
      type: DataFrameType.LogLines,
      typeVersion: [0, 0],
      preferredVisualisationType: 'logs',
      ...(more ? { notices: [newestRowsNotice(rows.length)] } : undefined),
    },
  };
}

function bodyOf(row: RowOf): string {
  return (textAt(row, BODY_KEYS) ?? wholeText(row)).replaceAll(ESCAPES, '');
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

/** The same for the same line at every tick: Explore's Live tells new lines from old ones by it. */
function idsOf(rows: readonly RowOf[], bodies: readonly string[]): string[] {
  const count = new Map<string, number>();
  return rows.map(({ view, row }, i) => {
    const labels = Object.entries(view.labels).flat();
    const id = `${view.frame.time(row)}-${hash([view.topic, ...labels, bodies[i]].join('\n'))}`;
    const seen = count.get(id) ?? 0;
    count.set(id, seen + 1);
    return seen === 0 ? id : `${id}-${seen}`;
  });
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
