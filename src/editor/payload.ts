import type { ComboboxOption } from '@grafana/ui';
import type { FieldChoice, FillMode, FormatOptions, LabelChoice, MappingChoice, MqttQuery, TimeChoice } from '../types';

export type FieldType = NonNullable<FieldChoice['type']>;
export type TimeFrom = NonNullable<TimeChoice['from']> | 'default';

export const TYPES: ReadonlyArray<ComboboxOption<FieldType>> = [
  { value: 'auto', label: 'Auto', description: 'As it comes' },
  { value: 'number', label: 'Number', description: 'Also from text' },
  { value: 'string', label: 'Text', description: 'Also from numbers' },
  { value: 'boolean', label: 'Boolean', description: 'Also ON and OFF, yes and no' },
  { value: 'time', label: 'Time', description: 'A date and time' },
  { value: 'json', label: 'JSON', description: 'Not taken apart' },
];

export const TIMES: ReadonlyArray<ComboboxOption<TimeFrom>> = [
  { value: 'default', label: 'Default', description: 'What the format carries, else arrival' },
  { value: 'arrival', label: 'Arrival', description: 'When the message came' },
  { value: 'auto', label: 'Found by name', description: 'time, ts, timestamp and the like' },
  { value: 'path', label: 'At a path', description: 'A value of the payload' },
];

export const FILLS: ReadonlyArray<ComboboxOption<FillMode>> = [
  { value: 'none', label: 'Nothing', description: 'The row has no value' },
  { value: 'previous', label: 'Previous value', description: 'For partial updates' },
  { value: 'zero', label: 'Zero', description: 'For senders that leave zeros out' },
];

type Lists = 'fields' | 'mappings' | 'labels';
type Texts = 'rows';

/** The query with a list of choices; those without a path are left out, and so is a list of none. */
export function withChoices<K extends Lists>(query: MqttQuery, list: K, choices: NonNullable<MqttQuery[K]>): MqttQuery {
  const kept = (choices as Array<FieldChoice | MappingChoice | LabelChoice>).filter(({ path }) => path.trim() !== '');
  return put(query, list, kept.length === 0 ? undefined : (kept as MqttQuery[K]));
}

/** The query with one more value mapping. */
export function withMapping(query: MqttQuery, mapping: MappingChoice): MqttQuery {
  return withChoices(query, 'mappings', [...(query.mappings ?? []), mapping]);
}

export function withText(query: MqttQuery, field: Texts, text: string): MqttQuery {
  return put(query, field, text === '' ? undefined : text);
}

export function withFill(query: MqttQuery, fill: FillMode): MqttQuery {
  return put(query, 'fill', fill === 'none' ? undefined : fill);
}

/** The query with a part of its time; where it is from goes with its path, and nothing else stays of none. */
export function withTime(query: MqttQuery, change: { [K in keyof TimeChoice]?: TimeChoice[K] | undefined }): MqttQuery {
  const time = withoutEmpty({ ...query.time, ...change });
  if (time.from !== 'path') {
    delete time.path;
  }
  return put(query, 'time', Object.keys(time).length === 0 ? undefined : time);
}

export function withFormatOptions(
  query: MqttQuery,
  change: { [K in keyof FormatOptions]?: FormatOptions[K] | undefined }
): MqttQuery {
  const options = withoutEmpty({ ...query.formatOptions, ...change });
  return put(query, 'formatOptions', Object.keys(options).length === 0 ? undefined : options);
}

/** A choice without what is empty or at its default. */
export function tidyChoice<T extends FieldChoice | LabelChoice>(choice: T): T {
  const tidy = withoutEmpty(choice);
  if ('type' in tidy && tidy.type === 'auto') {
    delete tidy.type;
  }
  if ('from' in tidy && tidy.from === 'payload') {
    delete tidy.from;
  }
  return { ...tidy, path: choice.path };
}

function withoutEmpty<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== '')) as T;
}

function put<K extends keyof MqttQuery>(query: MqttQuery, key: K, value: MqttQuery[K] | undefined): MqttQuery {
  const next = { ...query };
  if (value === undefined) {
    delete next[key];
  } else {
    next[key] = value;
  }
  return next;
}

/** What is set, in a few words for where it is folded away. */
export function payloadSummary({ fields, mappings, labels, rows, time, fill }: MqttQuery): string {
  const parts = [
    fields === undefined ? 'All fields' : count(fields.length, 'field'),
    mappings === undefined ? '' : count(mappings.length, 'value mapping'),
    labels === undefined ? '' : count(labels.length, 'label'),
    rows === undefined ? '' : `Rows: ${rows}`,
    `Time: ${timeWords(time)}`,
    fill === undefined || fill === 'none' ? '' : `Fill: ${fill}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function timeWords(time: TimeChoice | undefined): string {
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

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
