import { type DataFrame, DataFrameType, type Field, FieldType, type QueryResultMetaNotice } from '@grafana/data';
import { lineOf, type LogLine } from './line-cache';
import { type LineLimits, newestLines } from './newest-lines';
import type { ShapeOptions } from './shapes';
import { isRetained, RETAINED_NAME, type SeriesView } from './index';
import { formatNumber } from '../utils/format-number';

/** Of a panel that follows the clock: Grafana works through all lines at each response, and a person reads fewer. */
const LIVE: LineLimits = { perSecond: 200, lines: 2_000 };

/** Of a time range that has ended, which is drawn once. */
const ENDED: LineLimits = { perSecond: Infinity, lines: 5_000 };

/** The largest number of nanoseconds in a millisecond. */
const MAX_NANOS = 999_999;

/** One frame of log lines, as Grafana's logs panel and Explore's Live show them (dataplane, log-lines). */
export function logsFrame(series: readonly SeriesView[], options: ShapeOptions): DataFrame {
  const { refId, marksRetained, linesNameTopic, until } = options;
  const limits = until === undefined ? LIVE : ENDED;
  const { rows, left } = newestLines(series, options, limits);
  const lines = rows.map(lineOf);
  const times = rows.map(({ view, row }) => view.frame.time(row));
  const fields: Field[] = [
    { name: 'timestamp', type: FieldType.time, config: {}, values: times, nanos: nanosOf(times) },
    field(
      'body',
      FieldType.string,
      lines.map(({ body }, i) => (linesNameTopic === true ? `${rows[i].view.topic}: ${body}` : body))
    ),
    field(
      'severity',
      FieldType.string,
      lines.map(({ severity }) => severity)
    ),
    field('id', FieldType.string, idsOf(times, lines)),
    field(
      'labels',
      FieldType.other,
      rows.map(({ view }) => ({ ...view.labels, topic: view.topic }))
    ),
    ...(marksRetained === true ? [field(RETAINED_NAME, FieldType.boolean, rows.map(isRetained))] : []),
  ];
  return {
    refId,
    name: refId,
    fields,
    length: rows.length,
    meta: {
      type: DataFrameType.LogLines,
      typeVersion: [0, 0],
      preferredVisualisationType: 'logs',
      ...(left > 0 ? { notices: [leftLinesNotice(rows.length, left, limits)] } : undefined),
    },
  };
}

function field(name: string, type: FieldType, values: unknown[]): Field {
  return { name, type, config: {}, values };
}

/**
 * The nanoseconds of times, in addition to their whole milliseconds. Lines of one millisecond count up: Grafana sorts
 * lines by time and leaves those of the same time in the order of the frame, so newest first would be upside down.
 */
function nanosOf(times: readonly number[]): number[] {
  let [before, last] = [NaN, 0];
  return times.map((time) => {
    const whole = Math.floor(time);
    const own = Math.floor((time - whole) * 1e6);
    last = Math.min(MAX_NANOS, whole === before ? Math.max(own, last + 1) : own);
    before = whole;
    return last;
  });
}

/** The same for the same line at every tick: Explore's Live tells new lines from old ones by it. */
function idsOf(times: readonly number[], lines: readonly LogLine[]): string[] {
  const count = new Map<string, number>();
  return lines.map(({ hash }, i) => {
    const id = `${times[i]}-${hash}`;
    const seen = count.get(id) ?? 0;
    count.set(id, seen + 1);
    return seen === 0 ? id : `${id}-${seen}`;
  });
}

/** A log has only some of the lines of its time range. */
function leftLinesNotice(shown: number, left: number, { perSecond, lines }: LineLimits): QueryResultMetaNotice {
  const limit =
    perSecond < Infinity
      ? `While it is live, it shows at most ${formatNumber(perSecond)} lines of each second and ${formatNumber(lines)} in all. Zoom into a time range to see every line of it.`
      : `It shows the newest ${formatNumber(lines)}. Zoom in to see the others.`;
  return {
    severity: 'info',
    text: `The panel shows ${formatNumber(shown)} of ${formatNumber(shown + left)} lines. ${limit}`,
  };
}
