import type { SelectableValue } from '@grafana/data';
import type { ComboboxOption } from '@grafana/ui';
import type {
  FieldChoice,
  FillMode,
  FormatOptions,
  FrameShape,
  LabelChoice,
  Qos,
  ReduceMode,
  TimeChoice,
} from '../types';

/** The options of the query editor's selects. Formats have a catalogue of their own. */

export const QOS: Array<ComboboxOption<Qos>> = [
  { value: 0, label: '0 – at most once', description: 'A message can be lost' },
  { value: 1, label: '1 – at least once', description: 'A message can repeat' },
  { value: 2, label: '2 – exactly once', description: 'Most traffic, no repeats' },
];

export const SHAPES: Array<SelectableValue<FrameShape>> = [
  { value: 'series', label: 'Time series', description: 'A row per message' },
  { value: 'latest', label: 'Latest values', description: 'A row per topic, with its newest values' },
  { value: 'table', label: 'Table', description: 'A row per message, all topics together' },
  { value: 'logs', label: 'Logs', description: 'A line per message' },
  { value: 'annotations', label: 'Annotations', description: 'An event per message' },
];

export const REDUCTIONS: Array<ComboboxOption<ReduceMode | 'auto'>> = [
  { value: 'auto', label: 'Automatic', description: 'Only where rows outnumber pixels' },
  { value: 'all', label: 'All rows', description: 'However many there are' },
  { value: 'minmax', label: 'Smallest and largest', description: 'No spike is lost' },
  { value: 'mean', label: 'Mean', description: 'Of each interval' },
  { value: 'last', label: 'Last', description: 'Of each interval' },
];

export const FIELD_TYPES: Array<ComboboxOption<NonNullable<FieldChoice['type']>>> = [
  { value: 'auto', label: 'Auto', description: 'As it comes' },
  { value: 'number', label: 'Number', description: 'Also from text' },
  { value: 'string', label: 'Text', description: 'Also from numbers' },
  { value: 'boolean', label: 'Boolean', description: 'Also ON and OFF, yes and no' },
  { value: 'time', label: 'Time', description: 'A date and time' },
  { value: 'json', label: 'JSON', description: 'Not taken apart' },
];

export const LABEL_SOURCES: Array<ComboboxOption<NonNullable<LabelChoice['from']>>> = [
  { value: 'payload', label: 'Payload', description: 'A value of the payload' },
  { value: 'property', label: 'User property', description: 'Of the message, with MQTT 5' },
];

export const TIMES: Array<ComboboxOption<NonNullable<TimeChoice['from']> | 'default'>> = [
  { value: 'default', label: 'Default', description: 'What the format carries, else arrival' },
  { value: 'arrival', label: 'Arrival', description: 'When the message came' },
  { value: 'auto', label: 'Found by name', description: 'time, ts, timestamp and the like' },
  { value: 'path', label: 'At a path', description: 'A value of the payload' },
];

export const FILLS: Array<ComboboxOption<FillMode>> = [
  { value: 'none', label: 'Nothing', description: 'The row has no value' },
  { value: 'previous', label: 'Previous value', description: 'For partial updates' },
  { value: 'zero', label: 'Zero', description: 'For senders that leave zeros out' },
];

export const DELIMITERS: Array<ComboboxOption> = [
  { value: 'auto', label: 'Automatic', description: 'From the first line' },
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Bar' },
];

export const BYTE_ORDERS: Array<SelectableValue<NonNullable<FormatOptions['byteOrder']>>> = [
  { value: 'big', label: 'Big endian', description: 'The first byte weighs most' },
  { value: 'little', label: 'Little endian', description: 'The last byte weighs most' },
];

type Encoding = NonNullable<FormatOptions['unwrap']>['encoding'];

export const ENCODINGS: Array<ComboboxOption<Encoding | 'none'>> = [
  { value: 'none', label: 'Nothing', description: 'The payload itself' },
  { value: 'base64', label: 'Base64', description: 'Text, or a value of a JSON payload' },
  { value: 'hex', label: 'Hex', description: 'Text, or a value of a JSON payload' },
];
