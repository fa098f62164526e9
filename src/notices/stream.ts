import type { QueryResultMetaNotice } from '@grafana/data';
import type { ConnectionStatus, StreamStats } from '../engine';
import { historyNotices } from './history';
import { limitInfos, limitWarnings } from './limits';
import { type NoticeClock, timeText } from './time-text';
import { quote } from '../utils/quote';
import type { SharedStream } from '../connection/shared-stream';
import { count, formatNumber, plural } from '../utils/format-number';

/*
 * Notices about a stream. To add one for something that the engine counts:
 *
 * 1. `engine/protocol.ts`: add the counter to `StreamStats` and to `emptyStats`, with the name that
 *    `payload/columns/series-builder.ts` has for it. A counter has one name from there to here.
 * 2. Here, in `dataWarnings`, or in `limits.ts` where a limit is the reason: add the sentence. Say first what happened,
 *    then what to do, because panels cut notices after two lines.
 * 3. `docs/troubleshooting.md`: add a section whose heading is a part of the sentence. A test finds headings that no
 *    sentence has.
 */

/** A subscription without a message gets a notice after so many milliseconds. */
const SILENT_MS = 3_000;

/** How far a time in another unit may be from now, as a part of it. */
const UNIT_TOLERANCE = 0.01;

/** The number of nearest topics, or of nearest paths, that a notice names. */
const MAX_NEAREST = 3;

/**
 * The notices about a stream, most important first.
 *
 * @param shownSeries the series that a response of the query has, at most.
 */
export function streamNotices(
  stream: SharedStream,
  status: ConnectionStatus,
  clock: NoticeClock,
  shownSeries = Infinity
): QueryResultMetaNotice[] {
  return [
    ...subscriptionErrors(stream, status).map((text) => ({ severity: 'error', text }) as const),
    ...dataWarnings(stream, clock.now, shownSeries).map((text) => ({ severity: 'warning', text }) as const),
    ...repeatInfos(stream.stats).map((text) => ({ severity: 'info', text }) as const),
    ...limitInfos(stream.stats, stream.spec).map((text) => ({ severity: 'info', text }) as const),
    ...historyNotices(stream),
    ...(isSilent(stream, status, clock.now) ? [silenceNotice(stream, clock)] : []),
  ];
}

/** A sentence for each filter that the broker refused. Without a connection the broker has refused none. */
export function subscriptionErrors({ refused }: SharedStream, { state }: ConnectionStatus): string[] {
  return state === 'connected'
    ? refused.map(({ filter, reason }) => `The broker refused the subscription to "${filter}": ${reason}.`)
    : [];
}

/**
 * Whether a stream has been subscribed for a while and has received no message.
 *
 * @param now milliseconds since the epoch.
 */
export function isSilent({ grantedAt, stats }: SharedStream, { state }: ConnectionStatus, now: number): boolean {
  return state === 'connected' && stats.messages === 0 && grantedAt !== undefined && now - grantedAt > SILENT_MS;
}

export function silenceNotice(
  { grantedAt, spec, nearest, stats }: SharedStream,
  clock: NoticeClock
): QueryResultMetaNotice {
  const subscribed = `${filterList(spec.filters)} since ${timeText(grantedAt ?? clock.now, clock)}`;
  if (stats.ignoredMessages > 0) {
    return {
      severity: 'info',
      text: `Only retained messages have arrived on ${subscribed}, and the query ignores them. Set "Retained messages" of the query to Use or Mark to see them.`,
    };
  }
  const topics = [...new Set(nearest.flatMap(({ topics }) => topics))].slice(0, MAX_NEAREST);
  return {
    severity: 'info',
    text:
      topics.length > 0
        ? `No message has arrived on ${subscribed}. Nearest topics that exist: ${topics.map((topic) => `"${topic}"`).join(', ')}.`
        : `Connected and subscribed to ${subscribed}, but no message has arrived. Topics are case-sensitive, and a leading "/" counts. ${silenceCause(spec.filters)}`,
  };
}

/** Warnings for which the query editor has a place of its own, with the messages and what to click. */
export function messageWarnings({ stats }: SharedStream): string[] {
  const texts: string[] = [];
  if (stats.failed > 0) {
    texts.push(
      `${formatNumber(stats.failed)} of ${count(stats.messages, 'message')} did not decode.${failures(stats)}`
    );
  }
  if (stats.lastProblem !== undefined) {
    const { topic, reason } = stats.lastProblem;
    texts.push(
      `${count(stats.partial, 'message')} ${plural(stats.partial, 'was', 'were')} decoded only in part. The last such message, on "${topic}": ${reason}`
    );
  }
  return [...texts, ...missingPathWarnings(stats)];
}

/** Properties of the filters that people do not expect, and that may be the reason why nothing comes. */
function silenceCause(filters: readonly string[]): string {
  return filters.some((filter) => filter.startsWith('$share/'))
    ? 'A shared subscription gets only a part.'
    : filters.some((filter) => /^[#+]/.test(filter))
      ? 'Such a filter leaves out "$" topics.'
      : filters.some((filter) => /[.*]/.test(filter))
        ? 'Check the access rules of the broker. RabbitMQ delivers "." as "/" and "*" as "+".'
        : 'Check the access rules of the broker.';
}

function dataWarnings(stream: SharedStream, now: number, shownSeries: number): string[] {
  const { stats, memoryLimited, late } = stream;
  const texts = [...messageWarnings(stream), ...limitWarnings(stream, shownSeries)];
  if (stats.mistypedValues > 0) {
    texts.push(
      `${count(stats.mistypedValues, 'value')} ${plural(stats.mistypedValues, 'does', 'do')} not have the type that the query gives the field, and ${plural(stats.mistypedValues, 'is', 'are')} shown as null. Choose the type Auto or Text for the field to see such values.`
    );
  }
  if (stats.inexactValues > 0) {
    texts.push(
      `${count(stats.inexactValues, 'integer')} ${plural(stats.inexactValues, 'is', 'are')} too large for an exact number, and ${plural(stats.inexactValues, 'is', 'are')} rounded. Choose the type Text for the field to see all digits.`
    );
  }
  if (stats.siblingValues > 0) {
    texts.push(
      `${count(stats.siblingValues, 'value')} ${plural(stats.siblingValues, 'has', 'have')} another type than the field, and ${plural(stats.siblingValues, 'is', 'are')} in a separate field, such as "Value (text)". Name the field and its type in the query, or change the words of its value mapping.`
    );
  }
  if (stats.otherUnitValues > 0) {
    texts.push(
      `${count(stats.otherUnitValues, 'value')} ${plural(stats.otherUnitValues, 'has', 'have')} another unit than the field, and ${plural(stats.otherUnitValues, 'is', 'are')} in a separate field, such as "Value (°F)". If the values measure different things, add a label that distinguishes them.`
    );
  }
  texts.push(...timeWarnings(stream, now));
  if (memoryLimited.size > 0) {
    texts.push(
      `Memory limit reached: ${count(memoryLimited.size, 'series', 'series')} ${plural(memoryLimited.size, 'stores', 'store')} fewer rows than requested. Keep fewer rows in each query, or raise "Memory" in the settings of the data source.`
    );
  }
  if (stats.droppedRows > 0) {
    texts.push(
      `This browser does not keep up, and dropped ${count(stats.droppedRows, 'row')}, the oldest of those that waited. Narrow the topic filter, or close panels.`
    );
  }
  if (late > 0) {
    texts.push(
      `${count(late, 'row')} arrived too late and ${plural(late, 'was', 'were')} dropped, because only newer rows are stored. Raise "Keep rows" of the query.`
    );
  }
  return texts;
}

function repeatInfos({ unsureRepeats: repeats }: StreamStats): string[] {
  return repeats === 0
    ? []
    : [
        `${count(repeats, 'message')} after a lost connection ${plural(repeats, 'equals', 'equal')} the last ones before it. The broker may have sent ${plural(repeats, 'it', 'them')} again, so rows may be there twice. With QoS 0, no message is sent again.`,
      ];
}

/** Rows and times have warnings of their own. */
function missingPathWarnings({ messages, missing = [] }: StreamStats): string[] {
  const paths = missing.filter(({ kind }) => kind !== 'rows' && kind !== 'time');
  return [...new Map(paths.map((each) => [each.path, each])).values()].map(({ path, nearest }) => {
    const have = nearest.slice(0, MAX_NEAREST).map((each) => `"${each}"`);
    const others = have.length === 0 ? '' : ` ${plural(messages, 'It has', 'They have')} ${have.join(', ')}.`;
    return `${count(messages, 'message')} arrived, and none has a value at "${path}".${others}`;
  });
}

function failures({ firstFailure: first, lastFailure: last }: StreamStats): string {
  if (first === undefined || last === undefined) {
    return '';
  }
  const one = first.topic === last.topic && first.reason === last.reason;
  return `${one ? '' : ` The first one, on "${first.topic}": ${first.reason}`} The last one, on "${last.topic}": ${last.reason}`;
}

function timeWarnings({ stats, spec: { time } }: SharedStream, now: number): string[] {
  const { untimedRows, untimedText, skew } = stats;
  const texts: string[] = [];
  if (untimedRows > 0) {
    const clock = time?.clockPath?.trim() ? ` and "${time.clockPath}"` : '';
    const [where, advice] =
      time?.from === 'path'
        ? [` at "${time.path ?? ''}"${clock}`, 'Check the path and the time format']
        : ['', 'Set Time to At a path and enter a time format, or set Time to Arrival'];
    texts.push(
      `${count(untimedRows, 'row')} ${plural(untimedRows, 'has', 'have')} no readable time${where}, and ${plural(untimedRows, 'is', 'are')} shown at the time of arrival. ${advice}${timeHint(untimedText, clock !== '')}.`
    );
  }
  if (skew !== undefined) {
    const direction = skew.offsetMs < 0 ? 'behind' : 'ahead of';
    const where =
      skew.series > 1
        ? ` in ${formatNumber(skew.series)} series, and furthest on "${skew.topic}"`
        : ` on "${skew.topic}"`;
    texts.push(
      `The times in the payload are ${duration(skew.offsetMs)} ${direction} the time of arrival${where}. The rows are shown at the times in the payload. ${skewAdvice(skew.offsetMs, now)}`
    );
  }
  return texts;
}

/** @param text what should have been a time. */
function timeHint(text: string | undefined, hasClock: boolean): string {
  const [, separator, clock] = /^\d\d?([/-])\d\d?\1\d{4}(.*)$/.exec(text?.trim() ?? '') ?? [];
  if (text === undefined || separator === undefined) {
    const isClock = !hasClock && text !== undefined && TIME_OF_DAY.test(text.trim());
    return text === undefined
      ? ''
      : `: the last text there is ${quote(text)}${isClock ? '. If the date is in another value, set Time to At a path with the path of the date, and Time of day path to this one' : ''}`;
  }
  const rest = clock.replace(CLOCK, (_, seconds, blank, half) => {
    const minutes = `${half === undefined ? 'HH' : 'h'}:mm${seconds === undefined ? '' : ':ss'}`;
    return half === undefined ? minutes : `${minutes}${blank}A`;
  });
  const formats = ['M/D', 'D/M'].map((order) => `${order.replace('/', separator)}${separator}YYYY${rest}`);
  return `: the day and the month of ${quote(text)} cannot be told apart, so set ${formats.join(' or ')}`;
}

const TIME_OF_DAY = /^\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[AP]M)?$/i;

const CLOCK = /\d\d?:\d\d(:\d\d)?(?:(\s*)([AP]M))?/i;

/** A unit that is a thousandfold off makes a year of 1970, or one that is far ahead. */
function skewAdvice(offsetMs: number, now: number): string {
  const ratio = now / (now + offsetMs);
  const factor = [1e3, 1e6, 1e-3, 1e-6].find((each) => Math.abs(ratio / each - 1) < UNIT_TOLERANCE);
  return factor === undefined
    ? "If the sender's clock is right, set the time zone in the query. If the sender's clock is wrong, set Time to Arrival."
    : `Their unit is off by a factor of ${formatNumber(Math.max(factor, Math.round(1 / factor)))}: set the time format of the query.`;
}

/** `2 h`, `3 d`: rounded to what matters for a clock that is wrong. */
function duration(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 90) {
    return `${minutes} min`;
  }
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${formatNumber(Math.round(hours / 24))} d`;
}

/** For a panel that is empty because all stored rows are outside its time range. */
export function outOfRangeNotice(stream: SharedStream, clock: NoticeClock): QueryResultMetaNotice[] {
  const times = stream.series.flatMap(({ frame }) => frame.newestTime ?? []);
  if (times.length === 0) {
    return [];
  }
  const newest = times.reduce((a, b) => Math.max(a, b));
  return [
    {
      severity: 'info',
      text: `No row is in this time range. The newest row is from ${timeText(newest, clock)}.`,
    },
  ];
}

/**
 * For series that could not store all rows of the time range. A query with a limit of its own gets no notice, because
 * its author chose the limit.
 *
 * @param fromMs the start of the time range, in milliseconds since the epoch.
 */
export function evictedRowsNotice(
  { series, memoryLimited, spec }: SharedStream,
  fromMs: number
): QueryResultMetaNotice[] {
  if (spec.maxRows === undefined) {
    return [];
  }
  const full = series.filter((each) => {
    const { frame } = each;
    return (
      frame.evicted > frame.thinned &&
      frame.length === frame.capacity &&
      frame.time(0) > fromMs &&
      !memoryLimited.has(each)
    );
  });
  if (full.length === 0) {
    return [];
  }
  const most = formatNumber(Math.max(...full.map(({ frame }) => frame.capacity)));
  const text = `This time range has more rows than a series can store. The panel has the newest ${most} rows of each series.`;
  return [{ severity: 'info', text }];
}

/**
 * For series of whose older rows only some are stored.
 *
 * @param fromMs the start of the time range, in milliseconds since the epoch.
 */
export function thinnedRowsNotice(
  { series }: SharedStream,
  fromMs: number,
  clock: NoticeClock
): QueryResultMetaNotice[] {
  const thinned = series.flatMap(({ thinner }) => (thinner !== undefined && thinner.before > fromMs ? [thinner] : []));
  if (thinned.length === 0) {
    return [];
  }
  const before = Math.max(...thinned.map((each) => each.before));
  const intervalMs = Math.max(...thinned.map((each) => each.intervalMs));
  const text = `This time range has more rows than a series can store. Before ${timeText(before, clock)}, the panel has the rows with the smallest and largest values of each ${formatNumber(intervalMs)} ms.`;
  return [{ severity: 'info', text }];
}

function filterList(filters: readonly string[]): string {
  return filters.length <= 3 ? filters.map((filter) => `"${filter}"`).join(', ') : `${filters.length} topic filters`;
}
