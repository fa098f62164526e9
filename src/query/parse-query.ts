import type { StreamSpec } from '../engine';
import { compileRowMapping, type RowMappingSpec } from '../payload';
import { migrateQuery } from '../migrate';
import { expandVariables, parsePatterns, type Replace, type TopicPattern } from '../topics';
import { DEFAULT_ROWS, DEFAULT_SERIES, type FrameShape, MAX_ROWS, type MqttQuery, type ReduceMode } from '../types';
import type { StreamSeries } from '../connection/shared-stream';

/** A query, read: what to subscribe to and how to show it. */
export interface ParsedQuery {
  readonly refId: string;
  readonly patterns: readonly TopicPattern[];
  readonly spec: StreamSpec;
  readonly shape: FrameShape;
  readonly legend: string | undefined;
  readonly reduce: ReduceMode | undefined;
}

/** Reads a query as it was saved. @throws {Error} that says what is wrong with it. */
export function parseQuery(saved: MqttQuery, replace: Replace): ParsedQuery {
  const query = migrateQuery(saved);
  const patterns = parsePatterns(expandVariables(query.topic ?? '', replace));
  const { rows, seconds } = query.keep ?? {};
  return {
    refId: query.refId,
    patterns,
    spec: {
      filters: [...new Set(patterns.map(({ filter }) => filter))],
      qos: query.qos ?? 0,
      format: query.format ?? 'auto',
      ...(hasKeys(query.formatOptions) ? { formatOptions: query.formatOptions } : undefined),
      ...readingOf(query),
      ...(rows !== undefined && rows >= 1
        ? { pendingRows: Math.min(Math.floor(rows), MAX_ROWS) }
        : { pendingRows: DEFAULT_ROWS, maxRows: MAX_ROWS }),
      maxSeries: DEFAULT_SERIES,
      ...(seconds !== undefined && seconds > 0 ? { maxAgeMs: seconds * 1_000 } : undefined),
    },
    shape: query.shape ?? 'series',
    legend: query.legend,
    reduce: query.reduce,
  };
}

/** What the query says of how messages become rows, without what is at its default. */
function readingOf({ rows, fields, mappings, labels, time, fill }: MqttQuery): RowMappingSpec {
  const reading: RowMappingSpec = {
    ...(rows === undefined || rows.trim() === '' ? undefined : { rows }),
    ...(isEmpty(fields) ? undefined : { fields }),
    ...(isEmpty(mappings) ? undefined : { mappings }),
    ...(isEmpty(labels) ? undefined : { labels }),
    ...(hasKeys(time) ? { time } : undefined),
    ...(fill === undefined || fill === 'none' ? undefined : { fill }),
  };
  compileRowMapping(reading);
  return reading;
}

function isEmpty(choices: ReadonlyArray<{ path: string }> | undefined): boolean {
  return choices === undefined || choices.every(({ path }) => path.trim() === '');
}

function hasKeys(object: object | undefined): boolean {
  return object !== undefined && Object.keys(object).length > 0;
}

/** The labels of a topic: those of the first of the query's filters that matches it. */
export function labelsOf(target: ParsedQuery, topic: string): Record<string, string> {
  for (const pattern of target.patterns) {
    const labels = pattern.labels(topic);
    if (labels !== undefined) {
      return labels;
    }
  }
  return {};
}

/** The labels of a series: those of its topic, and those of its messages under a name that the topic leaves free. */
export function seriesLabels(target: ParsedQuery, { topic, labels }: StreamSeries): Record<string, string> {
  const all = labelsOf(target, topic);
  for (const [name, value] of Object.entries(labels)) {
    all[name === 'topic' || Object.hasOwn(all, name) ? `${name} (payload)` : name] = value;
  }
  return all;
}
