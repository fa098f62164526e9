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
  RetainedMode,
  RowsAs,
  TimeChoice,
} from '../types';

/** The options of the query editor's selects. Formats have a catalogue of their own. */

export const QOS: Array<ComboboxOption<Qos>> = [
  { value: 0, label: '0 – at most once', description: 'Messages can be lost' },
  { value: 1, label: '1 – at least once', description: 'Messages can arrive twice' },
  { value: 2, label: '2 – exactly once', description: 'No loss, no duplicates, most traffic' },
];

export const SHAPES: Array<SelectableValue<FrameShape>> = [
  { value: 'series', label: 'Time series', description: 'A frame per series, a row per message' },
  { value: 'latest', label: 'Latest values', description: 'A row per series, with its newest values' },
  { value: 'table', label: 'Table', description: 'One frame, a row per message, the newest first' },
  { value: 'logs', label: 'Logs', description: 'A line per message' },
  { value: 'annotations', label: 'Annotations', description: 'An event per message' },
];

export const REDUCTIONS: Array<ComboboxOption<ReduceMode | 'auto'>> = [
  { value: 'auto', label: 'Automatic', description: 'Only if there are more rows than pixels' },
  { value: 'all', label: 'All rows', description: 'Draws every row' },
  { value: 'minmax', label: 'Smallest and largest', description: 'Keeps every spike' },
  { value: 'mean', label: 'Mean', description: 'Of each interval' },
  { value: 'last', label: 'Last', description: 'Of each interval' },
];

export const RETAINED: Array<ComboboxOption<RetainedMode>> = [
  { value: 'use', label: 'Use', description: 'Rows like those of other messages' },
  { value: 'mark', label: 'Mark', description: 'A field "Retained" in tables and logs' },
  { value: 'ignore', label: 'Ignore', description: 'Only messages that are published now' },
];

export const FIELD_TYPES: Array<ComboboxOption<NonNullable<FieldChoice['type']>>> = [
  { value: 'auto', label: 'Auto', description: 'The type of the first value' },
  { value: 'number', label: 'Number', description: 'Also reads text' },
  { value: 'string', label: 'Text', description: 'Also reads numbers' },
  { value: 'boolean', label: 'Boolean', description: 'Also reads ON and OFF, yes and no' },
  { value: 'time', label: 'Time', description: 'A date and time' },
  { value: 'json', label: 'JSON', description: 'Not flattened' },
];

export const LABEL_SOURCES: Array<ComboboxOption<NonNullable<LabelChoice['from']>>> = [
  { value: 'payload', label: 'Payload', description: 'A value in the payload' },
  { value: 'property', label: 'User property', description: 'A property of the message (MQTT 5)' },
];

export const TIMES: Array<ComboboxOption<NonNullable<TimeChoice['from']> | 'default'>> = [
  { value: 'default', label: 'Default', description: 'From the format, else arrival' },
  { value: 'arrival', label: 'Arrival', description: 'When the message arrived' },
  { value: 'auto', label: 'Found by name', description: 'A key such as time, ts or timestamp' },
  { value: 'path', label: 'At a path', description: 'A value in the payload' },
];

export const INTERVAL_UNITS: Array<ComboboxOption<NonNullable<TimeChoice['intervalUnit']>>> = [
  { value: 'ms', label: 'ms' },
  { value: 's', label: 's' },
  { value: 'min', label: 'min' },
  { value: 'us', label: 'µs' },
  { value: 'ns', label: 'ns' },
  { value: 'Hz', label: 'Hz', description: 'Rows per second' },
];

export const ROWS_AS: Array<ComboboxOption<RowsAs | 'auto'>> = [
  { value: 'auto', label: 'Automatic', description: 'Objects in a list' },
  { value: 'items', label: 'Items of a list', description: 'Whatever they are: [[time, value], …]' },
  { value: 'times', label: 'Entries, keys are times', description: '{"2024-05-17T11:59:00Z": …}' },
  { value: 'keys', label: 'Entries, keys are labels', description: '{"a": {…}, "b": {…}}' },
  { value: 'columns', label: 'Parallel lists', description: '{"time": […], "temperature": […]}' },
];

/** Named levels that can name fields. @param own the one of the query, which its topic may not have any more. */
export function pivotOptions(levels: readonly string[], own = ''): Array<ComboboxOption> {
  return [
    { value: '', label: 'The payload', description: 'Its keys, or Value' },
    ...[...new Set([...levels, own])]
      .filter((level) => level !== '')
      .map((level) => ({ value: level, label: `{${level}}`, description: 'This level of the topic' })),
  ];
}

export const FILLS: Array<ComboboxOption<FillMode>> = [
  { value: 'none', label: 'Nothing', description: 'The field is empty in that row' },
  { value: 'previous', label: 'Previous value', description: 'For senders that send only changes' },
  { value: 'zero', label: 'Zero', description: 'For senders that leave out zeros' },
];

export const DELIMITERS: Array<ComboboxOption> = [
  { value: 'auto', label: 'Automatic', description: 'Detected in the first line' },
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Pipe' },
];

export const BYTE_ORDERS: Array<SelectableValue<NonNullable<FormatOptions['byteOrder']>>> = [
  { value: 'big', label: 'Big endian', description: 'Most significant byte first' },
  { value: 'little', label: 'Little endian', description: 'Least significant byte first' },
  { value: 'cdab', label: 'CDAB', description: 'Big endian, registers of 16 bits swapped' },
  { value: 'badc', label: 'BADC', description: 'Little endian, registers of 16 bits swapped' },
];

type Encoding = NonNullable<FormatOptions['unwrap']>['encoding'];

export const COMPRESSIONS: Array<ComboboxOption<NonNullable<FormatOptions['compression']> | 'auto'>> = [
  { value: 'auto', label: 'Automatic', description: 'Gzip and zlib are found by their first bytes' },
  { value: 'gzip', label: 'Gzip', description: 'RFC 1952' },
  { value: 'deflate', label: 'Zlib', description: 'RFC 1950' },
  { value: 'deflate-raw', label: 'Deflate', description: 'RFC 1951, without a header' },
];

export const ENCODINGS: Array<ComboboxOption<Encoding | 'none'>> = [
  { value: 'none', label: 'Not encoded', description: 'The payload is the bytes' },
  { value: 'base64', label: 'Base64', description: 'The payload, or a text in a JSON payload' },
  { value: 'hex', label: 'Hex', description: 'The payload, or a text in a JSON payload' },
];
