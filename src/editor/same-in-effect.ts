import type { MqttQuery } from '../types';
import { DEFAULT_FORMAT, DEFAULT_QOS, DEFAULT_RETAINED, DEFAULT_SHAPE } from './query-changes';
import { topicLines } from './topic-lines';

/** Whether two queries of the current version ask for the same, so that running the second would change nothing. */
export function sameInEffect(a: MqttQuery, b: MqttQuery): boolean {
  return effect(a) === effect(b);
}

function effect(query: MqttQuery): string {
  const { topic, keep, qos, format, shape, legend, retained, version: _, ...rest } = query;
  return JSON.stringify([
    [...new Set(topicLines(topic ?? ''))],
    qos ?? DEFAULT_QOS,
    format ?? DEFAULT_FORMAT,
    shape ?? DEFAULT_SHAPE,
    legend ?? '',
    retained ?? DEFAULT_RETAINED,
    { ...keep },
    rest,
  ]);
}
