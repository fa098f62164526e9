import { pivot } from '../topics';
import type { PastField } from './past-fields';
import { type SeriesNames, topicFrom } from './past-series';

/**
 * The fields of another data source as a query has them that takes the names of its fields from a level of the topic:
 * `plant/dev5/temp` is the field `temp` of the series `plant/dev5/+`. The topic of a field is its label `topic`, or its
 * name, or follows from the labels that the query's levels are named after; without a topic, the label of the level
 * names the field.
 */
export function pivotPast(
  fields: readonly PastField[],
  { pivot: level, patterns, mapping }: SeriesNames
): readonly PastField[] {
  if (level === undefined) {
    return fields;
  }
  const { pivot: filters = [] } = mapping;
  return fields.map((field): PastField => {
    const { topic, [level]: value, ...labels } = field.labels;
    const topics = [topic, ...field.names, ...patterns.map(({ text }) => topicFrom(text, field.labels))];
    const found = topics.map((each) => each && pivot(filters, each)).find((each) => each);
    const name = found ? found.field : value;
    return name
      ? {
          ...field,
          labels: found ? { ...labels, topic: found.topic } : labels,
          // Of a payload that is an object, each key is a field below that of the level: `temp.value`.
          names: [name, ...field.names.map((each) => `${name}.${each}`), ...field.names],
          pivoted: true,
        }
      : field;
  });
}
