import { type DataFrame, FieldType } from '@grafana/data';
import { createAutomaticTimeReader } from '../payload';
import { textAt, wholeText } from './row-text';
import type { ShapeOptions } from './shapes';
import { isRetained, newestRows, type RowOf, type SeriesView } from './index';

/** The largest number of events; Grafana draws each of them as an element of the page. */
const MAX_EVENTS = 1_000;

const TITLE_KEYS = ['title', 'event', 'name', 'label', 'type'];
const TEXT_KEYS = ['text', 'message', 'msg', 'description', 'body'];
const END_KEYS = new Set(['timeend', 'time_end', 'end_time', 'endtime', 'end']);

const readTime = createAutomaticTimeReader();

/** One frame of events, by the names that Grafana's annotations have for their fields. */
export function annotationsFrame(series: readonly SeriesView[], options: ShapeOptions): DataFrame {
  const { refId, marksRetained } = options;
  const { rows } = newestRows(series, options, MAX_EVENTS);
  const ends = rows.map(endOf);
  const field = (name: string, type: FieldType, values: unknown[]) => ({ name, type, config: {}, values });
  return {
    refId,
    name: refId,
    fields: [
      field(
        'time',
        FieldType.time,
        rows.map(({ view, row }) => view.frame.time(row))
      ),
      field('timeEnd', FieldType.time, ends),
      field(
        'title',
        FieldType.string,
        rows.map((row) => textAt(row, TITLE_KEYS) ?? row.view.topic)
      ),
      field(
        'text',
        FieldType.string,
        rows.map((row) => textAt(row, TEXT_KEYS) ?? wholeText(row))
      ),
      field(
        'tags',
        FieldType.other,
        rows.map((row) => (marksRetained === true && isRetained(row) ? [...tagsOf(row), 'retained'] : tagsOf(row)))
      ),
    ],
    length: rows.length,
  };
}

function endOf({ view: { frame }, row }: RowOf): number | undefined {
  const begin = frame.time(row);
  for (const [index, { path }] of frame.columns.entries()) {
    if (END_KEYS.has(String(path.at(-1)).toLowerCase())) {
      const end = readTime(frame.cell(index, row), begin);
      if (end !== undefined && end >= begin) {
        return end;
      }
    }
  }
  return undefined;
}

/** The topic, the labels, and what the message itself calls its tags. */
function tagsOf({ view: { topic, labels, frame }, row }: RowOf): string[] {
  const own = frame.columns.flatMap(({ path }, index) => {
    const cell: unknown = String(path.at(-1)).toLowerCase() === 'tags' ? frame.cell(index, row) : undefined;
    return Array.isArray(cell) ? cell.filter((tag) => typeof tag === 'string') : typeof cell === 'string' ? [cell] : [];
  });
  return [...new Set([topic, ...Object.values(labels), ...own])].filter((tag) => tag !== '');
}
