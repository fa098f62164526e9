import type { Path } from '../columns/batch';
import { scalarText } from '../convert';
import { beyond, CLEARED } from '../decoded';
import { hashText } from '../hash';
import { MAX_LABEL_LENGTH, PAYLOAD_LIMITS } from '../limits';
import { isObject } from '../paths';
import type { ChosenLabel, RowMapping } from './mapping';
import { type Row, Rows } from './rows';
import { findTime } from '../time/time-finder';

/** Between the values of labels, where none of them can hold it. */
const BETWEEN = '\u0000';

/** User properties of a message (MQTT 5), the first of each name. */
export type UserProperties = Readonly<Record<string, string>>;

/** One row on its way to its series. The shaper has but one of them: what is to be kept must be taken out of it. */
export class ExtractedRow {
  /** Milliseconds since the epoch. */
  time = 0;
  /** The time comes from the payload. */
  timed = false;
  /** It says nothing of the sender's clock: it was sent long after. */
  historical = false;
  /** The topic that its series goes by, where that is not the one it came by. */
  topic: Row['topic'];
  value: unknown;
  /** The payload that the row is an item of, for what stands in it once for all items. */
  whole: unknown;
  /** What that was taken from: the JSON around bytes. */
  outer: unknown;
  units: Row['units'];
  /** What tells its series apart from others of its topic; empty where nothing does. */
  key = '';
  /** A label was too long and is cut. */
  isCut = false;
  /** Where in `value` the time was found, where it had to be looked for. */
  timePath: Path | undefined;
  readonly #chosen: readonly ChosenLabel[];
  readonly #values: string[];
  #own: Row['labels'];
  #ownKey = '';
  #ownIsCut = false;

  constructor(chosen: readonly ChosenLabel[]) {
    this.#chosen = chosen;
    this.#values = chosen.map(() => '');
  }

  /** The labels as an object of its own; those without a value are left out. */
  labels(): Record<string, string> {
    const labels: Record<string, string> = Object.create(null);
    for (const [name, value] of Object.entries(this.#own ?? {})) {
      labels[name] = cut(value);
    }
    for (const [i, { name }] of this.#chosen.entries()) {
      if (this.#values[i] !== '') {
        labels[name] = this.#values[i];
      }
    }
    return { ...labels };
  }

  /** Reads the labels, and the key from them. */
  label(own: Row['labels'], properties: UserProperties | undefined): void {
    if (own !== this.#own) {
      this.#own = own;
      this.#ownKey = own === undefined ? '' : keyOf(own);
      this.#ownIsCut = own !== undefined && Object.values(own).some(isLong);
    }
    let key = this.#ownKey;
    this.isCut = this.#ownIsCut;
    for (let i = 0; i < this.#chosen.length; i++) {
      const { property, get } = this.#chosen[i];
      let text =
        property === undefined
          ? (scalarText(get(this.value)) ?? scalarText(get(this.whole)) ?? scalarText(get(this.outer)) ?? '')
          : properties !== undefined && Object.hasOwn(properties, property)
            ? properties[property]
            : '';
      if (isLong(text)) {
        text = cut(text);
        this.isCut = true;
      }
      this.#values[i] = text;
      key += key === '' && i === 0 ? text : BETWEEN + text;
    }
    this.key = key;
  }
}

/** The same for the same labels, in whichever order they come. */
function keyOf(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels);
  const sorted = names.length > 1 ? names.toSorted() : names;
  return sorted.map((name) => `${name}${BETWEEN}${cut(labels[name])}${BETWEEN}`).join('');
}

function isLong(text: string): boolean {
  return text.length > MAX_LABEL_LENGTH;
}

/** A label that is not too long; of one that is, the beginning, and a hash of it all: two devices are not one series. */
function cut(text: string): string {
  if (!isLong(text)) {
    return text;
  }
  const end = `…${(hashText(text) >>> 0).toString(16).padStart(8, '0')}`;
  return text.slice(0, MAX_LABEL_LENGTH - end.length) + end;
}

/** Makes rows of decoded values: where they are, when they were, and whose they are. */
export class RowExtractor {
  readonly #reading: RowMapping;
  readonly #row: ExtractedRow;
  readonly #each: (row: ExtractedRow) => void;
  readonly #maxRows: number;
  // Of the message that is being shaped, and of the row that its format makes of it.
  #arrival = 0;
  #properties: UserProperties | undefined;
  #own: Row | undefined;
  /** Rows that had no time where the query says it is. */
  untimed = 0;
  /** What was left out of the last message, in words. */
  problem: string | undefined;

  /**
   * @param each is called for each row, with the one row that there is.
   * @param maxRows that one payload may have.
   */
  constructor(reading: RowMapping, each: (row: ExtractedRow) => void, maxRows = PAYLOAD_LIMITS.rows) {
    this.#reading = reading;
    this.#row = new ExtractedRow(reading.labels);
    this.#each = each;
    this.#maxRows = maxRows;
  }

  /** @returns why the message has no row, where that is not as it should be. */
  extract(value: unknown, arrival: number, properties: UserProperties | undefined): string | undefined {
    this.#arrival = arrival;
    this.#properties = properties;
    this.#own = undefined;
    this.#row.outer = undefined;
    this.problem = undefined;
    if (!(value instanceof Rows)) {
      return this.#split(value);
    }
    let failure: string | undefined;
    for (const own of value.rows) {
      this.#own = own;
      this.#row.outer = own.whole;
      if (own.whole === undefined) {
        this.#add(own.value, undefined, false);
      } else {
        failure ??= this.#split(own.value);
      }
    }
    return failure;
  }

  /** A value that may be several rows. */
  #split(value: unknown): string | undefined {
    const { rows } = this.#reading;
    if (rows !== undefined && value !== CLEARED) {
      const items = rows.get(value);
      if (Array.isArray(items)) {
        this.#addAll(items, value);
      } else if (isObject(items)) {
        this.#add(items, value, false);
      } else {
        return `There is no array at "${rows.path}", of which each item would be a row.`;
      }
    } else if (isListOfObjects(value)) {
      this.#addAll(value, undefined);
    } else {
      this.#add(value, undefined, false);
    }
    return undefined;
  }

  #addAll(items: readonly unknown[], whole: unknown): void {
    const most = Math.min(items.length, this.#maxRows);
    if (most < items.length) {
      this.problem = beyond('rows', most);
    }
    for (let i = 0; i < most; i++) {
      this.#add(items[i], whole, true);
    }
  }

  /** @param listed it is one of several that came at once, so that the time of arrival is that of none. */
  #add(value: unknown, whole: unknown, listed: boolean): void {
    const row = this.#row;
    const [own, arrival] = [this.#own, this.#arrival];
    row.value = value;
    row.whole = whole;
    row.units = own?.units;
    row.topic = own?.topic;
    row.historical = own?.historical === true;
    row.timePath = undefined;
    const time = row.historical ? own?.time : this.#time(row, arrival, ownTime(own, arrival), listed);
    row.timed = time !== undefined;
    row.time = time ?? arrival;
    row.label(own?.labels, this.#properties);
    this.#each(row);
  }

  #time(row: ExtractedRow, arrival: number, own: number | undefined, listed: boolean): number | undefined {
    const { from, get, read } = this.#reading.time;
    if (from === 'arrival') {
      return undefined;
    }
    if (row.value === CLEARED) {
      return own;
    }
    if (from === 'path') {
      const time = read(get(row.value), arrival) ?? read(get(row.whole), arrival) ?? read(get(row.outer), arrival);
      if (time === undefined) {
        this.untimed++;
      }
      return time ?? own;
    }
    if (own !== undefined || (from === undefined && !listed)) {
      return own;
    }
    const found = findTime(row.value, arrival, read);
    row.timePath = found?.path;
    return found?.time ?? (findTime(row.whole, arrival, read) ?? findTime(row.outer, arrival, read))?.time;
  }
}

function ownTime(own: Row | undefined, arrival: number): number | undefined {
  return own?.time ?? (own?.offset === undefined ? undefined : arrival + own.offset);
}

/** Whether each item of what a payload is can be a row. */
export function isListOfObjects(value: unknown): value is object[] {
  if (!Array.isArray(value) || value.length === 0) {
    return false;
  }
  for (const item of value) {
    if (!isObject(item) || Array.isArray(item)) {
      return false;
    }
  }
  return true;
}
