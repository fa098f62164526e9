import type { DataQueryRequest } from '@grafana/data';
import type { SharedStream } from '../connection/shared-stream';
import type { MqttQuery } from '../types';
import { getOrSet } from '../utils/get-or-set';
import { queryRunnerOf } from './query-runner';

/** The time of the oldest row by topic, in milliseconds since the epoch. */
export type OldestRows = ReadonlyMap<string, number>;

interface Shown {
  /** Of its stream. */
  readonly key: string;
  readonly before: OldestRows;
  readonly oldest: OldestRows;
}

const NONE: OldestRows = new Map();

/** The rows of each panel's queries when they ran last. */
const shown = new WeakMap<object, Map<string, Shown>>();

/** @returns the oldest rows that the panel's query had before it was changed; empty if it was not. */
export function rowsBefore(request: DataQueryRequest<MqttQuery>, refId: string, { key }: SharedStream): OldestRows {
  const last = queriesOf(request)?.get(keyOf(request, refId));
  if (last === undefined) {
    return NONE;
  }
  // Rows of before an earlier change are still missing.
  return last.key === key ? last.before : older(last.oldest, last.before);
}

interface Ended {
  readonly query: { readonly refId: string };
  readonly stream: SharedStream;
  /** The result of {@link rowsBefore} when the query began. */
  readonly before?: OldestRows;
}

/** To be called when the run of queries ends. */
export function rememberRows(request: DataQueryRequest<MqttQuery>, ended: readonly Ended[]): void {
  for (const { query, stream, before = NONE } of ended) {
    queriesOf(request)?.set(keyOf(request, query.refId), { key: stream.key, before, oldest: oldestRows(stream) });
  }
}

/**
 * Until when rows are missing because the query was changed: their messages are no longer stored, and no historian has
 * sent them.
 *
 * @param from rows of before are not shown, in milliseconds since the epoch.
 * @returns milliseconds since the epoch; undefined if no row is missing.
 */
export function lostUntil(stream: SharedStream, before: OldestRows = NONE, from = -Infinity): number | undefined {
  const { lost, past, hasPast, series } = stream;
  // Rows that the query itself gives up are none of these.
  if (
    before.size === 0 ||
    lost === undefined ||
    (past.state === 'requesting' && !hasPast) ||
    series.some(({ frame }) => frame.evicted > 0)
  ) {
    return undefined;
  }
  const oldest = oldestRows(stream);
  let until = from;
  for (const [topic, time] of before) {
    const last = typeof lost === 'number' ? lost : (lost.get(topic) ?? 0);
    if (time <= last && (oldest.get(topic) ?? Infinity) >= last) {
      until = Math.max(until, last);
    }
  }
  return until > from ? until : undefined;
}

function oldestRows({ series }: SharedStream): OldestRows {
  return older(
    NONE,
    series.flatMap(({ topic, frame }) => (frame.length === 0 ? [] : [[topic, frame.time(0)] as const]))
  );
}

function older(rows: OldestRows, others: Iterable<readonly [string, number]>): OldestRows {
  const all = new Map(rows);
  for (const [topic, time] of others) {
    all.set(topic, Math.min(time, all.get(topic) ?? time));
  }
  return all;
}

/** Explore and old dashboards have no query runner: there, the key alone names the panel. */
function queriesOf(request: DataQueryRequest<MqttQuery>): Map<string, Shown> | undefined {
  const owner = queryRunnerOf(request) ?? (request.panelId === undefined ? undefined : NONE);
  return owner && getOrSet(shown, owner, () => new Map());
}

function keyOf({ dashboardUID, panelId }: DataQueryRequest<MqttQuery>, refId: string): string {
  return [dashboardUID, panelId, refId].join(' ');
}
