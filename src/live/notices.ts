import type { QueryResultMetaNotice } from '@grafana/data';
import type { ConnectionStatus } from '../engine';
import type { LiveStream } from './stream';
import { MAX_SERIES } from './targets';

/** A connection that takes longer than this is worth a word, in milliseconds. */
const SLOW_CONNECT_MS = 3_000;

/** A subscription that brings nothing for this long is worth a word, in milliseconds. */
const SILENT_MS = 3_000;

/** What a reader of the panel should know about a stream beside its data, worst first. */
export function noticesOf(
  stream: LiveStream,
  status: ConnectionStatus,
  url: string,
  now: number
): QueryResultMetaNotice[] {
  return [...connectionNotices(status, url, now), ...subscriptionNotices(stream, status, now), ...dataNotices(stream)];
}

function connectionNotices(status: ConnectionStatus, url: string, now: number): QueryResultMetaNotice[] {
  switch (status.state) {
    case 'connected':
      return [];
    case 'connecting':
      if (status.fault !== undefined) {
        return [{ severity: 'error', text: status.fault.message }];
      }
      return now - status.since < SLOW_CONNECT_MS
        ? []
        : [
            {
              severity: 'warning',
              text: `Still waiting for an answer from ${url}, for ${Math.floor((now - status.since) / 1000)} s. Check the host and the port, and whether a firewall is in between.`,
            },
          ];
    case 'reconnecting':
      return [{ severity: 'error', text: `No live data since ${clock(status.since)}. ${status.fault.message}` }];
    case 'stopped':
      return [{ severity: 'error', text: status.fault.message }];
  }
}

function subscriptionNotices(stream: LiveStream, status: ConnectionStatus, now: number): QueryResultMetaNotice[] {
  const notices: QueryResultMetaNotice[] = stream.refused.map(({ filter, reason }) => ({
    severity: 'error',
    text: `The broker refused the subscription to "${filter}": ${reason}.`,
  }));
  const { grantedAt } = stream;
  if (
    status.state === 'connected' &&
    stream.stats.messages === 0 &&
    grantedAt !== undefined &&
    now - grantedAt > SILENT_MS
  ) {
    notices.push({
      severity: 'info',
      text: `Connected and subscribed to ${filterList(stream.spec.filters)} since ${clock(grantedAt)}, but no message has come yet. Topics are case-sensitive, and a leading "/" counts.`,
    });
  }
  return notices;
}

function dataNotices({ stats, shortened, spec }: LiveStream): QueryResultMetaNotice[] {
  const notices: QueryResultMetaNotice[] = [];
  if (stats.failed > 0) {
    const last = stats.lastFailure;
    notices.push({
      severity: 'warning',
      text: `${count(stats.failed)} of ${count(stats.messages)} messages did not decode.${last === undefined ? '' : ` The last one, on "${last.topic}": ${last.reason}`}`,
    });
  }
  if (stats.refusedTopics > 0) {
    notices.push({
      severity: 'warning',
      text: `${count(MAX_SERIES + stats.refusedTopics)} topics match; the first ${count(MAX_SERIES)} are shown. Narrow the topic filter.`,
    });
  }
  if (stats.refusedValues > 0) {
    notices.push({
      severity: 'warning',
      text: `Messages have more fields than are shown; ${count(stats.refusedValues)} values were left out.`,
    });
  }
  if (shortened.size > 0) {
    notices.push({
      severity: 'warning',
      text: `Memory is short: ${count(shortened.size)} series keep fewer rows than the ${count(spec.maxRows)} asked for. Keep fewer rows, or raise the memory limit of the data source.`,
    });
  }
  if (stats.droppedRows > 0) {
    notices.push({
      severity: 'warning',
      text: `This browser does not keep up: ${count(stats.droppedRows)} rows, the oldest of those waiting, were dropped.`,
    });
  }
  return notices;
}

/** Where a panel is empty because all that this tab has lies outside its time range. */
export function outsideNotice(stream: LiveStream): QueryResultMetaNotice[] {
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

function filterList(filters: readonly string[]): string {
  return filters.length <= 3 ? filters.map((filter) => `"${filter}"`).join(', ') : `${filters.length} topic filters`;
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}

/** A time of day as the reader's clock shows it. */
function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString();
}
