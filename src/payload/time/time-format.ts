import { type Clock, MONTHS, readClock, readOffset } from './clock';
import { checkTimeFormat, PIECES } from './format-pieces';
import type { ZoneReader } from './zone';

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

/** A second may have a fraction that the format does not name: `092814.00` of GPS. */
const MORE = '(?:[.,](\\d{1,12}))?';

/** A part of a format between blanks that is only digits: a number has lost the zeros in front of it, and behind it. */
const DIGITS = /^((?!YYYY)(?:YYYY|YY|MM|DD|HH|hh|mm|ss)+)(\.S+)?$/;

/** A longer text is no time, and a count of so many digits could be parted in too many ways. */
export const MAX_TEXT = 100;

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
  checkTimeFormat(format);
  const tokens: Token[] = [];
  let pattern = '';
  let hasDate = false;
  const named = format.trim();
  const pieces = [...named.matchAll(PIECES)];
  for (const [i, [piece, literal, name]] of pieces.entries()) {
    const token = name === undefined ? undefined : name.startsWith('S') ? FRACTION : TOKENS[name];
    if (token !== undefined) {
      tokens.push(token);
      pattern += `(${token.pattern})`;
      if (/^ss?$/.test(name) && !/^[.,S]/.test(pieces[i + 1]?.[0] ?? '')) {
        tokens.push(FRACTION);
        pattern += MORE;
      }
      hasDate ||= /^[YMDXx]/.test(name);
    } else {
      pattern += /^\s+$/.test(piece) ? '\\s+' : (literal ?? piece).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  const regex = new RegExp(`^\\s*${pattern}\\s*$`);
  const digits = named.split(/\s+/).map((part) => DIGITS.exec(part));
  return (text, zone, arrival) => {
    const match = text.length > MAX_TEXT ? null : (regex.exec(text) ?? regex.exec(withZeros(text, digits)));
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
    tokens.forEach((token, i) => {
      if (match[i + 1] !== undefined) {
        token.read(parts, match[i + 1]);
      }
    });
    const time = instantOf(parts, zone, arrival);
    return time === undefined || hasDate ? time : nearest(time, arrival);
  };
}

/** Puts the zeros back that a number does not have: 92814 of `HHmmss`. */
function withZeros(text: string, digits: ReadonlyArray<RegExpExecArray | null>): string {
  const parts = text.trim().split(/\s+/);
  return parts.length !== digits.length
    ? text
    : parts
        .map((part, i) => {
          const [, whole = '', fraction] = digits[i] ?? [];
          const number = /^(\d+)(\.\d+)?$/.exec(part);
          return whole === '' || number === null
            ? part
            : number[1].padStart(whole.length, '0') + (number[2] ?? (fraction === undefined ? '' : '.0'));
        })
        .join(' ');
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
