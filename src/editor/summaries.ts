import { count, formatNumber } from '../utils/format-number';
import type { BackfillChoice, MqttQuery, TimeChoice } from '../types';
import { DEFAULT_RETAINED, DEFAULT_SHAPE } from './query-changes';
import { REDUCTIONS } from './select-options';

/** The options under **Payload** in a few words, for its folded header. */
export function payloadSummary({ fields, mappings, labels, pivot, rows, rowsAs, time, fill }: MqttQuery): string {
  return joined(
    fields === undefined ? 'All fields' : count(fields.length, 'field'),
    mappings && count(mappings.length, 'value mapping'),
    labels && count(labels.length, 'label'),
    pivot && `Field names from: {${pivot}}`,
    (rows ?? rowsAs) && `Rows: ${joined(rows, rowsAs)}`,
    `Time: ${timeSummary(time)}`,
    fill === undefined || fill === 'none' ? undefined : `Fill: ${fill}`
  );
}

/** The options under **Options** in a few words, for its folded header. */
export function optionsSummary({ keep, reduce, retained, shape = DEFAULT_SHAPE }: MqttQuery): string {
  const rows = keep?.rows === undefined ? 'as needed' : `${formatNumber(keep.rows)} rows`;
  const age = keep?.seconds === undefined ? '' : `, ${formatNumber(keep.seconds)} s`;
  const reduction = REDUCTIONS.find(({ value }) => value === (reduce ?? 'auto'))?.label ?? reduce;
  // Only time series are reduced.
  return joined(
    `Keep: ${rows}${age}`,
    shape === 'series' ? `Reduce: ${reduction}` : undefined,
    retained === undefined || retained === DEFAULT_RETAINED ? undefined : `Retained messages: ${retained}`
  );
}

/** The data source that is set under **Backfill**, for its folded header. @param nameOf finds its name. */
export function backfillSummary(
  { backfill }: MqttQuery,
  nameOf: (ref: BackfillChoice['datasource']) => string | undefined
): string {
  return backfill === undefined ? 'None' : (nameOf(backfill.datasource) ?? backfill.datasource.uid ?? 'Unknown');
}

function joined(...parts: Array<string | undefined>): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function timeSummary(time: TimeChoice | undefined): string {
  switch (time?.from) {
    case 'path':
      return time.path ?? 'at a path';
    case 'auto':
      return 'found by name';
    case 'arrival':
      return 'arrival';
    default:
      return 'default';
  }
}
