import {
  CoreApp,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  LoadingState,
  type QueryResultMetaNotice,
} from '@grafana/data';
import { noticeFrame, shapedFrames, type SeriesView, type ShapeOptions, type UnitLookup } from '../frames';
import type { MqttQuery } from '../types';
import type { LiveConnection } from './connection';
import { cutNotice, noticesOf, outsideNotice } from './notices';
import { reportOf } from './report';
import type { LiveStream } from './stream';
import { seriesLabels, type Target } from './targets';
import { type Window, windowOf } from './window';

/** A query and where its rows come from. */
export interface Source {
  readonly target: Target;
  readonly stream: LiveStream;
}

/** All that a packet is made of. */
export interface PacketParts {
  readonly request: DataQueryRequest<MqttQuery>;
  readonly sources: readonly Source[];
  /** Queries that could not be read. */
  readonly faults: readonly DataQueryError[];
  /** There where there are sources. */
  readonly connection: LiveConnection | undefined;
  readonly now: number;
  /** Units that devices announce elsewhere. */
  readonly unitOf?: UnitLookup;
}

/** Core merges packets by key and replaces what had the same one, so there is one packet for all queries. */
const KEY = 'mqtt';

/** Points that a panel is taken to have room for where it does not say. */
const MAX_POINTS = 1_000;

export function hasRows(sources: readonly Source[]): boolean {
  return sources.some(({ stream }) => stream.series.some(({ frame }) => frame.length > 0));
}

/** The frames of all queries as they are now, with what there is to say about them. */
export function makePacket(parts: PacketParts, state: LoadingState): DataQueryResponse {
  const window = windowOf(parts.request);
  const data = parts.sources.flatMap((source) => framesOf(source, parts, window));
  const errors = errorsOf(parts);
  if (errors.length > 0) {
    return { key: KEY, state: LoadingState.Error, data, errors, error: errors[0] };
  }
  // Beside queries that stream, an error would stop the panel's time axis; a notice says the same and does not.
  for (const { refId = '', message = '' } of parts.faults) {
    data.push(noticeFrame(refId, [{ severity: 'error', text: message }]));
  }
  return { key: KEY, state, data };
}

/** The errors where none of the queries can give anything; empty as soon as one can. */
function errorsOf({ request, sources, faults, connection, now }: PacketParts): DataQueryError[] {
  if (connection === undefined || hasRows(sources)) {
    return connection === undefined ? [...faults] : [];
  }
  const { status, options } = connection;
  const refused = sources.flatMap(({ target: { refId, spec }, stream }): DataQueryError[] =>
    stream.refused.length < spec.filters.length
      ? []
      : [{ refId, message: noticesOf(stream, status, options.url, now)[0]?.text }]
  );
  if (refused.length === sources.length) {
    return [...faults, ...refused];
  }
  // Explore shows errors and no notices; in dashboards a panel that last had an error does not ask again when it
  // comes back into view, so a broker that is down for a moment would leave it dead.
  if (request.app === CoreApp.Explore && 'fault' in status && status.fault !== undefined) {
    const { message } = status.fault;
    return [...faults, ...sources.map(({ target: { refId } }) => ({ refId, message }))];
  }
  return [];
}

function framesOf({ target, stream }: Source, parts: PacketParts, window: Window): DataFrame[] {
  const { status, options } = parts.connection!;
  const notices = noticesOf(stream, status, options.url, parts.now);
  const views: SeriesView[] = [];
  for (const series of stream.series) {
    series.lastRead = performance.now();
    if (series.frame.columns.length > 0) {
      views.push({ topic: series.topic, frame: series.frame, labels: seriesLabels(target, series) });
    }
  }
  if (views.length === 0) {
    return withReport([noticeFrame(target.refId, notices)], stream);
  }
  const shape = shapeOptions(target, parts, window, stream);
  const frames = shapedFrames(target.shape, views, shape);
  if (frames.every(({ length }) => length === 0)) {
    notices.push(...outsideNotice(stream));
  }
  if (target.shape !== 'latest') {
    notices.push(...cutNotice(stream, shape.window.from));
  }
  return withReport(withNotices(frames, notices), stream);
}

function shapeOptions(
  target: Target,
  { request, sources, unitOf }: PacketParts,
  window: Window,
  stream: LiveStream
): ShapeOptions {
  const labelled = stream.series.some(({ labels }) => Object.keys(labels).length > 0);
  const { intervalMs, maxDataPoints = MAX_POINTS } = request;
  const { maxAgeMs = Infinity, rows, formatOptions } = target.spec;
  return {
    refId: target.refId,
    window: { from: Math.max(window.from, window.to - maxAgeMs), to: window.to },
    legend: target.legend,
    alone: sources.length === 1 && target.patterns.length === 1 && !target.patterns[0].wildcard && !labelled,
    reduce: { how: target.reduce, intervalMs, maxPoints: maxDataPoints },
    gaps: stream.gaps,
    // What is announced is where a value lies in the payload as it came, not in an item or in bytes taken out of it.
    unitOf: rows === undefined && formatOptions?.unwrap === undefined ? unitOf : undefined,
  };
}

/** Puts the notices on the first frame. Core lists those of all frames of a panel, so one of a kind is enough. */
function withNotices(frames: DataFrame[], notices: readonly QueryResultMetaNotice[]): DataFrame[] {
  const ofFrames = frames.find(({ meta }) => meta?.notices !== undefined)?.meta?.notices ?? [];
  for (const frame of frames) {
    delete frame.meta?.notices;
  }
  const all = [...notices, ...ofFrames];
  if (all.length > 0) {
    frames[0].meta = { ...frames[0].meta, notices: all };
  }
  return frames;
}

/** What the query editor is told, where the frame's readers do not look. */
function withReport(frames: DataFrame[], stream: LiveStream): DataFrame[] {
  const [first] = frames;
  first.meta = { ...first.meta, custom: { ...first.meta?.custom, mqtt: reportOf(stream) } };
  return frames;
}
