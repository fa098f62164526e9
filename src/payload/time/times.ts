import { MONTHS, readClock, readOffset } from './clock';
import { checkTimeFormat } from './format-pieces';
import type { TextTime } from './time-format';
import { type ZoneReader, zoneReader } from './zone';

/**
 * Reads a time from a payload's value: milliseconds since the epoch, with a fraction for what is finer, and
 * `undefined` for what is no time.
 *
 * @param arrival when the message came, in milliseconds since the epoch.
 */
export type TimeReader = (value: unknown, arrival: number) => number | undefined;

/** The furthest from the epoch that a date can be, in milliseconds (ECMA-262, 21.4.1.1). */
const MAX_MS = 8.64e15;

/** The factor to milliseconds; for units finer than milliseconds, the divisor. */
/** Milliseconds of each unit in which times and intervals are counted. */
export const MILLISECONDS: Readonly<Record<string, number>> = { min: 60_000, s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 };

/** Days since the end of 1899, as spreadsheets count them; and which of them is 1970-01-01. */
const EXCEL = 'excel';
const [DAY, EXCEL_EPOCH] = [86_400_000, 25_569];

/** Below each of these a number counts the unit: seconds up to the year 5138, milliseconds from 1973, and so on. */
const MAGNITUDES: ReadonlyArray<readonly [below: number, unit: string]> = [
  [1e11, 's'],
  [1e14, 'ms'],
  [1e17, 'us'],
  [1e20, 'ns'],
];

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2}))?$/;

/**
 * The reader of formats of moment.js, if it is there: few queries name one, so it is in a part of the engine. A stream
 * waits for the part if {@link isPattern}.
 */
export const timeFormats: { compile: ((format: string) => TextTime) | undefined } = { compile: undefined };

/** Whether a format is one of moment.js, and not a name. */
export function isPattern(format = ''): boolean {
  return !(format === '' || format === 'iso' || format === EXCEL || Object.hasOwn(MILLISECONDS, format));
}

/**
 * @param format `min`, `s`, `ms`, `us`, `ns`, `excel`, `iso` or a format of moment.js; without it, numbers are read by magnitude and
 * text as ISO 8601 and its near relatives.
 * @param zone see {@link zoneReader}.
 * @throws {Error} where the format or the zone is none.
 */
export function createTimeReader(format?: string, zone?: string): TimeReader {
  return inRange(readerOf(format === '' ? undefined : format, zoneReader(zone)));
}

/** As {@link createTimeReader} without a format; without the code that reads formats, which the page does not need. */
export function createAutomaticTimeReader(zone?: string): TimeReader {
  return inRange(automaticReader(zoneReader(zone)));
}

function inRange(read: TimeReader): TimeReader {
  return (value, arrival) => {
    const time = read(value, arrival);
    return time !== undefined && Math.abs(time) <= MAX_MS ? time : undefined;
  };
}

function automaticReader(zone: ZoneReader): TimeReader {
  return (value, arrival) => readCompact(value, zone, arrival) ?? readCount(value) ?? readText(value, zone, arrival);
}

/** A date and a time of day without anything between them: as a count of milliseconds it would be after the year 2590. */
const COMPACT = /^(19[7-9]\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)([0-5]\d)$/;
const [COMPACT_FROM, COMPACT_TO] = [19_700_101_000_000, 20_991_231_235_959];

function readCompact(value: unknown, zone: ZoneReader, arrival: number): number | undefined {
  const isLike =
    typeof value === 'number'
      ? value >= COMPACT_FROM && value <= COMPACT_TO
      : typeof value === 'string' && value.length === 14;
  const match = isLike ? COMPACT.exec(String(value)) : null;
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, ...clock] = match;
  return clockOf({ year, month: Number(month), day, clock }, zone, arrival);
}

function readText(value: unknown, zone: ZoneReader, arrival: number): number | undefined {
  return typeof value === 'string' ? readIso(value, zone, arrival) : undefined;
}

function readerOf(format: string | undefined, zone: ZoneReader): TimeReader {
  if (format !== undefined && Object.hasOwn(MILLISECONDS, format)) {
    return (value) => readCount(value, format);
  }
  if (format === EXCEL) {
    return (value, arrival) => {
      const days = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
      // To the millisecond: a float of days is not finer by much.
      return typeof days === 'number' && Number.isFinite(days)
        ? zone(Math.round((days - EXCEL_EPOCH) * DAY), arrival)
        : undefined;
    };
  }
  if (format === undefined) {
    return automaticReader(zone);
  }
  if (format === 'iso') {
    return (value, arrival) => readText(value, zone, arrival);
  }
  checkTimeFormat(format);
  let pattern: TextTime | undefined;
  return (value, arrival) => {
    if (typeof value !== 'string' && typeof value !== 'number') {
      return undefined;
    }
    pattern ??= timeFormats.compile?.(format);
    return pattern?.(String(value), zone, arrival);
  };
}

/** A count of units since 1970, as a number or in digits; without a unit, by its magnitude. */
function readCount(value: unknown, unit?: string): number | undefined {
  if (typeof value === 'number') {
    return scale(value, unit ?? unitOf(value));
  }
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.trim();
  const match = DECIMAL.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, sign, whole, , exponent] = match;
  const count = Number(text);
  const counted = unit ?? unitOf(count);
  // Nanoseconds have more digits than a float: the milliseconds are taken off first.
  const drop = counted === 'ns' ? 6 : counted === 'us' ? 3 : 0;
  if (drop > 0 && exponent === undefined && whole.length > 15) {
    const ms = Number(whole.slice(0, -drop)) + Number(whole.slice(-drop)) / 10 ** drop;
    return sign === '-' ? -ms : ms;
  }
  return scale(count, counted);
}

function unitOf(count: number): string | undefined {
  const size = Math.abs(count);
  return MAGNITUDES.find(([below]) => size < below)?.[1];
}

function scale(count: number, unit: string | undefined): number | undefined {
  if (unit === undefined || !Number.isFinite(count)) {
    return undefined;
  }
  if (unit === 's' && count % 1 !== 0) {
    // A float of seconds is exact to a fraction of a microsecond; what lies beyond is noise of its binary digits.
    return Math.round(count * 1e6) / 1e3;
  }
  const factor = MILLISECONDS[unit];
  // Dividing by a whole number rounds once, multiplying by a fraction twice.
  return factor >= 1 ? count * factor : count / Math.round(1 / factor);
}

/** A time of day, perhaps of half a day, perhaps with an offset; any number of digits of a second. */
const CLOCK = String.raw`(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?(?:\s*([AaPp])\.?[Mm]\.?)?\s*(Z|z|UTC?(?![+-])|GMT(?![+-])|(?:UTC?|GMT)?[+-]\d\d:?(?:\d\d)?)?`;

function dated(date: string, separator: string): RegExp {
  return new RegExp(`^${date}(?:${separator}${CLOCK})?$`);
}

/** Also what is not quite ISO 8601: a space for the T, points or slashes in the date (Tasmota), a comma before the fraction. */
const ISO = dated(String.raw`([+-]\d{6}|\d{4})([-/.])(\d\d?)\2(\d\d?)`, String.raw`(?:[Tt]|\s+)`);

/** The same without separators: `20221029T184229Z`. */
const BASIC = /^(\d{4})()(\d\d)(\d\d)[Tt](\d\d)(\d\d)(?:(\d\d)(?:[.,](\d{1,12}))?)?()(Z|z|[+-]\d\d:?(?:\d\d)?)?$/;

/** With the year at the end: `5/17/2024`, `17.5.2024`. */
const YEAR_LAST = dated(String.raw`(\d\d?)([-/.])(\d\d?)\2(\d{4})`, String.raw`,?\s+`);

/** A time as mail and HTTP have it (RFC 1123, RFC 5322, 3.3): `Fri, 17 May 2024 11:31:00 GMT`. */
const MAIL = dated(String.raw`(?:[A-Za-z]{3},?\s+)?(\d\d?)[ -]([A-Za-z]{3})[ -](\d{4})`, String.raw`\s+`);

/** As browsers and Americans write it: `May 17, 2024`. */
const MONTH_FIRST = dated(
  String.raw`(?:[A-Za-z]{3,9},?\s+)?([A-Za-z]{3,9})\.?\s+(\d\d?),?\s+(\d{4})`,
  String.raw`,?\s+`
);

/** As C's asctime and the command `date` write it: `Fri May 17 11:59:00 UTC 2024`. */
const YEAR_BEHIND =
  /^(?:[A-Za-z]{3} )?([A-Za-z]{3}) {1,2}(\d\d?) (\d\d?:\d\d(?::\d\d)?)((?: [AP]M)?(?: (?:UTC|GMT|[+-]\d{4}))?) (\d{4})$/;

/** The name of the zone behind the offset, as JavaScript's `Date` writes it. */
const ZONE_NAME = /\s+\([\p{L} .+:\d-]{1,60}\)$/u;

/** Milliseconds since 1970, as .NET writes dates into JSON: `/Date(1715945460000+0200)/`; the offset changes nothing. */
const MICROSOFT = /^\\?\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?\/$/;

/** Milliseconds around the arrival. Of a day and a month that could be the other way round, it shows which is which. */
const NEAR = 36 * 3_600_000;

function readIso(value: string, zone: ZoneReader, arrival: number): number | undefined {
  // Longer than any time, and so not worth the look.
  if (value.length > 120) {
    return undefined;
  }
  const trimmed = value.trim();
  const text = trimmed.endsWith(')') ? trimmed.replace(ZONE_NAME, '') : trimmed;
  if (text.length > 60) {
    return undefined;
  }
  const at = (year: string, month: number, day: string, clock: Clock): number | undefined =>
    clockOf({ year, month, day, clock }, zone, arrival);
  const iso = ISO.exec(text) ?? BASIC.exec(text);
  if (iso !== null) {
    const [, year, , month, day, ...clock] = iso;
    return at(year, Number(month), day, clock);
  }
  const last = YEAR_LAST.exec(text);
  if (last !== null) {
    const [, a, separator, b, year, ...clock] = last;
    if (separator === '.' && clock[0] === undefined) {
      // As likely a version.
      return undefined;
    }
    const dayFirst = at(year, Number(b), a, clock);
    const monthFirst = separator === '.' ? dayFirst : at(year, Number(a), b, clock);
    return dayFirst === undefined || monthFirst === undefined || dayFirst === monthFirst
      ? (dayFirst ?? monthFirst)
      : [dayFirst, monthFirst].find((time) => Math.abs(time - arrival) <= NEAR);
  }
  const mail = MAIL.exec(text);
  if (mail !== null) {
    const [, day, month, year, ...clock] = mail;
    return at(year, monthOf(month), day, clock);
  }
  const named = MONTH_FIRST.exec(text.replace(YEAR_BEHIND, '$1 $2, $5 $3$4'));
  if (named !== null) {
    const [, month, day, year, ...clock] = named;
    return at(year, monthOf(month), day, clock);
  }
  const microsoft = MICROSOFT.exec(text);
  return microsoft === null ? undefined : Number(microsoft[1]);
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

/** What {@link CLOCK} has found. */
type Clock = ReadonlyArray<string | undefined>;

interface DateAndClock {
  readonly year: string;
  readonly month: number;
  readonly day: string;
  readonly clock: Clock;
}

function clockOf({ year, month, day, clock }: DateAndClock, zone: ZoneReader, arrival: number): number | undefined {
  const [hours = '0', minute = '0', second = '0', fraction, half, offset] = clock;
  const hour = hourOf(Number(hours), half);
  return hour === undefined
    ? undefined
    : readClock(
        {
          year: Number(year),
          month,
          day: Number(day),
          hour,
          minute: Number(minute),
          second: Number(second),
          fraction: fraction === undefined ? 0 : Number(`0.${fraction}`) * 1_000,
          offset:
            offset === undefined
              ? undefined
              : /^(?:UTC?|GMT)$/.test(offset)
                ? 0
                : readOffset(offset.replace(/^[A-Z]{2,3}/, '')),
        },
        zone,
        arrival
      );
}

/** The hour of a day. @param half `a` or `p`, or none. */
function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined || half === '') {
    return hour;
  }
  return hour < 1 || hour > 12 ? undefined : (hour % 12) + (/p/i.test(half) ? 12 : 0);
}
