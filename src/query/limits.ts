import type { QueryLimits } from '../connection/settings';
import type { ParsedQuery } from './parse-query';

/** A query with the stricter of its own limits and those of its data source. */
export function withinLimits(query: ParsedQuery, limits: QueryLimits | undefined): ParsedQuery {
  if (limits === undefined) {
    return query;
  }
  const { spec } = query;
  const { pendingRows, maxRows, maxAgeMs = Infinity } = spec;
  const { maxSeries = spec.maxSeries } = limits;
  const age = Math.min(maxAgeMs, limits.maxAgeMs ?? Infinity);
  return {
    ...query,
    shownSeries: limits.maxSeries ?? query.shownSeries,
    spec: {
      ...spec,
      pendingRows: Math.min(pendingRows, limits.maxRows),
      ...(maxRows === undefined ? undefined : { maxRows: Math.min(maxRows, limits.maxRows) }),
      ...(age < Infinity ? { maxAgeMs: age } : undefined),
      maxSeries,
      ...(limits.limits === undefined ? undefined : { limits: limits.limits }),
    },
  };
}
