import type { SharedStream } from '../connection/shared-stream';
import type { FrameShape } from '../frames';
import { formatPath } from '../payload';
import { quote } from '../utils/quote';

const MAX_TEXT = 40;

/** Says what has come in place of numbers, which graphs need; undefined if there is a number, or the query is for no graph. */
export function noNumbersText(
  { series }: Pick<SharedStream, 'series'>,
  shape: FrameShape = 'series'
): string | undefined {
  const isDrawn = series.some(({ frame }) => frame.columns.some(({ type }) => type === 'number' || type === 'boolean'));
  const newest = series.findLast(({ frame }) => frame.columns.some(({ type }) => type === 'string'));
  if (shape !== 'series' || isDrawn || newest === undefined) {
    return undefined;
  }
  const { frame, topic } = newest;
  const column = frame.columns.findIndex(({ type }) => type === 'string');
  const cell = frame.length === 0 ? undefined : frame.cell(column, frame.length - 1);
  const path = formatPath(frame.columns[column].path);
  const text = typeof cell === 'string' ? `the text ${quote(cell, MAX_TEXT)}` : 'a text';
  const where = path === '' ? '' : ` at "${path}"`;
  return `No number has arrived, which graphs need. The newest value, on "${topic}", is ${text}${where}. Choose a field that has numbers, its type, or a value mapping under Payload.`;
}
