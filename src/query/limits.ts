import type { QueryCaps } from '../connection/settings';
import type { Target } from './parse-query';

/** A query within what its data source allows: its own limits, or the data source's where those are stricter. */
export function capped(target: Target, caps: QueryCaps | undefined): Target {
  if (caps === undefined) {
    return target;
  }
  const { spec } = target;
  const { maxRows, mostRows, maxAgeMs = Infinity } = spec;
  const age = Math.min(maxAgeMs, caps.maxAgeMs ?? Infinity);
  return {
    ...target,
    spec: {
      ...spec,
      maxRows: Math.min(maxRows, caps.maxRows),
      ...(mostRows === undefined ? undefined : { mostRows: Math.min(mostRows, caps.maxRows) }),
      ...(age < Infinity ? { maxAgeMs: age } : undefined),
      maxSeries: caps.maxSeries ?? spec.maxSeries,
      ...(caps.limits === undefined ? undefined : { limits: caps.limits }),
    },
  };
}
