import type { QueryResultMetaNotice } from '@grafana/data';
import type { ConnectionStatus, StreamStats } from '../engine';
import { formatNumber } from '../payload';
import { timeText } from './connection';
import { shortenedTexts, leftOutTexts } from './limits';
import type { SharedStream } from '../connection/shared-stream';

/** A subscription that brings nothing for this long is worth a word, in milliseconds. */
const SILENT_MS = 3_000;

/** Topics that are named in the place of those that do not exist. */
const MAX_NEAREST = 3;

/** What a reader of the panel should know about a stream beside its data, worst first. */
export function streamNotices(stream: SharedStream, status: ConnectionStatus, now: number): QueryResultMetaNotice[] {
  return [
    ...subscriptionErrors(stream, status).map((text) => ({ severity: 'error', text }) as const),
    ...dataNotices(stream),
    ...shortenedTexts(stream.stats, stream.spec).map((text) => ({ severity: 'info', text }) as const),
    ...silence(stream, status, now),
  ];
}

/** The filters that the broker refused, in sentences; while there is no connection, it has refused none. */
export function subscriptionErrors({ refused }: SharedStream, { state }: ConnectionStatus): string[] {
  return state === 'connected'
    ? refused.map(({ filter, reason }) => `The broker refused the subscription to "${filter}": ${reason}.`)
    : [];
}

/** Whether a stream is subscribed to and has brought nothing for longer than messages take. */
export function isSilent({ grantedAt, stats }: SharedStream, { state }: ConnectionStatus, now: number): boolean {
  return state === 'connected' && stats.messages === 0 && grantedAt !== undefined && now - grantedAt > SILENT_MS;
}

function silence(stream: SharedStream, status: ConnectionStatus, now: number): QueryResultMetaNotice[] {
  if (!isSilent(stream, status, now)) {
    return [];
  }
  const { grantedAt = now, spec, nearest } = stream;
  const topics = [...new Set(nearest.flatMap(({ topics }) => topics))].slice(0, MAX_NEAREST);
  if (topics.length > 0) {
    const list = topics.map((topic) => `"${topic}"`).join(', ');
    return [
      {
        severity: 'info',
        text: `No message yet. Nearest topics that exist: ${list}. Subscribed to ${filterList(spec.filters)} since ${timeText(grantedAt, now)}.`,
      },
    ];
  }
  return [
    {
      severity: 'info',
      text: `Connected and subscribed, but no message has come yet. Topics are case-sensitive, and a leading "/" counts. Subscribed to ${filterList(spec.filters)} since ${timeText(grantedAt, now)}.`,
    },
  ];
}

function dataNotices(stream: SharedStream): QueryResultMetaNotice[] {
  const { stats, memoryLimited: shortened, spec, late } = stream;
  const texts: string[] = [];
  if (stats.failed > 0) {
    texts.push(
      `${formatNumber(stats.failed)} of ${formatNumber(stats.messages)} messages did not decode.${failures(stats)}`
    );
  }
  if (stats.lastProblem !== undefined) {
    const { topic, reason } = stats.lastProblem;
    texts.push(`${formatNumber(stats.partial)} messages were read in part. The last one, on "${topic}": ${reason}`);
  }
  texts.push(...leftOutTexts(stats, spec));
  if (stats.mistypedValues > 0) {
    texts.push(
      `${formatNumber(stats.mistypedValues)} values are not of the type that the query gives their field, and are null. Choose Auto or Text to see them.`
    );
  }
  if (stats.inexactValues > 0) {
    texts.push(
      `${formatNumber(stats.inexactValues)} integers are too large for a number to be exact, and are shown as the nearest one. Give their field the type Text to see all digits.`
    );
  }
  if (stats.siblingValues > 0) {
    texts.push(
      `${formatNumber(stats.siblingValues)} values are of another type than their field: name the field and its type in the query, or change the words of its value mapping. They are in a field beside it, such as "Value (text)".`
    );
  }
  if (stats.otherUnitValues > 0) {
    texts.push(
      `${formatNumber(stats.otherUnitValues)} values have another unit than their field, and are in a field beside it, such as "Value (°F)". If they measure different things, make a label of what tells them apart.`
    );
  }
  texts.push(...timeTexts(stream));
  if (shortened.size > 0) {
    texts.push(
      `Memory is short: ${formatNumber(shortened.size)} series keep fewer rows than the ${formatNumber(spec.pendingRows)} asked for. Keep fewer rows, or raise the memory limit of the data source.`
    );
  }
  if (stats.droppedRows > 0) {
    texts.push(
      `This browser does not keep up: narrow the topic filter, or close panels. ${formatNumber(stats.droppedRows)} rows, the oldest of those waiting, were dropped.`
    );
  }
  if (late > 0) {
    texts.push(
      `${formatNumber(late)} rows came late and were dropped: keep more rows. Their times are before all that their series still keep.`
    );
  }
  return texts.map((text) => ({ severity: 'warning', text }));
}

function failures({ firstFailure: first, lastFailure: last }: StreamStats): string {
  if (first === undefined || last === undefined) {
    return '';
  }
  const one = first.topic === last.topic && first.reason === last.reason;
  return `${one ? '' : ` The first one, on "${first.topic}": ${first.reason}`} The last one, on "${last.topic}": ${last.reason}`;
}

function timeTexts({ stats: { untimedRows, skew }, spec: { time } }: SharedStream): string[] {
  const texts: string[] = [];
  if (untimedRows > 0) {
    texts.push(
      `${formatNumber(untimedRows)} rows have no time that could be read at "${time?.path ?? ''}": check the path and the time format. They have that of their arrival.`
    );
  }
  if (skew !== undefined) {
    const where = skew.offsetMs < 0 ? 'behind' : 'ahead of';
    const whose =
      skew.series > 1 ? `, in ${formatNumber(skew.series)} series, most on "${skew.topic}"` : ` on "${skew.topic}"`;
    texts.push(
      `The times in the payload are ${duration(skew.offsetMs)} ${where} their arrival${whose}. They are shown as they are. If the sender's clock is right, set the time zone of the query; if it is wrong, take the time of arrival.`
    );
  }
  return texts;
}

/** `2 h`, `3 d`: as far as it matters for a clock that is wrong. */
function duration(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 90) {
    return `${minutes} min`;
  }
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${formatNumber(Math.round(hours / 24))} d`;
}

/** Where a panel is empty because all that this tab has lies outside its time range. */
export function outOfRangeNotice(stream: SharedStream): QueryResultMetaNotice[] {
  const times = stream.series.flatMap(({ frame }) => frame.newestTime ?? []);
  if (times.length === 0) {
    return [];
  }
  const newest = times.reduce((a, b) => Math.max(a, b));
  return [
    {
      severity: 'info',
      text: `Nothing in this time range: the newest message came at ${new Date(newest).toLocaleString()}.`,
    },
  ];
}

/**
 * Where a series has been longer than it can keep rows, and the time range shows that its beginning is gone. A query
 * that says itself how many rows to keep needs no telling.
 */
export function evictedRowsNotice(
  { series, memoryLimited: shortened, spec }: SharedStream,
  fromMs: number
): QueryResultMetaNotice[] {
  if (spec.maxRows === undefined) {
    return [];
  }
  const cut = series.filter((each) => {
    const { frame } = each;
    return frame.evicted > 0 && frame.length === frame.capacity && frame.time(0) > fromMs && !shortened.has(each);
  });
  if (cut.length === 0) {
    return [];
  }
  const most = formatNumber(Math.max(...cut.map(({ frame }) => frame.capacity)));
  const text = `Messages come faster than a series can keep for this time range: it keeps its newest ${most} rows, and older ones are gone.`;
  return [{ severity: 'info', text }];
}

function filterList(filters: readonly string[]): string {
  return filters.length <= 3 ? filters.map((filter) => `"${filter}"`).join(', ') : `${filters.length} topic filters`;
}
