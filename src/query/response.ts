import {
  CoreApp,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  LoadingState,
  type QueryResultMetaNotice,
} from '@grafana/data';
import { emptyFrame, toFrames, type SeriesView, type ShapeOptions, type AnnouncedLookup } from '../frames';
import type { MqttQuery, QueryDiagnostics } from '../types';
import type { ConnectionClient } from '../connection/client';
import { connectionNotices } from '../notices/connection';
import { mergeNotices, type QueryNotice } from '../notices/merge';
import { suggestValueMappings } from './value-mapping-suggestions';
import { cutNotice, noticesOf, outsideNotice, refusals } from '../notices/notices';
import { connectionDiagnostics, diagnosticsOf } from '../notices/diagnostics';
import type { SharedStream } from '../connection/shared-stream';
import { seriesLabels, type ParsedQuery } from './parse-query';
import { followsClock, type TimeWindow, windowOf } from './time-range';

/** A query and where its rows come from. */
export interface Source {
  readonly target: ParsedQuery;
  readonly stream: SharedStream;
}

/** All that a packet is made of. */
export interface ResponseParts {
  readonly request: DataQueryRequest<MqttQuery>;
  readonly sources: readonly Source[];
  /** Queries that could not be read. */
  readonly faults: readonly DataQueryError[];
  /** There where there are sources. */
  readonly connection: ConnectionClient | undefined;
  readonly now: number;
  /** Somebody is writing the queries, and is told what they could be. */
  readonly editing?: boolean;
  /** What devices announce of their values elsewhere. */
  readonly announced?: AnnouncedLookup;
}

/** Core merges packets by key and replaces what had the same one, so there is one packet for all queries. */
const KEY = 'mqtt';

/** Points that a panel is taken to have room for where it does not say. */
const MAX_POINTS = 1_000;

export function hasRows(sources: readonly Source[]): boolean {
  return sources.some(({ stream }) => stream.series.some(({ frame }) => frame.length > 0));
}

/** The frames of all queries as they are now, with what there is to say about them. */
export function makeResponse(parts: ResponseParts, state: LoadingState): DataQueryResponse {
  const window = windowOf(parts.request);
  const { connection, sources, faults, now } = parts;
  const said: QueryNotice[] =
    connection === undefined ? [] : connectionNotices(connection.status, connection.options.url, now);
  const data = sources.flatMap((source) => framesOf(source, parts, window, said));
  const errors = errorsOf(parts);
  if (errors.length === 0) {
    // Beside queries that stream, an error would stop the panel's time axis; a notice says the same and does not.
    for (const { refId = '', message = '' } of faults) {
      said.push({ refId, severity: 'error', text: message });
      data.push(withReport(emptyFrame(refId), { problems: [message], messages: 0, failed: 0 }, parts));
    }
  }
  // What is an error already is not said once more.
  const notices = mergeNotices(
    errors.length === 0 ? said : said.filter(({ severity }) => severity !== 'error'),
    sources.length + faults.length
  );
  if (notices.length > 0 && data.length > 0) {
    data[0].meta = { ...data[0].meta, notices };
  }
  return errors.length === 0
    ? { key: KEY, state, data }
    : { key: KEY, state: LoadingState.Error, data, errors, error: errors[0] };
}

/** The errors where none of the queries can give anything; empty as soon as one can. */
function errorsOf({ request, sources, faults, connection, now }: ResponseParts): DataQueryError[] {
  if (connection === undefined) {
    return [...faults];
  }
  const { status, options } = connection;
  // Explore shows errors and no notices; in dashboards a panel that last had an error does not ask again when it
  // comes back into view, so a broker that is down for a moment would leave it dead. A snapshot of what is kept is
  // right without a connection, and there is nothing that would take its error away.
  const live = followsClock(request) || !hasRows(sources);
  if (request.app === CoreApp.Explore && live && 'error' in status && status.error !== undefined) {
    // It is no single query's: Explore shows it once, over all of them.
    return [{ message: connectionNotices(status, options.url, now)[0].text }, ...faults];
  }
  if (hasRows(sources)) {
    return [];
  }
  const refused = sources.flatMap(({ target: { refId, spec }, stream }): DataQueryError[] => {
    const messages = refusals(stream, status);
    return messages.length < spec.filters.length ? [] : [{ refId, message: messages.join(' ') }];
  });
  return refused.length === sources.length ? [...faults, ...refused] : [];
}

/** @param said what there is to say about them is added to it. */
function framesOf(
  { target, stream }: Source,
  parts: ResponseParts,
  window: TimeWindow,
  said: QueryNotice[]
): DataFrame[] {
  const { status } = parts.connection!;
  const { refId } = target;
  const say = (notices: readonly QueryResultMetaNotice[]): void => {
    said.push(...notices.map(({ severity, text }) => ({ refId, severity, text })));
  };
  say(noticesOf(stream, status, parts.now));
  const views: SeriesView[] = [];
  for (const series of stream.series) {
    series.lastRead = performance.now();
    if (series.frame.columns.length > 0) {
      views.push({ topic: series.topic, frame: series.frame, labels: seriesLabels(target, series) });
    }
  }
  const offers = parts.editing === true ? suggestValueMappings(stream, announcedFor(target, parts)) : [];
  const report = diagnosticsOf(stream, refusals(stream, status), offers);
  if (views.length === 0) {
    return [withReport(emptyFrame(refId), report, parts)];
  }
  const shape = shapeOptions(target, parts, window, stream);
  const frames = toFrames(target.shape, views, shape);
  if (frames.every(({ length }) => length === 0)) {
    say(outsideNotice(stream));
  }
  if (target.shape !== 'latest') {
    say(cutNotice(stream, shape.window.from));
  }
  say(takeNotices(frames));
  withReport(frames[0], report, parts);
  return frames;
}

function shapeOptions(
  target: ParsedQuery,
  parts: ResponseParts,
  window: TimeWindow,
  stream: SharedStream
): ShapeOptions {
  const { request, sources } = parts;
  const labelled = stream.series.some(({ labels }) => Object.keys(labels).length > 0);
  const { intervalMs, maxDataPoints = MAX_POINTS } = request;
  const { maxAgeMs = Infinity } = target.spec;
  return {
    refId: target.refId,
    window: { from: Math.max(window.from, window.to - maxAgeMs), to: window.to },
    legend: target.legend,
    alone: sources.length === 1 && target.patterns.length === 1 && !target.patterns[0].wildcard && !labelled,
    reduce: { how: target.reduce, intervalMs, maxPoints: maxDataPoints },
    gaps: stream.gaps,
    announced: announcedFor(target, parts),
  };
}

/** What is announced is where a value lies in the payload as it came, not in an item or in bytes taken out of it. */
function announcedFor(
  { spec: { rows, formatOptions } }: ParsedQuery,
  { announced }: ResponseParts
): AnnouncedLookup | undefined {
  return rows === undefined && formatOptions?.unwrap === undefined ? announced : undefined;
}

/** Takes the notices off the frames: there is one of a kind for each, and they are said once. */
function takeNotices(frames: readonly DataFrame[]): QueryResultMetaNotice[] {
  const notices = frames.find(({ meta }) => meta?.notices !== undefined)?.meta?.notices ?? [];
  for (const { meta } of frames) {
    delete meta?.notices;
  }
  return notices;
}

/** What the query editor is told, where the frame's readers do not look. */
function withReport(frame: DataFrame, report: QueryDiagnostics, { connection, now }: ResponseParts): DataFrame {
  const mqtt: QueryDiagnostics = {
    ...(connection === undefined ? undefined : { connection: connectionDiagnostics(connection, now) }),
    ...report,
  };
  frame.meta = { ...frame.meta, custom: { ...frame.meta?.custom, mqtt } };
  return frame;
}
