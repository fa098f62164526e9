const MINUTE = 60_000;

/** Offsets change only at whole quarters of an hour, so an offset that was found is valid for its quarter. */
const STEP = 15 * MINUTE;
const MAX_REMEMBERED = 1_000;

/** A wall clock is never further from UTC than this, and no two changes of one are that close together. */
const DAY = 24 * 60 * MINUTE;

/** Turns the time of a wall clock, as milliseconds since 1970 by that clock, into milliseconds since the epoch. */
export type ZoneReader = (local: number, arrival: number) => number;

/**
 * Reads the wall clock of a time zone, daylight saving time and all. An hour that happens twice, in autumn, is the
 * one nearer to the arrival; an hour that does not happen, in spring, is read as if the clock had not been changed.
 *
 * @param zone IANA name such as `Europe/Paris`; without it, that of the browser.
 * @throws {RangeError} where there is no such zone.
 */
export function zoneReader(zone: string | undefined): ZoneReader {
  const timeZone = zone === undefined || zone === '' ? undefined : zone;
  if (timeZone !== undefined && /^(?:utc|gmt|z|etc\/utc)$/i.test(timeZone)) {
    return (local) => local;
  }
  const offsetAt = offsetsOf(timeZone);
  return (local, arrival) => {
    const [before, after] = [offsetAt(local - DAY), offsetAt(local + DAY)];
    const first = local - before;
    if (before === after) {
      return first;
    }
    const second = local - after;
    const firstIs = offsetAt(first) === before;
    const secondIs = offsetAt(second) === after;
    if (firstIs && secondIs) {
      return Math.abs(second - arrival) < Math.abs(first - arrival) ? second : first;
    }
    return secondIs ? second : first;
  };
}

/** @returns what gives the offset of the zone's clock at an instant, in milliseconds east of UTC. */
function offsetsOf(timeZone: string | undefined): (utc: number) => number {
  // Calendar and digits are said outright: a locale's own would not be read back as numbers.
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  const remembered = new Map<number, number>();
  return (utc) => {
    const step = Math.floor(utc / STEP);
    let offset = remembered.get(step);
    if (offset === undefined) {
      if (remembered.size >= MAX_REMEMBERED) {
        remembered.clear();
      }
      offset = offsetAt(format, step * STEP);
      remembered.set(step, offset);
    }
    return offset;
  };
}

function offsetAt(format: Intl.DateTimeFormat, utc: number): number {
  if (!(Math.abs(utc) <= 8.64e15)) {
    return 0;
  }
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(utc)) {
    part[type] = value;
  }
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year);
  const clock = utcOf(
    year,
    Number(part.month),
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
    Number(part.second)
  );
  return clock - utc;
}

/** As `Date.UTC`, with months from 1, and with years below 100 as they are. */
export function utcOf(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  if (year >= 100) {
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }
  const date = new Date(Date.UTC(2000, month - 1, day, hour, minute, second));
  return date.setUTCFullYear(year, month - 1, day);
}

/** Whether there is such a time zone. */
export function isZone(zone: string): boolean {
  try {
    zoneReader(zone);
    return true;
  } catch {
    return false;
  }
}
