import type { StreamSpec } from '../engine';
import { checkRowMapping, Namer, type RowMappingSpec } from '../payload';
import { migrateQuery } from '../migrate';
import { expandVariables, parsePatterns, pivotFilters, type Replace, type TopicPattern } from '../topics';
import {
  type BackfillChoice,
  DEFAULT_ROWS,
  DEFAULT_SERIES,
  DEFAULT_TIME_SERIES,
  type FrameShape,
  MAX_ROWS,
  type MqttQuery,
  type ReduceMode,
} from '../types';
import type { StreamSeries } from '../connection/shared-stream';

/** A parsed query: what to subscribe to and how to show it. */
export interface ParsedQuery {
  readonly refId: string;
  readonly patterns: readonly TopicPattern[];
  readonly spec: StreamSpec;
  readonly shape: FrameShape;
  readonly legend: string | undefined;
  readonly reduce: ReduceMode | undefined;
  readonly backfill: BackfillChoice | undefined;
  /** The named level that is the name of a field, and no label. */
  readonly pivot: string | undefined;
  /** The series that a response has, the first of the stream's, which queries of other shapes share. */
  readonly shownSeries: number;
}

/** Parses a saved query. @throws {Error} if the query is invalid; the message says what to correct. */
export function parseQuery(saved: MqttQuery, replace: Replace): ParsedQuery {
  const query = migrateQuery(saved);
  const patterns = parsePatterns(expandVariables(query.topic ?? '', replace));
  const { rows, seconds } = query.keep ?? {};
  const pivot = query.pivot?.trim() || undefined;
  return {
    refId: query.refId,
    patterns,
    spec: {
      filters: [...new Set(patterns.map(({ filter }) => filter))],
      qos: query.qos ?? 0,
      format: query.format ?? 'auto',
      ...(hasKeys(query.formatOptions) ? { formatOptions: query.formatOptions } : undefined),
      ...rowMappingOf(query),
      ...(pivot === undefined ? undefined : { pivot: pivotFilters(patterns, pivot) }),
      ...(query.retained === 'mark' || query.retained === 'ignore' ? { retained: query.retained } : undefined),
      ...(rows !== undefined && rows >= 1
        ? { pendingRows: Math.min(Math.floor(rows), MAX_ROWS) }
        : { pendingRows: DEFAULT_ROWS, maxRows: MAX_ROWS }),
      maxSeries: DEFAULT_SERIES,
      ...(seconds !== undefined && seconds > 0 ? { maxAgeMs: seconds * 1_000 } : undefined),
    },
    shape: query.shape ?? 'series',
    legend: query.legend,
    reduce: query.reduce,
    // JSON that was written by hand may have only one of the two.
    backfill: query.backfill?.datasource && query.backfill.query ? query.backfill : undefined,
    pivot,
    shownSeries: (query.shape ?? 'series') === 'series' ? DEFAULT_TIME_SERIES : DEFAULT_SERIES,
  };
}

/** Whether a panel shows of many rows only their smallest and largest values, or only the newest. */
export function isEnvelope({ shape, reduce }: ParsedQuery): boolean {
  return shape === 'latest' || (shape === 'series' && (reduce === undefined || reduce === 'minmax'));
}

/** How messages become rows, without the options that have their default. */
function rowMappingOf({ rows, rowsAs, fields, mappings, labels, time, fill }: MqttQuery): RowMappingSpec {
  const mapping: RowMappingSpec = {
    ...(rows === undefined || rows.trim() === '' ? undefined : { rows }),
    ...(rowsAs === undefined ? undefined : { rowsAs }),
    ...(isEmpty(fields) ? undefined : { fields }),
    ...(isEmpty(mappings) ? undefined : { mappings }),
    ...(isEmpty(labels) ? undefined : { labels }),
    ...(hasKeys(time) ? { time } : undefined),
    ...(fill === undefined || fill === 'none' ? undefined : { fill }),
  };
  checkRowMapping(mapping);
  return mapping;
}

function isEmpty(choices: ReadonlyArray<{ path: string }> | undefined): boolean {
  return choices === undefined || choices.every(({ path }) => path.trim() === '');
}

function hasKeys(object: object | undefined): boolean {
  return object !== undefined && Object.keys(object).length > 0;
}

/** The labels of a topic: those of the first of the query's filters that matches it. */
export function labelsOf(query: ParsedQuery, topic: string): Record<string, string> {
  for (const pattern of query.patterns) {
    const labels = pattern.labels(topic);
    if (labels !== undefined) {
      delete labels[query.pivot ?? ''];
      return labels;
    }
  }
  return {};
}

/** The labels of a series: those of its topic, and those of its messages under names that the topic does not use. */
export function seriesLabels(query: ParsedQuery, { topic, labels }: StreamSeries): Record<string, string> {
  const all = labelsOf(query, topic);
  const namer = new Namer(['topic', ...Object.keys(all)]);
  for (const [name, value] of Object.entries(labels)) {
    all[namer.unique(name, 'payload')] = value;
  }
  return all;
}
