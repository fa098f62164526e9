import { numbersOf, timesOf, valueAt, type ColumnChunk, type SeriesChunk } from '../../payload/columns/batch';
import { halvesOf, readNumber } from '../../payload/columns/cells';
import type { RowMappingSpec } from '../../payload';
import type { Preview, ReadSpec } from '../explorer-protocol';
import type { StreamSpec } from '../protocol';
import type { Stream } from '../stream';
import type { LoggedMessage } from './message-log';

const MAX_COLUMNS = 20;
const MAX_ROWS = 20;

/** Characters of a cell. */
const MAX_TEXT = 100;

interface Row {
  readonly time: number;
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * The rows that a query makes of some messages, with the stream that panels have.
 *
 * @param messages oldest first.
 * @returns undefined if a path of the mapping is not valid.
 */
export function previewOf(
  messages: readonly LoggedMessage[],
  { format, formatOptions, pivot }: ReadSpec,
  mapping: RowMappingSpec,
  StreamClass: typeof Stream
): Preview | undefined {
  const spec: StreamSpec = {
    filters: [],
    qos: 0,
    format,
    ...(formatOptions === undefined ? undefined : { formatOptions }),
    ...mapping,
    ...(pivot === undefined ? undefined : { pivot }),
    pendingRows: 1_000,
    maxSeries: 100,
  };
  let stream: Stream;
  try {
    stream = new StreamClass(0, spec);
  } catch {
    return undefined;
  }
  for (const { topic, payload, qos = 0, userProperties, time = 0 } of messages) {
    // As if it were live: the stream would skip a second retained message of a topic.
    stream.add(
      {
        topic,
        payload,
        qos,
        retain: false,
        dup: false,
        messageId: undefined,
        subscriptionIdentifiers: [],
        userProperties,
      },
      time,
      0
    );
  }
  const rows = (stream.take()?.chunks ?? []).flatMap(rowsOf).toSorted((a, b) => b.time - a.time);
  const shown = rows.slice(0, MAX_ROWS);
  const columns = [...new Set(shown.flatMap(({ cells }) => [...cells.keys()]))].slice(0, MAX_COLUMNS);
  return { columns, rows: shown.map(({ cells }) => columns.map((column) => cells.get(column) ?? '')) };
}

function rowsOf(chunk: SeriesChunk): Row[] {
  const { topic = '', labels = {}, rows, columns } = chunk;
  const times = timesOf(chunk);
  return Array.from({ length: rows }, (_, row) => {
    const time = times[row];
    const cells = new Map([['Time', timeText(time)], ['topic', topic], ...Object.entries(labels)]);
    for (const column of columns) {
      const { name = '', type } = column.spec ?? {};
      const cell = cellOf(chunk, column, row);
      if (cell !== undefined) {
        cells.set(name, type === 'time' && typeof cell === 'number' ? timeText(cell) : textOf(cell));
      }
    }
    return { time, cells };
  });
}

function cellOf(chunk: SeriesChunk, column: ColumnChunk, row: number): unknown {
  const numbers = numbersOf(chunk, column);
  return numbers === undefined ? valueAt(column, row) : readNumber(numbers, halvesOf(numbers), row);
}

function timeText(time: number): string {
  return time === 0 || Number.isNaN(time) ? '' : new Date(time).toISOString();
}

function textOf(cell: unknown): string {
  const text = typeof cell === 'string' ? cell : (JSON.stringify(cell) ?? '');
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
