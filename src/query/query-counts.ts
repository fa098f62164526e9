import type { SharedStream } from '../connection/shared-stream';
import { formatPath, parsePath, type Path } from '../payload';
import { compileRowsPath, jsonIn } from '../payload/paths';
import type { QueryCounts } from '../types';
import { getOrSet } from '../utils/get-or-set';
import { isObject } from '../utils/is-object';

/** The time over which messages are counted for a rate, in milliseconds. */
const RATE_MS = 30_000;

/** Paths that are suggested. Nobody reads more. */
const MAX_PATHS = 200;
const MAX_LEVELS = 10;
const MAX_ITEMS = 3;

/**
 * A stream that has just been opened first reads the messages that the tab has stored, which are not new. It takes less
 * than so many milliseconds.
 */
const SETTLE_MS = 2_000;

/** Counts of a stream while somebody looks at it. */
interface Observation {
  readonly since: number;
  /** Messages when the stream had settled; undefined before. */
  settled: number | undefined;
  /** The counts of the last seconds, oldest first. */
  samples: Array<{ readonly at: number; readonly messages: number }>;
}

const observations = new WeakMap<SharedStream, Observation>();

/** The counts of a stream. @param now milliseconds since the epoch. */
export function countsOf(stream: SharedStream, now: number): QueryCounts {
  const { series, stats, late, grantedQos } = stream;
  const seen = observe(stream, now);
  const age = ageOf(stream, seen, now);
  const rate = rateOf(stream, seen, now);
  return {
    ...(rate === undefined ? undefined : { rate }),
    ...(age === undefined ? undefined : { age }),
    topics: new Set(series.map(({ topic }) => topic)).size,
    series: series.length,
    rows: series.reduce((sum, { frame }) => sum + frame.length, 0),
    dropped: stats.droppedRows + late,
    ...(grantedQos === undefined ? undefined : { grantedQos }),
    ...pathsOf(stream),
  };
}

/** Paths of the columns of all series, and of the values in the last sample: columns have only what the query names. */
function pathsOf({ series, sample, spec }: SharedStream): Pick<QueryCounts, 'paths' | 'lists'> {
  const paths = new Set<string>();
  const lists = new Set<string>();
  for (const { frame } of series) {
    for (const { path } of frame.columns) {
      if (path.length > 0 && paths.size < MAX_PATHS) {
        paths.add(formatPath(path));
      }
    }
  }
  if (sample !== undefined && sample.bytes.length === sample.length) {
    const value = jsonIn(new TextDecoder().decode(sample.bytes));
    const items = spec.rows === undefined ? undefined : itemsAt(value, spec.rows);
    addPaths(paths, items ?? (Array.isArray(value) ? value[0] : value), []);
    addLists(lists, value, []);
  }
  return { paths: [...paths], lists: [...lists] };
}

function itemsAt(value: unknown, rows: string): unknown {
  const items = compileRowsPath(parsePath(rows))(value);
  return Array.isArray(items) ? items[0] : items;
}

function addPaths(paths: Set<string>, value: unknown, path: Path): void {
  if (paths.size >= MAX_PATHS || path.length > MAX_LEVELS) {
    return;
  }
  if (Array.isArray(value)) {
    value.slice(0, MAX_ITEMS).forEach((item, i) => addPaths(paths, item, [...path, i]));
  } else if (isObject(value)) {
    Object.entries(value).forEach(([key, item]) => addPaths(paths, item, [...path, key]));
  } else if (path.length > 0) {
    paths.add(formatPath(path));
  }
}

/** A list in a list is found by what is around it. */
function addLists(lists: Set<string>, value: unknown, path: Path): void {
  if (lists.size >= MAX_PATHS || path.length > MAX_LEVELS) {
    return;
  }
  if (Array.isArray(value)) {
    // The payload itself has no path.
    if (path.length > 0) {
      lists.add(formatPath(path));
    }
  } else if (isObject(value)) {
    Object.entries(value).forEach(([key, item]) => addLists(lists, item, [...path, key]));
  }
}

function observe(stream: SharedStream, now: number): Observation {
  const seen = getOrSet(observations, stream, () => ({ since: now, settled: undefined, samples: [] }));
  if (now - seen.since >= SETTLE_MS) {
    seen.settled ??= stream.liveMessages;
  }
  return seen;
}

/** Of the last message that was seen to arrive, else of the newest row. */
function ageOf({ series, liveMessages, lastMessageAt }: SharedStream, seen: Observation, now: number) {
  const isNew = seen.settled !== undefined && liveMessages > seen.settled;
  const times = series.flatMap(({ frame }) => frame.newestTime ?? []);
  const last = isNew ? lastMessageAt : times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
  return last === undefined ? undefined : Math.max(0, now - last);
}

function rateOf({ liveMessages: messages }: SharedStream, seen: Observation, now: number): number | undefined {
  if (seen.settled === undefined) {
    return undefined;
  }
  const recent = seen.samples.filter(({ at }) => at <= now && now - at <= RATE_MS);
  const [first] = recent;
  // A sample a second is enough: responses come ten times as often.
  if (recent.length === 0 || now - recent[recent.length - 1].at >= 1_000) {
    recent.push({ at: now, messages });
  }
  seen.samples = recent;
  return first === undefined || now - first.at < 1_000
    ? undefined
    : ((messages - first.messages) * 1_000) / (now - first.at);
}
