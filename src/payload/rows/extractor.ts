import { isObject, isRecord } from '../../utils/is-object';
import { scalarText } from '../convert';
import { beyond, CLEARED } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { nestedJson } from '../nested-json';
import { inField } from './in-field';
import { ExtractedRow, type UserProperties } from './extracted-row';
import type { RowMapping } from './mapping';
import { isListOfObjects, rowItems } from './lists';
import type { RowsAs } from './row-items';
import { type Row, Rows, SeveralValues } from './rows';
import { FORECAST_MS, isSubject } from '../time/forecasts';
import { findListTime, findTime, noting } from '../time/time-finder';

/** Characters of what is no time. */
const MAX_UNTIMED = 40;

/** The properties of a message that each of its rows has. */
export interface MessageContext {
  /** When the message arrived, in milliseconds since the epoch. */
  readonly arrival: number;
  readonly userProperties: UserProperties | undefined;
  /** The name of the field that the payload becomes, or that its fields are below. Default: none. */
  readonly field?: string | undefined;
}

/** Problems that an extraction reports in addition to its rows, in words. */
export interface Extraction {
  /** Why the message has no rows, where it should have some. */
  readonly failure?: string;
  /** The part of the message that was left out. */
  readonly problem?: string;
}

/** The report of most messages; one object for all of them. */
const NOTHING: Extraction = {};

function report(first: string | undefined, second: string | undefined): Extraction {
  const problem = first === undefined ? second : second === undefined ? first : `${first} ${second}`;
  return problem === undefined ? NOTHING : { problem };
}

/** The source of a value: its message, and the row that the format has made of it, if it makes rows. */
interface Source<Context> {
  readonly context: Context;
  readonly own: Row | undefined;
}

/**
 * Makes rows of decoded values: finds them in the payload, and reads their time and their labels.
 *
 * @typeParam Context what the caller passes with a message, and receives with each row of it.
 */
export class RowExtractor<Context extends MessageContext = MessageContext> {
  readonly #mapping: RowMapping;
  readonly #row: ExtractedRow;
  readonly #onRow: (row: ExtractedRow, context: Context) => void;
  readonly #maxRows: number;
  /** Milliseconds from the time of the whole to that of the row that is added, and from it to the last row. */
  #after = 0;
  #before = 0;
  /** Samples in the values of the payload that are still to come. */
  #later = 0;
  /** The time that was read last is that of the whole, and not of the row alone. */
  #isShared = false;
  /** Rows that had no time where the query says it is. */
  untimedRows = 0;
  /** What the last of them had there instead; its beginning. */
  untimedText: string | undefined;

  /**
   * @param onRow is called for each row, always with the same object: it must be read before this returns.
   * @param maxRows that one payload may have.
   */
  constructor(
    mapping: RowMapping,
    onRow: (row: ExtractedRow, context: Context) => void,
    maxRows = PAYLOAD_LIMITS.rows
  ) {
    this.#mapping = mapping;
    this.#row = new ExtractedRow(mapping.labels);
    this.#onRow = onRow;
    this.#maxRows = maxRows;
  }

  /** @param value what a decoder has made of a payload; no `DecodeFailure`. */
  extract(value: unknown, context: Context): Extraction {
    const result = this.#extract(value, context);
    const { problem } = nestedJson;
    if (problem === undefined) {
      return result;
    }
    nestedJson.problem = undefined;
    return { ...result, problem: result.problem === undefined ? problem : `${result.problem} ${problem}` };
  }

  #extract(value: unknown, context: Context): Extraction {
    this.#row.outer = undefined;
    this.#row.message++;
    if (!(value instanceof Rows)) {
      return this.#split(value, { context, own: undefined });
    }
    const { rows } = value;
    const areWhole = value instanceof SeveralValues;
    const { interval, problem } = this.#interval(rows[0]?.value, rows.length);
    // Rows with times of their own need none.
    const isMissed = problem !== undefined && rows.some((own) => own.time === undefined && own.offset === undefined);
    let result = report(undefined, isMissed ? problem : undefined);
    let failed = 0;
    this.#later = areWhole ? rows.reduce((sum, own) => sum + this.#samplesOf(own.value), 0) : 0;
    for (const [i, own] of rows.entries()) {
      const source = { context, own };
      this.#row.outer = own.whole;
      this.#spread(interval, i, rows.length);
      if (own.whole === undefined && !areWhole) {
        this.#add(own.value, undefined, source);
      } else {
        this.#later -= areWhole ? this.#samplesOf(own.value) : 0;
        const { failure, problem: part } = this.#split(own.value, source);
        failed += failure === undefined ? 0 : 1;
        if (failure !== undefined || part !== undefined) {
          result = { failure: result.failure ?? failure, problem: part ?? result.problem };
        }
      }
    }
    this.#later = 0;
    this.#spread(undefined, 0, 0);
    // Some of the values have rows: the message was decoded in part.
    return result.failure !== undefined && failed < rows.length ? report(result.failure, result.problem) : result;
  }

  /** How many samples without labels a value has, at the interval of those before. */
  #samplesOf(value: unknown): number {
    const { time, rows, labels } = this.#mapping;
    const items = time.interval === undefined || labels.length > 0 ? undefined : rows?.get(value);
    return Array.isArray(items) ? items.length : 0;
  }

  /** A value that may be several rows. */
  #split(value: unknown, source: Source<Context>): Extraction {
    const { rows, rowsAs } = this.#mapping;
    if (rowsAs !== undefined && value !== CLEARED) {
      return this.#addItems(value, rowsAs, source);
    }
    if (rows !== undefined && value !== CLEARED) {
      const items = rows.get(value);
      if (Array.isArray(items)) {
        return this.#addAll(items, value, source);
      }
      if (!isObject(items)) {
        return { failure: `There is no array at "${rows.path}" whose items could become rows.` };
      }
      this.#add(items, value, source);
    } else if (isListOfObjects(value)) {
      return this.#addAll(value, undefined, source);
    } else {
      this.#add(value, undefined, source);
    }
    return NOTHING;
  }

  /** Rows that the query says how to find. */
  #addItems(value: unknown, how: RowsAs, source: Source<Context>): Extraction {
    const { rows, time } = this.#mapping;
    const { arrival } = source.context;
    // The stream has waited for it.
    const found = rowItems.find!(rows === undefined ? value : rows.get(value), how, {
      read: time.read,
      arrival,
      limit: this.#maxRows,
    });
    if (typeof found === 'string') {
      return {
        failure: `What should have the rows, ${rows === undefined ? 'the payload' : `"${rows.path}"`}, ${found}.`,
      };
    }
    const { items, length } = found;
    const whole = rows === undefined && !isRecord(value) ? undefined : value;
    const { interval, problem } = this.#interval(whole, items.length);
    for (const [i, item] of items.entries()) {
      const labels = item.labels === undefined ? source.own?.labels : { ...source.own?.labels, ...item.labels };
      const own: Row = { ...source.own, ...item, ...(labels === undefined ? undefined : { labels }) };
      this.#spread(interval, i, items.length);
      this.#add(item.value, whole, { ...source, own }, true);
    }
    this.#spread(undefined, 0, 0);
    return report(items.length < length ? beyond('rows', items.length) : undefined, problem);
  }

  #interval(payload: unknown, rows: number): { interval?: number; problem?: string } {
    const interval = rows > 1 ? this.#mapping.time.interval?.(payload) : undefined;
    return interval === undefined ? NOTHING : typeof interval === 'string' ? { problem: interval } : { interval };
  }

  /** The next row is one of several at an interval. */
  #spread(interval: number | undefined, index: number, length: number): void {
    this.#after = interval === undefined ? 0 : interval * index;
    this.#before = interval === undefined ? 0 : interval * (this.#later + length - 1 - index);
  }

  #addAll(items: readonly unknown[], whole: unknown, source: Source<Context>): Extraction {
    const length = Math.min(items.length, this.#maxRows);
    const { interval, problem } = this.#interval(whole ?? items[0], length);
    for (let i = 0; i < length; i++) {
      this.#spread(interval, i, length);
      this.#add(items[i], whole, source, true);
    }
    this.#spread(undefined, 0, 0);
    return report(length < items.length ? beyond('rows', length) : undefined, problem);
  }

  /** @param listed it is one of several that came at once: the time of arrival is not that of any of them. */
  #add(value: unknown, whole: unknown, { context, own }: Source<Context>, listed = false): void {
    const row = this.#row;
    const { arrival } = context;
    row.value = value;
    row.whole = whole;
    row.units = own?.units;
    row.topic = own?.topic;
    row.historical = own?.historical === true;
    row.timePath = undefined;
    const time = row.historical ? own?.time : this.#time(row, arrival, ownTime(own, arrival), listed);
    // Samples at an interval have times of their own, also where the last of them is that of the arrival.
    row.spread = time === undefined && (this.#before > 0 || this.#after > 0);
    row.timed = time !== undefined || row.spread;
    row.time = time === undefined ? arrival - this.#before : time + (this.#isShared ? this.#after : 0);
    row.arrival = arrival;
    row.isAhead = row.timed && !row.historical && row.time > arrival + FORECAST_MS;
    row.isAbout = row.isAhead && isSubject(row.timePath ?? this.#mapping.time.path);
    row.label(own?.labels, context.userProperties);
    // A format that names topics of its own has names for its fields, too.
    row.field = own?.topic === undefined ? context.field : undefined;
    if (row.field !== undefined) {
      putInField(row, row.field);
    }
    this.#onRow(row, context);
  }

  #time(row: ExtractedRow, arrival: number, own: number | undefined, listed: boolean): number | undefined {
    this.#isShared = false;
    const { from, get, read } = this.#mapping.time;
    if (from === 'arrival') {
      return undefined;
    }
    if (row.value === CLEARED) {
      return own;
    }
    if (from === 'path') {
      const single = read(get(row.value), arrival);
      const time = single ?? read(get(row.whole), arrival) ?? read(get(row.outer), arrival);
      this.#isShared = single === undefined;
      if (time === undefined) {
        this.#untimed(get(row.value) ?? get(row.whole) ?? get(row.outer));
      }
      return time ?? own;
    }
    if (own !== undefined || (from === undefined && !listed)) {
      return own;
    }
    let unread: string | undefined;
    const readOrNote = noting(read, arrival, (text) => (unread = text));
    let found = findTime(row.value, arrival, readOrNote);
    row.timePath = found?.path;
    this.#isShared = found === undefined;
    found ??= findTime(row.whole, arrival, readOrNote) ?? findTime(row.outer, arrival, readOrNote);
    if (found === undefined && this.#mapping.rowsAs === 'columns') {
      found = findListTime(row.value, arrival, read);
      row.timePath = found?.path;
      this.#isShared = found === undefined;
    }
    if (found === undefined && unread !== undefined) {
      this.#untimed(unread);
    }
    return found?.time;
  }

  #untimed(value: unknown): void {
    this.untimedRows++;
    this.untimedText = scalarText(value)?.slice(0, MAX_UNTIMED);
  }
}

/** Puts a row whose time and labels have been read into the field that the topic names. */
function putInField(row: ExtractedRow, field: string): void {
  row.value = inField(row.value, field);
  row.whole = inField(row.whole, field);
  row.timePath &&= [field, ...row.timePath];
}

function ownTime(own: Row | undefined, arrival: number): number | undefined {
  return own?.time ?? (own?.offset === undefined ? undefined : arrival + own.offset);
}
