import { PAYLOAD_LIMITS } from './payload/limits';
import { MAX_ROWS } from './types';

/** The smallest and largest value of a setting, and its default. */
export interface SettingRange {
  readonly min: number;
  readonly max: number;
  readonly defaultValue: number | undefined;
}

/** The ranges hold for the editor and for provisioning files. */
export const SETTING_RANGES = {
  keepalive: { min: 1, max: 65_535, defaultValue: 60 },
  connectTimeout: { min: 1, max: 60, defaultValue: 5 },
  sessionExpiry: { min: 1, max: 86_400, defaultValue: 300 },
  linger: { min: 0, max: 3_600, defaultValue: 30 },
  maxRows: { min: 1, max: MAX_ROWS, defaultValue: MAX_ROWS },
  maxAge: { min: 1, max: 604_800, defaultValue: undefined },
  memory: { min: 1, max: 4_096, defaultValue: 64 },
  messageMemory: { min: 0, max: 1_024, defaultValue: 16 },
  restore: { min: 0, max: 1_440, defaultValue: 15 },
  // The default depends on the shape of a query: `query/limits.ts`.
  maxSeries: { min: 1, max: 10_000, defaultValue: undefined },
  maxFields: { min: 1, max: 5_000, defaultValue: PAYLOAD_LIMITS.fields },
  maxLevels: { min: 1, max: 100, defaultValue: PAYLOAD_LIMITS.levels },
  maxListItems: { min: 0, max: 1_000, defaultValue: PAYLOAD_LIMITS.items },
  maxPayloadRows: { min: 1, max: 100_000, defaultValue: PAYLOAD_LIMITS.rows },
} as const satisfies Record<string, SettingRange>;

/**
 * The setting from a provisioning file: the nearest whole number in the range, or the default if the value is not a
 * number. YAML may have the number in quotes.
 */
export function numberInRange<B extends SettingRange>(
  value: unknown,
  { min, max, defaultValue }: B
): number | B['defaultValue'] {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number)
    ? Math.min(Math.max(Math.round(number), min), max)
    : defaultValue;
}
