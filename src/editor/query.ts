import { DEFAULT_ROWS, type FrameShape, type MqttQuery, type PayloadFormat, type Qos } from '../types';

export const DEFAULT_QOS: Qos = 0;
export const DEFAULT_FORMAT: PayloadFormat = 'auto';
export const DEFAULT_SHAPE: FrameShape = 'series';

const DEFAULTS = { qos: DEFAULT_QOS, format: DEFAULT_FORMAT, shape: DEFAULT_SHAPE, legend: '' };

/** The fields that are set by one control and have a default. */
export type PlainField = keyof typeof DEFAULTS;

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

/** The query with its number of rows set; whatever else `keep` holds survives. */
export function withRows(query: MqttQuery, rows: number | undefined): MqttQuery {
  const { keep, ...rest } = query;
  const { rows: _, ...otherLimits } = keep ?? {};
  const limits = rows === undefined || rows === DEFAULT_ROWS ? otherLimits : { ...otherLimits, rows };
  return Object.keys(limits).length > 0 ? { ...rest, keep: limits } : rest;
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

/** Whether both queries ask for the same, so that running the one after the other would change nothing. */
export function sameInEffect(a: MqttQuery, b: MqttQuery): boolean {
  return effect(a) === effect(b);
}

function effect(query: MqttQuery): string {
  const { topic, keep, qos, format, shape, legend, ...rest } = query;
  return JSON.stringify([
    [...new Set(topicLines(topic ?? ''))],
    qos ?? DEFAULT_QOS,
    format ?? DEFAULT_FORMAT,
    shape ?? DEFAULT_SHAPE,
    legend ?? '',
    { ...keep, rows: keep?.rows ?? DEFAULT_ROWS },
    rest,
  ]);
}
