import type { TimeOption } from '@grafana/data';

/** The time ranges of a live panel. */
export const QUICK_RANGES: TimeOption[] = [
  { from: 'now-30s', to: 'now', display: 'Last 30 seconds' },
  { from: 'now-1m', to: 'now', display: 'Last 1 minute' },
  { from: 'now-5m', to: 'now', display: 'Last 5 minutes' },
  { from: 'now-15m', to: 'now', display: 'Last 15 minutes' },
  { from: 'now-1h', to: 'now', display: 'Last 1 hour' },
];
