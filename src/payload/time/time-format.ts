import { utcOf, type ZoneReader } from './zone';

/** A date and a time of day. */
interface Clock {
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

/** The parts of a time in a text. */
interface Parts extends Clock {
  /** Hours are counted from noon. */
  afternoon: boolean | undefined;
  /** Milliseconds since the epoch, which is all there is to say. */
  instant: number | undefined;
}

interface Token {
  readonly pattern: string;
  readonly read: (parts: Parts, text: string) => void;
}

export const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function number(pattern: string, set: (parts: Parts, value: number) => void): Token {
  return { pattern, read: (parts, text) => set(parts, Number(text)) };
}

const month: Token = {
  pattern: '[A-Za-z]{3,9}\\.?',
  read: (parts, text) => {
    parts.month = MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1;
  },
};
const day: Token = { pattern: '[A-Za-z]{2,9}\\.?', read: () => undefined };
const half: Token = {
  pattern: '[AaPp]\\.?[Mm]\\.?',
  read: (parts, text) => {
    parts.afternoon = /^p/i.test(text);
  },
};
const offset: Token = {
  pattern: 'Z|z|[+-]\\d\\d:?(?:\\d\\d)?',
  read: (parts, text) => {
    parts.offset = readOffset(text);
  },
};

/** The tokens of moment.js that say when something was; a longer one is looked for before a shorter. */
const TOKENS: Readonly<Record<string, Token>> = {
  YYYY: number('\\d{4}', (parts, value) => (parts.year = value)),
  YY: number('\\d\\d', (parts, value) => (parts.year = value + (value > 68 ? 1900 : 2000))),
  MMMM: month,
  MMM: month,
  MM: number('\\d\\d', (parts, value) => (parts.month = value)),
  M: number('\\d\\d?', (parts, value) => (parts.month = value)),
  DD: number('\\d\\d', (parts, value) => (parts.day = value)),
  D: number('\\d\\d?', (parts, value) => (parts.day = value)),
  dddd: day,
  ddd: day,
  HH: number('\\d\\d', (parts, value) => (parts.hour = value)),
  H: number('\\d\\d?', (parts, value) => (parts.hour = value)),
  hh: number('\\d\\d', (parts, value) => (parts.hour = value)),
  h: number('\\d\\d?', (parts, value) => (parts.hour = value)),
  mm: number('\\d\\d', (parts, value) => (parts.minute = value)),
  m: number('\\d\\d?', (parts, value) => (parts.minute = value)),
  ss: number('\\d\\d', (parts, value) => (parts.second = value)),
  s: number('\\d\\d?', (parts, value) => (parts.second = value)),
  A: half,
  a: half,
  ZZ: offset,
  Z: offset,
  X: number('-?\\d+(?:\\.\\d+)?', (parts, value) => (parts.instant = value * 1_000)),
  x: number('-?\\d+(?:\\.\\d+)?', (parts, value) => (parts.instant = value)),
};

/** `S` and `SSS` alike are as many digits of a second as there are: sensors do not count them. */
const FRACTION: Token = {
  pattern: '\\d{1,12}',
  read: (parts, text) => {
    parts.fraction = Number(`0.${text}`) * 1_000;
  },
};

/** A longer text is no time, and a count of so many digits could be parted in too many ways. */
export const MAX_TEXT = 100;

const PIECES = /\[([^\]]*)\]|(YYYY|YY|M{1,4}|D{1,2}|d{3,4}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|S+|A|a|Z{1,2}|X|x)|\s+|[^]/g;

/** Milliseconds since the epoch, with a fraction; `undefined` for a text that is not of the format. */
export type TextTime = (text: string, zone: ZoneReader, arrival: number) => number | undefined;

/**
 * A format of moment.js, made ready for reading many texts: `YYYY YY MMMM MMM MM M DD D dddd ddd HH H hh h mm m ss s
 * S A a Z ZZ X x`, text in brackets, and everything else as it stands. What the format does not name is the first of
 * the day, or of the year; the day is today's where it names only a time of day.
 *
 * @throws {Error} where the format names no time at all.
 */
export function compileFormat(format: string): TextTime {
  const tokens: Token[] = [];
  let pattern = '';
  let hasDate = false;
  for (const [piece, literal, name] of format.trim().matchAll(PIECES)) {
    const token = name === undefined ? undefined : name.startsWith('S') ? FRACTION : TOKENS[name];
    if (token !== undefined) {
      tokens.push(token);
      pattern += `(${token.pattern})`;
      hasDate ||= /^[YMDXx]/.test(name);
    } else {
      pattern += /^\s+$/.test(piece) ? '\\s+' : (literal ?? piece).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  if (tokens.length === 0) {
    throw new Error(`The time format "${format}" names no part of a time. Write for example YYYY-MM-DD HH:mm:ss.`);
  }
  const regex = new RegExp(`^\\s*${pattern}\\s*$`);
  return (text, zone, arrival) => {
    const match = text.length > MAX_TEXT ? null : regex.exec(text);
    if (match === null) {
      return undefined;
    }
    const today = hasDate ? undefined : new Date(arrival);
    const parts: Parts = {
      year: today?.getUTCFullYear() ?? new Date(arrival).getUTCFullYear(),
      month: today === undefined ? 1 : today.getUTCMonth() + 1,
      day: today?.getUTCDate() ?? 1,
      hour: 0,
      minute: 0,
      second: 0,
      fraction: 0,
      afternoon: undefined,
      offset: undefined,
      instant: undefined,
    };
    tokens.forEach((token, i) => token.read(parts, match[i + 1]));
    const time = instantOf(parts, zone, arrival);
    return time === undefined || hasDate ? time : nearest(time, arrival);
  };
}

/** For a time of day without a date: yesterday's, today's or tomorrow's, whichever is nearest to the arrival. */
function nearest(time: number, arrival: number): number {
  const DAY = 86_400_000;
  return time + Math.round((arrival - time) / DAY) * DAY;
}

function instantOf(parts: Parts, zone: ZoneReader, arrival: number): number | undefined {
  if (parts.instant !== undefined) {
    return parts.instant;
  }
  const hour = parts.afternoon === undefined ? parts.hour : (parts.hour % 12) + (parts.afternoon ? 12 : 0);
  return readClock({ ...parts, hour }, zone, arrival);
}

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
