import type { PayloadLimits } from '../payload';
import type { Target } from './targets';

/** What a data source allows its queries, whatever they ask for. */
export interface QueryCaps {
  /** Rows that a series keeps. */
  readonly maxRows: number;
  /** Milliseconds that a row is kept. */
  readonly maxAgeMs?: number;
  /** See `StreamSpec`. */
  readonly maxSeries?: number;
  readonly limits?: PayloadLimits;
}

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
