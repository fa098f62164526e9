import type { StreamSpec } from '../engine';
import { expandVariables, parsePatterns, type Replace, type TopicPattern } from '../topics';
import { DEFAULT_ROWS, type FrameShape, MAX_ROWS, type MqttQuery, type ReduceMode } from '../types';

/** Topics that one query may make into series. */
export const MAX_SERIES = 500;

/** A query, read: what to subscribe to and how to show it. */
export interface Target {
  readonly refId: string;
  readonly patterns: readonly TopicPattern[];
  readonly spec: StreamSpec;
  readonly shape: FrameShape;
  readonly legend: string | undefined;
  readonly reduce: ReduceMode | undefined;
}

/** Reads a query. @throws {TopicError} that says what is wrong with it. */
export function readTarget(query: MqttQuery, replace: Replace): Target {
  const patterns = parsePatterns(expandVariables(query.topic ?? '', replace));
  const { rows, seconds } = query.keep ?? {};
  return {
    refId: query.refId,
    patterns,
    spec: {
      filters: [...new Set(patterns.map(({ filter }) => filter))],
      qos: query.qos ?? 0,
      format: query.format ?? 'auto',
      maxRows: rows !== undefined && rows >= 1 ? Math.min(Math.floor(rows), MAX_ROWS) : DEFAULT_ROWS,
      maxSeries: MAX_SERIES,
      ...(seconds !== undefined && seconds > 0 ? { maxAgeMs: seconds * 1_000 } : undefined),
    },
    shape: query.shape ?? 'series',
    legend: query.legend,
    reduce: query.reduce,
  };
}

/** The labels of a topic: those of the first of the query's filters that matches it. */
export function labelsOf(target: Target, topic: string): Record<string, string> {
  for (const pattern of target.patterns) {
    const labels = pattern.labels(topic);
    if (labels !== undefined) {
      return labels;
    }
  }
  return {};
}
