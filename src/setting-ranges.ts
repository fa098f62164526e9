import { PAYLOAD_LIMITS } from './payload/limits';
import { DEFAULT_SERIES, MAX_ROWS } from './types';

/** What a number among the settings may be, and what holds where none is set. */
export interface SettingRange {
  readonly min: number;
  readonly max: number;
  readonly defaultValue: number | undefined;
}

/** Of the editor's fields, and of whatever a provisioning file holds. */
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
  maxSeries: { min: 1, max: 10_000, defaultValue: DEFAULT_SERIES },
  maxFields: { min: 1, max: 5_000, defaultValue: PAYLOAD_LIMITS.fields },
  maxLevels: { min: 1, max: 100, defaultValue: PAYLOAD_LIMITS.levels },
  maxListItems: { min: 0, max: 1_000, defaultValue: PAYLOAD_LIMITS.items },
  maxPayloadRows: { min: 1, max: 100_000, defaultValue: PAYLOAD_LIMITS.rows },
} as const satisfies Record<string, SettingRange>;

/**
 * The whole number within the bounds that is nearest to what a provisioning file says, where YAML may have it in quotes;
 * the default for what is no number.
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
