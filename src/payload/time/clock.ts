import { utcOf, type ZoneReader } from './zone';

/** A date and a time of day. */
export interface Clock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Milliseconds, with a fraction. */
  fraction: number;
  /** Minutes east of UTC; without it, a wall clock of the query's zone. */
  offset: number | undefined;
}

export const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** `Z`, `+02:00`, `+0200` or `+02`, in minutes east of UTC. */
export function readOffset(text: string): number {
  if (text === 'Z' || text === 'z') {
    return 0;
  }
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', '') || 0);
  return text.startsWith('-') ? -minutes : minutes;
}

/** Milliseconds since the epoch of a date and a time of day; `undefined` if there is no such day or time. */
export function readClock(clock: Clock, zone: ZoneReader, arrival: number): number | undefined {
  const { year, month, day, hour, minute, second, fraction } = clock;
  // A leap second is the first of the next minute; 24:00 is the end of a day [ISO 8601, 5.3].
  const midnight = hour === 24 && minute === 0 && second === 0;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || (hour > 23 && !midnight)) {
    return undefined;
  }
  if (minute > 59 || second > 60) {
    return undefined;
  }
  const local = utcOf(year, month, day, hour, minute, second);
  return (clock.offset === undefined ? zone(local, arrival) : local - clock.offset * 60_000) + fraction;
}

function daysIn(year: number, month: number): number {
  return new Date(utcOf(year, month + 1, 0)).getUTCDate();
}
