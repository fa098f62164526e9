import {
  CoreApp,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  LoadingState,
  type QueryResultMeta,
  type QueryResultMetaNotice,
} from '@grafana/data';
import { emptyFrame, toFrames, type ShapeOptions, type AnnouncedLookup } from '../frames';
import { arrivedViews } from './arrived-views';
import type { JoinedBackfill } from './join-backfill';
import type { MqttQuery, QueryDiagnostics } from '../types';
import type { ConnectionClient } from '../connection/client';
import { connectionNotices } from '../notices/connection';
import { mergeNotices, type QueryNotice } from '../notices/merge';
import {
  evictedRowsNotice,
  outOfRangeNotice,
  streamNotices,
  subscriptionErrors,
  thinnedRowsNotice,
} from '../notices/stream';
import { connectionDiagnostics, queryDiagnostics } from '../notices/diagnostics';
import { lostNotice } from '../notices/history';
import { type NoticeClock, timeText } from '../notices/time-text';
import type { SharedStream } from '../connection/shared-stream';
import type { Editing } from './editing-part';
import { linesError, linesPart, needsLines } from './lines-part';
import { liveViews } from './live-views';
import type { ParsedQuery } from './parse-query';
import { isWide, unpivot } from '../topics';
import { lostUntil, type OldestRows } from './rows-before';
import { seriesTitle } from './series-title';
import { followsClock, isLiveTail, isMixed, isOver, modeOf, type TimeWindow, windowOf } from './time-range';

/** A query and the stream that its rows come from. */
export interface Source {
  readonly query: ParsedQuery;
  readonly stream: SharedStream;
  /** The oldest rows that the query had before it was changed; see `rowsBefore`. */
  readonly before?: OldestRows;
  /** Older rows of another data source. */
  readonly backfill?: JoinedBackfill | undefined;
}

/** Everything that a response is made of. */
export interface ResponseParts {
  readonly request: DataQueryRequest<MqttQuery>;
  readonly sources: readonly Source[];
  /** Queries that could not be parsed. */
  readonly parseErrors: readonly DataQueryError[];
  /** Defined where there are sources. */
  readonly connection: ConnectionClient | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Defined if somebody is editing the queries: the response has suggestions and counts. */
  readonly editing?: Editing | undefined;
  /** Metadata that devices announce about their values on discovery topics. */
  readonly announced?: AnnouncedLookup;
}

/** Core replaces the earlier response with the same key, so all queries of a request share one response. */
const KEY = 'mqtt';

/** The points that a panel has room for where its request does not say. */
const MAX_POINTS = 1_000;

export function hasRows(sources: readonly Source[]): boolean {
  return sources.some(
    ({ stream, backfill }) => backfill?.hasRows === true || stream.series.some(({ frame }) => frame.length > 0)
  );
}

/** The frames of all queries as they are now, with their notices. */
export function makeResponse(parts: ResponseParts, state: LoadingState): DataQueryResponse {
  const window = windowOf(parts.request);
  const { connection, sources, parseErrors } = parts;
  const all: QueryNotice[] =
    connection === undefined ? [] : connectionNotices(connection.status, connection.options.url, clockOf(parts));
  const data = sources.flatMap((source) => framesOf(source, parts, window, all));
  if (isOver(parts.request, parts.now)) {
    all.push({ severity: 'info', text: endedNotice(window.to, clockOf(parts)) });
  }
  const errors = errorsOf(parts);
  if (errors.length === 0) {
    // Next to queries that stream, an error would stop the panel's time axis; a notice has the same text and does not.
    for (const { refId = '', message = '' } of parseErrors) {
      all.push({ refId, severity: 'error', text: message });
      data.push(withDiagnostics(emptyFrame(refId), { problems: [message], messages: 0, failed: 0 }, parts));
    }
  }
  const notices = mergeNotices(
    // An error of the response is not repeated as a notice.
    errors.length === 0 ? all : all.filter(({ severity }) => severity !== 'error'),
    sources.length + parseErrors.length
  );
  if (notices.length > 0 && data.length > 0) {
    data[0].meta = { ...data[0].meta, notices };
  }
  return errors.length === 0
    ? { key: KEY, state, data }
    : { key: KEY, state: LoadingState.Error, data, errors, error: errors[0] };
}

/** The errors, if none of the queries can have rows; empty as soon as one can. */
function errorsOf(parts: ResponseParts): DataQueryError[] {
  const { request, sources, parseErrors, connection } = parts;
  if (connection === undefined) {
    return [...parseErrors];
  }
  const { status, options } = connection;
  // With rows, a notice is enough in dashboards. Explore shows no notices; a snapshot of stored rows is right without a
  // connection there too, and nothing would remove its error later.
  const isShown = !hasRows(sources) || (request.app === CoreApp.Explore && followsClock(request));
  if (isShown && 'error' in status && status.error !== undefined) {
    // The error belongs to no single query: it is shown once.
    return [{ message: connectionNotices(status, options.url, clockOf(parts))[0].text }, ...parseErrors];
  }
  if (hasRows(sources)) {
    return [];
  }
  const refused = sources.flatMap(({ query: { refId, spec }, stream }): DataQueryError[] => {
    const messages = subscriptionErrors(stream, status);
    return messages.length < spec.filters.length ? [] : [{ refId, message: messages.join(' ') }];
  });
  return refused.length === sources.length ? [...parseErrors, ...refused] : [];
}

/** @param all the notices of the response, to which those of this query are added. */
function framesOf(
  { query, stream, before, backfill }: Source,
  parts: ResponseParts,
  window: TimeWindow,
  all: QueryNotice[]
): DataFrame[] {
  const { status } = parts.connection!;
  const { refId } = query;
  const clock = clockOf(parts);
  const notices = streamNotices(stream, status, clock, query.shownSeries);
  notices.push(...lostNotice(lostUntil(stream, before, window.from), clock));
  const { series } = stream;
  const live = liveViews(query, series.length > query.shownSeries ? series.slice(0, query.shownSeries) : series);
  const views = backfill?.join(live) ?? arrivedViews(live, parts.connection!.arrivals.byTopic, window, query.spec);
  notices.push(...(backfill?.notices ?? []).map((text) => ({ severity: 'warning', text }) as const));
  const shape = shapeOptions(query, parts, window, stream, backfill !== undefined);
  const hasLines = needsLines({ query });
  const lines = hasLines ? linesPart() : undefined;
  const frames = views.length === 0 ? [emptyFrame(refId)] : toFrames(query.shape, views, shape, lines);
  if (hasLines && lines === undefined) {
    const error = linesError();
    notices.push(...(error === undefined ? [] : [{ severity: 'error', text: error } as const]));
  } else if (views.length > 0) {
    if (isMixed(parts.request)) {
      endTimesAt(window.to, frames);
    }
    if (frames.every(({ length }) => length === 0)) {
      notices.push(...outOfRangeNotice(stream, clock));
    }
    if (query.shape !== 'latest' && backfill === undefined) {
      notices.push(...evictedRowsNotice(stream, shape.window.from));
      notices.push(...thinnedRowsNotice(stream, shape.window.from, clock));
    }
    notices.push(...takeNotices(frames));
  }
  all.push(...notices.map(({ severity, text }) => ({ refId, severity, text })));
  const announced = announcedFor(query, parts);
  withDiagnostics(
    frames[0],
    {
      ...queryDiagnostics(stream, subscriptionErrors(stream, status)),
      ...parts.editing?.editorDiagnostics({ request: parts.request, refId, stream, notices, announced, clock }),
    },
    parts
  );
  frames[0].meta = { ...frames[0].meta, ...inspectorMeta(stream, parts) };
  return frames;
}

/** The parts of Grafana's query inspector: the subscription in its tab Query, the counts in its tab Stats. */
function inspectorMeta({ spec, series, stats }: SharedStream, { connection }: ResponseParts): QueryResultMeta {
  const { messages, failed, droppedRows } = stats;
  const rows = series.reduce((sum, { frame }) => sum + frame.length, 0);
  const counts = { Messages: messages, 'Messages not decoded': failed, Series: series.length, 'Rows stored': rows };
  return {
    executedQueryString: `SUBSCRIBE ${spec.filters.join(', ')}\nQoS ${spec.qos}\n${connection?.options.url} (${connection?.status.state})`,
    stats: Object.entries({ ...counts, 'Rows dropped': droppedRows }).map(([displayName, value]) => ({
      displayName,
      value,
    })),
  };
}

function shapeOptions(
  query: ParsedQuery,
  parts: ResponseParts,
  window: TimeWindow,
  stream: SharedStream,
  hasPast: boolean
): ShapeOptions {
  const { request, sources } = parts;
  const labelled = stream.series.some(({ labels }) => Object.keys(labels).length > 0);
  const { intervalMs, maxDataPoints = MAX_POINTS } = request;
  // Rows that are older than those of the query are another data source's.
  const maxAgeMs = hasPast ? Infinity : (query.spec.maxAgeMs ?? Infinity);
  return {
    refId: query.refId,
    window: { from: Math.max(window.from, window.to - maxAgeMs), to: window.to },
    ...(followsClock(request) && !isMixed(request) ? undefined : { until: window.to }),
    ...(followsClock(request) && isMixed(request) ? { orUntil: parts.now } : undefined),
    legend: query.legend,
    // A pivoted series has many topics, of which its labels are what they have in common.
    title: query.pivot === undefined ? seriesTitle(query.patterns) : undefined,
    alone: sources.length === 1 && query.patterns.length === 1 && !query.patterns[0].wildcard && !labelled,
    reduce: { how: query.reduce, intervalMs, maxPoints: maxDataPoints },
    gaps: stream.gaps,
    joined: sources.length > 1 || isMixed(request),
    announced: announcedFor(query, parts),
    marksRetained: query.spec.retained === 'mark',
    // Explore's Live shows the time and the line, and no labels (LiveLogs.tsx).
    linesNameTopic: isLiveTail(request) && (query.patterns.length > 1 || query.patterns[0].wildcard),
  };
}

/** After a zoom, nothing else on a panel says that it is no longer live. */
function endedNotice(end: number, clock: NoticeClock): string {
  return `The panel is not live: its time range ended at ${timeText(end, clock)}. Choose a time range up to now, such as "Last 5 minutes", to see new messages.`;
}

/**
 * Values that came while a snapshot was taken are those of its end: `-- Mixed --` shows it over the request's range, and
 * rows beyond would be outside of the panel.
 *
 * @param to milliseconds since the epoch.
 */
function endTimesAt(to: number, frames: readonly DataFrame[]): void {
  for (const { fields } of frames) {
    // In all shapes, the first field is the time.
    fields[0].values = fields[0].values.map((time: number) => Math.min(time, to));
  }
}

/**
 * An announcement names a path in the payload as it came, so it does not hold for items of a list or unwrapped bytes.
 */
function announcedFor(
  { spec: { rows, formatOptions }, pivot }: ParsedQuery,
  { announced }: ResponseParts
): AnnouncedLookup | undefined {
  if (announced === undefined || rows !== undefined || formatOptions?.unwrap !== undefined) {
    return undefined;
  }
  return pivot === undefined
    ? announced
    : (topic, path) =>
        isWide(topic) ? announced(unpivot(topic, String(path[0])), path.slice(1)) : announced(topic, path);
}

/** Removes the notices of the frames, which all have the same, and returns them once. */
function takeNotices(frames: readonly DataFrame[]): QueryResultMetaNotice[] {
  const notices = frames.find(({ meta }) => meta?.notices !== undefined)?.meta?.notices ?? [];
  for (const { meta } of frames) {
    delete meta?.notices;
  }
  return notices;
}

/** Puts what the query editor shows into a place of the frame that panels do not read. */
function withDiagnostics(frame: DataFrame, diagnostics: QueryDiagnostics, parts: ResponseParts): DataFrame {
  const { connection, request } = parts;
  const mqtt: QueryDiagnostics = {
    // The last response of a range that has ended is still there when an editor opens.
    mode: modeOf(request),
    ...(connection === undefined ? undefined : { connection: connectionDiagnostics(connection, clockOf(parts)) }),
    ...diagnostics,
  };
  frame.meta = { ...frame.meta, custom: { ...frame.meta?.custom, mqtt } };
  return frame;
}

function clockOf({ request, now }: ResponseParts): NoticeClock {
  return { now, timeZone: request.timezone };
}
