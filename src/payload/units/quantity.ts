import { quote } from '../../utils/quote';
import { DecodeFailure, type Decoded } from '../decoded';
import { Rows } from '../rows/rows';
import { readPlainNumber, readPlainPart } from '../plain-number';
import { parseNotFinite, parseNumber } from '../formats/scalar';

export interface Quantity {
  readonly value: number;
  /** As the text has it; empty if there is none. */
  readonly unit: string;
}

/** Longer text is no number with a unit; it is not looked at. */
export const MAX_LENGTH = 64;

/** A part of a unit: a word or a sign, perhaps raised to a power: `m3`, `s^-1`, `m²`. */
const PART = '[\\p{L}%‰°℃℉′″$€£¥]{1,12}(?:\\^?-?[23](?!\\d)|[⁻¹²³]{1,2})?';

/**
 * A number, then a unit that begins with a letter or one of the signs that units begin with; so dates, times of day,
 * versions and addresses are no numbers. A power of ten that is cut short (`1e`) is no unit.
 */
const QUANTITY = new RegExp(
  `^([+\\-−]?[\\d.][\\d.,'’ \\u00a0\\u202f]*(?:[eE][+-]?\\d+)?[ \\u00a0\\u202f]*)(?:\\*(?=[^*]))?(?![eE](?:$|[\\d+-]))(${PART}(?:[ /·*.]${PART}){0,3})?$`,
  'u'
);

/** Numbers of other bases, which are not zeros with a unit. */
const OTHER_BASE = /^[+-]?0(?:x|[bo]\d)/i;

/** Thousands apart: blanks and apostrophes that only ever do that. */
const GROUPED = /^[+-]?\d{1,3}(?:(?<sign>[\u00a0\u202f'’ ])\d{3})(?:\k<sign>\d{3})*(?=$|[.,])/;

/**
 * Reads a number with a unit behind it, as people, displays and meters write it: `23.4 °C`, `230V`, `1 013,2 hPa`,
 * `00123.4*kWh` (IEC 62056-21).
 *
 * A comma is a decimal comma, and a point before it sets thousands apart (`1.013,2`); a comma before a point sets
 * thousands apart (`1,013.2`). `1,013` could be either, and what has several commas or points could be several
 * numbers or an address: they are refused.
 *
 * @returns `undefined` if it is no number, or could be two.
 */
export function parseQuantity(text: string): Quantity | undefined {
  const trimmed = text.trim();
  const plain = parseNumber(trimmed, false) ?? parseNotFinite(trimmed);
  if (typeof plain === 'number') {
    return { value: plain, unit: '' };
  }
  if (trimmed.length > MAX_LENGTH || OTHER_BASE.test(trimmed)) {
    return undefined;
  }
  const match = QUANTITY.exec(trimmed);
  if (match === null) {
    return undefined;
  }
  const [, digits, unit = ''] = match;
  const value = parseLocalNumber(digits.trimEnd(), unit !== '');
  return value === undefined ? undefined : { value, unit };
}

function parseLocalNumber(digits: string, hasUnit: boolean): number | undefined {
  let plain = digits.replace('−', '-');
  const sign = plain[0] === '-' || plain[0] === '+' ? 1 : 0;
  if (plain[sign] === '0') {
    // A number is asked for: zeros before it are those of a meter or a display, not of an identifier.
    plain = plain.replace(/^([+-]?)0+(?=\d)/, '$1');
  }
  const grouped = GROUPED.exec(plain);
  if (grouped !== null) {
    // `12 345` alone could be two readings.
    if (grouped[0].includes(' ') && !hasUnit && grouped[0] === plain) {
      return undefined;
    }
    plain = grouped[0].replaceAll(/[^\d+-]/g, '') + plain.slice(grouped[0].length);
  }
  const value = parseNumber(withPoint(plain) ?? '', false);
  return typeof value === 'number' ? value : undefined;
}

/** @returns the number with a decimal point and nothing between its digits; `undefined` if it could be another. */
function withPoint(text: string): string | undefined {
  const [comma, point] = [text.lastIndexOf(','), text.lastIndexOf('.')];
  if (comma < 0) {
    return text;
  }
  if (point > comma) {
    return /^[+-]?\d{1,3}(?:,\d{3})+\.\d*$/.test(text) ? text.replaceAll(',', '') : undefined;
  }
  if (point >= 0) {
    return /^[+-]?\d{1,3}(?:\.\d{3})+,\d*$/.test(text) ? text.replaceAll('.', '').replace(',', '.') : undefined;
  }
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text) ? undefined : text.replace(',', '.');
}

/** Units whose maps are kept: a topic has one or two, and a hostile one does not fill the memory. */
const MAX_UNITS = 100;

/** A number that every reader reads in the same way, in front of what is behind it. */
const PLAIN = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?/;

/** The text behind the number, if it is the unit and not a part of a number, whatever the number is. */
function suffixOf(text: string, { value, unit }: Quantity): string | undefined {
  const [number = ''] = PLAIN.exec(text) ?? [];
  const suffix = text.slice(number.length);
  // Behind a zero, `x`, `b` and `o` could begin digits of another base.
  return number !== '' && Number(number) === value && /^ ?(?![xbo])/i.test(suffix) && suffix.trimStart() === unit
    ? suffix
    : undefined;
}

/** The unit of the last message, as it stands behind the number: that of the next one is mostly the same. */
interface LastUnit {
  readonly suffix: Uint8Array;
  readonly units: ReadonlyMap<string, string>;
}

const utf8 = new TextEncoder();

/** The format `number`. */
export class NumberReader {
  readonly #units = new Map<string, ReadonlyMap<string, string>>();
  #last: LastUnit | undefined;

  /** Reads a plain number straight from the bytes, and one with the unit of the last message. */
  readonly readPlain = (bytes: Uint8Array): Decoded => {
    const plain = readPlainNumber(bytes);
    if (plain !== undefined || this.#last === undefined) {
      return plain;
    }
    const { suffix, units } = this.#last;
    const end = bytes.length - suffix.length;
    for (let i = 0; i < suffix.length; i++) {
      if (bytes[end + i] !== suffix[i]) {
        return undefined;
      }
    }
    const value = readPlainPart(bytes, 0, end);
    return value === undefined ? undefined : new Rows([{ value, units }]);
  };

  readonly read = (text: string): Decoded => {
    const trimmed = text.trim();
    if (trimmed === 'null') {
      return null;
    }
    // Home Assistant's statestream puts states in quotes.
    const quantity = parseQuantity(/^"[^"]*"$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed);
    if (quantity === undefined) {
      return new DecodeFailure(`The payload is not a number: ${quote(text)}.`);
    }
    if (quantity.unit === '') {
      return quantity.value;
    }
    let units = this.#units.get(quantity.unit);
    if (units === undefined) {
      units = new Map([['', quantity.unit]]);
      if (this.#units.size < MAX_UNITS) {
        this.#units.set(quantity.unit, units);
      }
    }
    const suffix = suffixOf(text, quantity);
    this.#last = suffix === undefined ? this.#last : { suffix: utf8.encode(suffix), units };
    return new Rows([{ value: quantity.value, units }]);
  };
}
