import { type FrameShape, type MqttQuery, type PayloadFormat, type Qos, type ReduceMode } from '../types';

export const DEFAULT_QOS: Qos = 0;
export const DEFAULT_FORMAT: PayloadFormat = 'auto';
export const DEFAULT_SHAPE: FrameShape = 'series';

/** The fields that are set by one control and have a default; of `reduce` the default is that nothing is said. */
export type PlainField = 'qos' | 'format' | 'shape' | 'legend' | 'reduce';

const DEFAULTS: { [K in PlainField]: MqttQuery[K] } = {
  qos: DEFAULT_QOS,
  format: DEFAULT_FORMAT,
  shape: DEFAULT_SHAPE,
  legend: '',
  reduce: undefined,
};

/** The query with one field set. A default is left out of the saved query, where a missing field means the same. */
export function withField<K extends PlainField>(query: MqttQuery, field: K, value: MqttQuery[K]): MqttQuery {
  const next = { ...query };
  if (value === undefined || value === DEFAULTS[field]) {
    delete next[field];
  } else {
    next[field] = value;
  }
  return next;
}

type Limit = keyof NonNullable<MqttQuery['keep']>;

/** The query with one limit set on what it keeps; whatever else `keep` holds survives. */
export function withLimit(query: MqttQuery, limit: Limit, value: number | undefined): MqttQuery {
  const { keep, ...rest } = query;
  const { [limit]: _, ...others } = keep ?? {};
  const limits = value === undefined ? others : { ...others, [limit]: value };
  return Object.keys(limits).length > 0 ? { ...rest, keep: limits } : rest;
}

export const REDUCTIONS: Array<{ value: ReduceMode | 'auto'; label: string; description: string }> = [
  { value: 'auto', label: 'Automatic', description: 'Only where rows outnumber pixels' },
  { value: 'all', label: 'All rows', description: 'However many there are' },
  { value: 'minmax', label: 'Smallest and largest', description: 'No spike is lost' },
  { value: 'mean', label: 'Mean', description: 'Of each interval' },
  { value: 'last', label: 'Last', description: 'Of each interval' },
];

/** What the options are, in a few words for where they are folded away. */
export function optionsSummary({ keep, reduce }: MqttQuery): string {
  const rows = keep?.rows === undefined ? 'as needed' : `${keep.rows.toLocaleString('en-US')} rows`;
  const age = keep?.seconds === undefined ? '' : `, ${keep.seconds.toLocaleString('en-US')} s`;
  const reduction = REDUCTIONS.find(({ value }) => value === (reduce ?? 'auto'))?.label ?? reduce;
  return `Keep: ${rows}${age} · Reduce: ${reduction}`;
}

/** Topic filters, one a line, without the blank lines and surrounding spaces that mean nothing. */
export function tidyTopic(text: string): string {
  return topicLines(text).join('\n');
}

export function topicLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Whether both migrated queries ask for the same, so that running the one after the other would change nothing. */
export function sameInEffect(a: MqttQuery, b: MqttQuery): boolean {
  return effect(a) === effect(b);
}

function effect(query: MqttQuery): string {
  const { topic, keep, qos, format, shape, legend, version: _, ...rest } = query;
  return JSON.stringify([
    [...new Set(topicLines(topic ?? ''))],
    qos ?? DEFAULT_QOS,
    format ?? DEFAULT_FORMAT,
    shape ?? DEFAULT_SHAPE,
    legend ?? '',
    { ...keep },
    rest,
  ]);
}

/** Names of the labels that the query takes from its messages, for where a legend can use them. */
export function labelNames({ labels = [] }: MqttQuery): string[] {
  return labels.map(({ path, name, from }) => {
    const last = from === 'property' ? path : (/([^.[\]"]+)(?:"\])?$/.exec(path)?.[1] ?? path);
    return name ?? last;
  });
}
