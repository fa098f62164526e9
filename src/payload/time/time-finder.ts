import { isRecord } from '../../utils/is-object';
import type { Path } from '../columns/batch';
import type { TimeReader } from './times';

/** Keys that commonly hold the time of a message, the likeliest first: in small letters, without `_` and `-`. */
const NAMES = [
  'time',
  'ts',
  'timestamp',
  '@timestamp',
  'tst',
  'datetime',
  'unixtime',
  'receivedat',
  'observedat',
  'reportedat',
  'updatedat',
  'createdat',
  'lastseen',
  'lastupdate',
  'lastupdated',
  'starttime',
  't',
];

/**
 * Keys of times that are not the time of the message: of what it reports, or of the sender. A number below one of
 * these is a time if it is plausible. ioBroker has `lc`, OpenWeatherMap `dt`, Home Assistant `last_changed`.
 */
const OTHER_NAMES = new Set(
  `lc dt date epoch timeunix unix utc localtime tsms
  sunrise sunset moonrise moonset dawn dusk
  lastchange lastchanged laststatechange lastreported lastcontact lastrun lastreset lastboot
  boottime nextrun created updated modified changed published sent measuredat sampledat
  start end begin from to until since validfrom validto validuntil expires
  lastmotion lasttriggered lastsync lastheard lastactive lastevent lastopened lastmessage
  devicetime servertime eventtime gpstime fixtime utctime exp iat nbf`.split(/\s+/)
);

/** How other names of times end: `minute_ts`, `rx_time`, `lastUpdateTime`. So do those of durations. */
const TIME_ENDING = /(?:_ts|[a-z\d]T[sS]|_time|[a-z\d]Time|_timestamp|[a-z\d]Timestamp)$/;

/** Keys of the times of parallel lists, the likeliest first: such a key is often in the plural. */
const LIST_NAMES = new Map(
  ['timestamps', 'times', 'datetimes', 'epochs', 'dt', 'dates', 'date'].map((name, rank) => [name, rank])
);

/** Beside a date, it is the other half of the time. */
const CLOCK_NAME = /^(?:time|clock|hour)/i;

const RANKS = new Map(NAMES.map((name, rank) => [name, rank]));
const NO_RANK = Infinity;

/** No name is longer, with all the `_` that are written. */
const MAX_NAME = 20;

/** Keys whose rank is remembered: those of a dashboard's messages. Of ever new ones all are forgotten in between. */
const MAX_REMEMBERED = 5_000;
const remembered = new Map<string, number>();

/** The place of a key in the list, however it is written: `dateTime`, `last_seen`, `TimeStamp`. */
function rankOf(key: string): number {
  if (key.length > MAX_NAME) {
    return NO_RANK;
  }
  let rank = remembered.get(key);
  if (rank === undefined) {
    if (remembered.size >= MAX_REMEMBERED) {
      remembered.clear();
    }
    rank = RANKS.get(plain(key)) ?? NO_RANK;
    remembered.set(key, rank);
  }
  return rank;
}

function plain(key: string): string {
  return key.length > MAX_NAME ? '' : key.toLowerCase().replaceAll(/[_-]/g, '');
}

/** Keys of an object that are looked at. */
const MAX_KEYS = 200;

/** Objects that are looked into below the message itself, and below those: `params.ts`, `after.start_time`. */
const MAX_INSIDE = 20;
const LEVELS = 2;

const YEAR = 365.25 * 86_400_000;

/** A time this far from the arrival is none that a message would carry, but a count of something else. */
const PAST = 10 * YEAR;
const FUTURE = YEAR;

export interface FoundTime {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly path: Path;
}

/** Whether a number under this name may be a time: `t` is as often a temperature or a count. */
export function isTimeName(key: string | number | undefined): boolean {
  return typeof key === 'string' && (rankOf(key) < NAMES.length - 1 || OTHER_NAMES.has(plain(key)));
}

/** Which of the names nothing but a time has: `sent` and `start` are counts, too. */
const SURE_NAME = /^(?:last|next)|.(?:time|stamp|seen|at)$|^(?:lc|epoch|(?:sun|moon)(?:rise|set)|dawn|dusk|expires)$/;

/** Whether 0 under a name that may be that of a time says that there has been none. */
export function isNever(key: string | number | undefined): boolean {
  return isTimeName(key) && SURE_NAME.test(plain(String(key)));
}

/** Milliseconds around the arrival. A counter of 13 digits is seldom so near, and a time seldom further. */
const NEAR = 7 * 86_400_000;

/**
 * Whether a number under any name is a time in milliseconds: it has 13 digits and is near the arrival. Ten digits,
 * which would be seconds, are as often a counter.
 */
export function isNearbyMillis(value: number, arrival: number): boolean {
  return value >= 1e12 && value < 1e13 && Math.abs(value - arrival) <= NEAR && Number.isInteger(value);
}

/**
 * Whether the first number under a name is a time: in milliseconds under any, and in seconds under one that ends like
 * the name of a time. A duration or a counter is seldom so near.
 */
export function isNearbyTime(value: number, arrival: number, key: string | number | undefined): boolean {
  return (
    isNearbyMillis(value, arrival) ||
    (typeof key === 'string' && TIME_ENDING.test(key) && isNearbyMillis(Math.round(value * 1_000), arrival))
  );
}

/** Whether a message may carry this time. */
export function isPlausible(time: number, arrival: number): boolean {
  return time >= arrival - PAST && time <= arrival + FUTURE;
}

/** A date or a time of day, in whatever form; not a number with a unit, which a key such as `t` may hold. */
const DATE = /\d:\d\d|\d\W+\w+\W\d/;

/** @param note is called with each date that cannot be read. */
export function noting(read: TimeReader, arrival: number, note: (text: string) => unknown): TimeReader {
  return (value) => {
    const time = read(value, arrival);
    if (time === undefined && typeof value === 'string' && DATE.test(value)) {
      note(value);
    }
    return time;
  };
}

/** Looks for the time of a message by name and plausibility, first at the top and then further down. */
export function findTime(value: unknown, arrival: number, read: TimeReader): FoundTime | undefined {
  return find(value, arrival, read, rankOf);
}

/** As {@link findTime}, for a row of parallel lists, which has no other time: under the names that those have. */
export function findListTime(row: unknown, arrival: number, read: TimeReader): FoundTime | undefined {
  const found = find(row, arrival, read, (key) => LIST_NAMES.get(plain(key)) ?? NO_RANK);
  const isHalf = found !== undefined && /^dates?$/i.test(String(found.path.at(-1))) && hasClock(row);
  return isHalf ? undefined : found;
}

function hasClock(row: unknown): boolean {
  return isRecord(row) && Object.keys(row).some((key) => CLOCK_NAME.test(key));
}

function find(value: unknown, arrival: number, read: TimeReader, rank: (key: string) => number): FoundTime | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  let level: Array<{ object: object; path: Path }> = [{ object: value, path: [] }];
  for (let depth = 0; depth <= LEVELS && level.length > 0; depth++) {
    const below: typeof level = [];
    for (const { object, path } of level) {
      const found = findIn(object, path, { arrival, read, rank }, below);
      if (found !== undefined) {
        return found;
      }
    }
    level = below;
  }
  return undefined;
}

function findIn(
  object: object,
  path: Path,
  { arrival, read, rank: rankOfKey }: { arrival: number; read: TimeReader; rank: (key: string) => number },
  below: Array<{ object: object; path: Path }>
): FoundTime | undefined {
  const values = object as Record<string, unknown>;
  const keys = Object.keys(object);
  let [best, bestKey, bestTime] = [NO_RANK, '', 0];
  for (let i = 0; i < keys.length && i < MAX_KEYS; i++) {
    const key = keys[i];
    const rank = rankOfKey(key);
    if (rank < best) {
      const time = read(values[key], arrival);
      if (time !== undefined && isPlausible(time, arrival)) {
        [best, bestKey, bestTime] = [rank, key, time];
      }
    } else if (below.length < MAX_INSIDE && isRecord(values[key])) {
      below.push({ object: values[key], path: [...path, key] });
    }
  }
  return best === NO_RANK ? undefined : { time: bestTime, path: [...path, bestKey] };
}
