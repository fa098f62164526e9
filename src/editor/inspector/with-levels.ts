import { dateTimeFormat } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { Preview } from '../../engine/explorer-protocol';
import { parsePatterns, type TopicPattern } from '../../topics';

/** The columns that an explorer makes of its own: `engine/explorer/preview.ts`. */
const TIME = 0;
const TOPIC = 1;

/** The preview as people read it: with a column for each named level, as the query has it, and times of this place. */
export function withLevels({ columns, rows }: Preview, topic: string): Preview {
  const patterns = patternsOf(topic);
  // A label or a field of the same name comes from the payload.
  const names = [...new Set(patterns.flatMap((pattern) => pattern.names))].filter((name) => !columns.includes(name));
  return {
    columns: columns.toSpliced(TOPIC + 1, 0, ...names),
    rows: rows.map((cells) => {
      const labels = patterns.map((pattern) => pattern.labels(cells[TOPIC])).find((each) => each !== undefined);
      return cells
        .with(TIME, timeText(cells[TIME]))
        .toSpliced(TOPIC + 1, 0, ...names.map((name) => labels?.[name] ?? ''));
    }),
  };
}

/** A level with a variable stands for any level: its values do not matter here. */
function patternsOf(topic: string): TopicPattern[] {
  const hasVariable = (level: string): boolean => !level.startsWith('{') && getTemplateSrv().containsTemplate(level);
  const anyLevel = (line: string): string =>
    line
      .split('/')
      .map((level) => (hasVariable(level) ? '+' : level))
      .join('/');
  try {
    return parsePatterns(topic.split('\n').map(anyLevel).join('\n'));
  } catch {
    return []; // the topic field says what is wrong
  }
}

function timeText(time: string): string {
  return time === '' ? '' : dateTimeFormat(time, { format: 'YYYY-MM-DD HH:mm:ss.SSS' });
}
