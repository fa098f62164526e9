import type { QueryLimits } from '../connection/settings';
import type { ParsedQuery } from './parse-query';

/** A query within what its data source allows: its own limits, or the data source's where those are stricter. */
export function withinLimits(target: ParsedQuery, caps: QueryLimits | undefined): ParsedQuery {
  if (caps === undefined) {
    return target;
  }
  const { spec } = target;
  const { pendingRows, maxRows, maxAgeMs = Infinity } = spec;
  const age = Math.min(maxAgeMs, caps.maxAgeMs ?? Infinity);
  return {
    ...target,
    spec: {
      ...spec,
      pendingRows: Math.min(pendingRows, caps.maxRows),
      ...(maxRows === undefined ? undefined : { maxRows: Math.min(maxRows, caps.maxRows) }),
      ...(age < Infinity ? { maxAgeMs: age } : undefined),
      maxSeries: caps.maxSeries ?? spec.maxSeries,
      ...(caps.limits === undefined ? undefined : { limits: caps.limits }),
    },
  };
}
