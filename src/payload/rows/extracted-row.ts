import type { Path } from '../columns/batch';
import { Namer } from '../columns/names';
import { scalarText } from '../convert';
import { hashText } from '../hash';
import { MAX_LABEL_LENGTH } from '../limits';
import type { ChosenLabel } from './mapping';
import type { Row } from './rows';

/** Between the values of labels, where none of them can hold it. */
const BETWEEN = '\u0000';

/** User properties of a message (MQTT 5), the first of each name. */
export type UserProperties = Readonly<Record<string, string>>;

/** One row on its way to its series. The shaper has but one of them: what is to be kept must be taken out of it. */
export class ExtractedRow {
  /** Milliseconds since the epoch. */
  time = 0;
  /** When its message arrived. */
  arrival = 0;
  /** The time comes from the payload. */
  timed = false;
  /** Its time is that of the arrival, less the intervals to the last row of the message. */
  spread = false;
  /** It says nothing of the sender's clock: it was sent long after. */
  historical = false;
  /** The topic that its series goes by, where that is not the one it came by. */
  topic: Row['topic'];
  value: unknown;
  /** The payload that the row is an item of, for what stands in it once for all items. */
  whole: unknown;
  /** The value that contained it: the JSON around bytes. */
  outer: unknown;
  units: Row['units'];
  /** The labels that tell its series apart from others of its topic; may be empty. */
  key = '';
  /** The key that its value is in: the level of the topic that names the field. */
  field: string | undefined;
  /** A label was too long and is cut. */
  isCut = false;
  /** The number of the message that the row is of, from 1 up; 0: it is the only row of its message. */
  message = 0;
  /** Its time is after the arrival. */
  isAhead = false;
  /** It is a forecast by the name of its time, and says nothing of the sender's clock. */
  isAbout = false;
  /** The path in `value` at which the time was found, if it had to be looked for. */
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
      const value = this.#values[i];
      if (value !== '') {
        // A tag of the format has the same name, and tells series apart, too.
        labels[name in labels && labels[name] !== value ? freeName(labels, name) : name] = value;
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

function freeName(labels: Readonly<Record<string, string>>, name: string): string {
  return new Namer(Object.keys(labels)).unique(name, 'payload');
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
