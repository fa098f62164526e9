import type { FieldChoice, LabelChoice, MappingChoice, MqttQuery } from '../types';

/** A change of a query that can be clicked. */
export interface Example {
  title: string;
  description: string;
  /** The part of the query that is shown. */
  code: string;
  query: Partial<MqttQuery>;
}

/** Whole queries: what they do not set is not kept of the query before. */
export const TOPIC_EXAMPLES: readonly Example[] = [
  {
    title: 'One sensor',
    description: 'Only this topic.',
    code: 'home/kitchen/temperature',
    query: { topic: 'home/kitchen/temperature' },
  },
  {
    title: 'Every room, by name',
    description: 'One series per room, named after the room.',
    code: 'home/{room}/temperature',
    query: { topic: 'home/{room}/temperature', legend: '{{room}}' },
  },
  {
    title: 'All topics of a machine',
    description: 'The rest of the topic becomes a label.',
    code: 'factory/{machine}/{rest#}',
    query: { topic: 'factory/{machine}/{rest#}', legend: '{{machine}} {{rest}} {{field}}' },
  },
  {
    title: 'Two kinds of topic',
    description: 'Several filters, one per line.',
    code: 'home/{room}/temperature\nhome/{room}/humidity',
    query: { topic: 'home/{room}/temperature\nhome/{room}/humidity', legend: '{{room}} {{topic}}' },
  },
  {
    title: 'What is on this broker?',
    description: 'A row for each topic that has a message.',
    code: '#',
    query: { topic: '#', shape: 'latest' },
  },
];

/** Parts of a query: the rest of it stays. */
export const PART_EXAMPLES: ReadonlyArray<{ title: string; examples: readonly Example[] }> = [
  {
    title: 'Fields',
    examples: [
      {
        title: 'A value in JSON',
        description: 'Only this value, in watts.',
        code: 'ENERGY.Power',
        query: { fields: [{ path: 'ENERGY.Power', unit: 'watt' }] },
      },
      {
        title: 'A key with points',
        description: 'In brackets, as a JSON string.',
        code: '["temp.in"]',
        query: { fields: [{ path: '["temp.in"]', name: 'Inside' }] },
      },
      {
        title: 'A row per item of a list',
        description: 'Each object in the list becomes a row.',
        code: 'readings',
        query: { rows: 'readings' },
      },
      {
        title: 'Series by a value',
        description: 'Devices that share a topic become series of their own.',
        code: 'id',
        query: { labels: [{ path: 'id' }] },
      },
    ],
  },
  {
    title: 'Formats',
    examples: [
      {
        title: 'A number with a unit',
        description: 'The payload is 21.3 °C or 230V.',
        code: 'Number',
        query: { format: 'number' },
      },
      {
        title: 'CSV',
        description: 'Values in a fixed order, with names for them.',
        code: '21.5;48',
        query: { format: 'csv', formatOptions: { columns: ['temperature', 'humidity'] } },
      },
      {
        title: 'A text with a number in it',
        description: 'Named groups become fields.',
        code: 'T=(?<temperature>-?[\\d.]+)',
        query: { format: 'regex', formatOptions: { pattern: 'T=(?<temperature>-?[\\d.]+)' } },
      },
    ],
  },
  {
    title: 'Times',
    examples: [
      {
        title: 'A time in the payload',
        description: 'In seconds or milliseconds, or as ISO 8601.',
        code: 'ts',
        query: { time: { from: 'path', path: 'ts' } },
      },
      {
        title: 'A local date and time',
        description: 'With the time zone that the payload does not name.',
        code: 'YYYY-MM-DD HH:mm:ss',
        query: { time: { from: 'path', path: 'time', format: 'YYYY-MM-DD HH:mm:ss', zone: 'Europe/Paris' } },
      },
      {
        title: 'Found by name',
        description: 'A key such as time, ts or timestamp.',
        code: 'Found by name',
        query: { time: { from: 'auto' } },
      },
    ],
  },
  {
    title: 'Legends',
    examples: [
      { title: 'The topic', description: 'As it is.', code: '{{topic}}', query: { legend: '{{topic}}' } },
      { title: 'The field', description: 'Its name, or its path.', code: '{{field}}', query: { legend: '{{field}}' } },
      {
        title: 'A label and the field',
        description: 'A named level, or a label from the payload.',
        code: '{{room}} {{field}}',
        query: { legend: '{{room}} {{field}}' },
      },
    ],
  },
  {
    title: 'Value mappings',
    examples: [
      {
        title: 'A switch',
        description: 'The payload is ON or OFF, and becomes 1 or 0.',
        code: 'Value: ON/OFF',
        query: { mappings: [{ path: 'Value', true: 'ON', false: 'OFF' }] },
      },
      {
        title: 'A door',
        description: 'The value contact of a JSON payload.',
        code: 'contact: open/closed',
        query: { mappings: [{ path: 'contact', true: 'open', false: 'closed' }] },
      },
    ],
  },
];

/** The query with a part in it: a list gets what it does not have yet, everything else is replaced. */
export function withPart(query: MqttQuery, part: Partial<MqttQuery>): MqttQuery {
  const next = { ...query, ...part };
  if (part.fields !== undefined) {
    next.fields = joined<FieldChoice>(query.fields, part.fields);
  }
  if (part.labels !== undefined) {
    next.labels = joined<LabelChoice>(query.labels, part.labels);
  }
  if (part.mappings !== undefined) {
    next.mappings = joined<MappingChoice>(query.mappings, part.mappings);
  }
  return next;
}

function joined<T extends { path: string }>(own: readonly T[] = [], added: readonly T[]): T[] {
  return [...own, ...added.filter(({ path }) => own.every((each) => each.path !== path))];
}
