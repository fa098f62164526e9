import type { ComboboxOption } from '@grafana/ui';
import type { PayloadFormat } from '../types';

const NUMBERS: ReadonlyArray<[format: PayloadFormat, what: string]> = [
  ['int8', 'a whole number of 1 byte'],
  ['uint8', 'a whole number of 1 byte, not negative'],
  ['int16', 'a whole number of 2 bytes'],
  ['uint16', 'a whole number of 2 bytes, not negative'],
  ['int32', 'a whole number of 4 bytes'],
  ['uint32', 'a whole number of 4 bytes, not negative'],
  ['int64', 'a whole number of 8 bytes'],
  ['uint64', 'a whole number of 8 bytes, not negative'],
  ['float32', 'a number of 4 bytes'],
  ['float64', 'a number of 8 bytes'],
];

export const FORMATS: ReadonlyArray<ComboboxOption<PayloadFormat>> = [
  { value: 'auto', label: 'Auto', description: 'Recognised per message' },
  { value: 'json', label: 'JSON', description: 'A field for each value' },
  { value: 'number', label: 'Number', description: 'The payload is a number, perhaps with a unit' },
  { value: 'text', label: 'Text', description: 'The payload as it is' },
  { value: 'csv', label: 'CSV', description: 'Values between separators' },
  { value: 'regex', label: 'Regular expression', description: 'Named groups become fields' },
  { value: 'influx', label: 'InfluxDB line protocol', description: 'Telegraf and others' },
  { value: 'senml', label: 'SenML', description: 'RFC 8428' },
  { value: 'sparkplug', label: 'Sparkplug B', description: 'Eclipse Sparkplug' },
  { value: 'msgpack', label: 'MessagePack', description: 'Objects in binary' },
  { value: 'cbor', label: 'CBOR', description: 'Objects in binary, RFC 8949' },
  { value: 'hex', label: 'Hex', description: 'The bytes, two digits each' },
  { value: 'base64', label: 'Base64', description: 'The bytes, as text' },
  ...NUMBERS.map(([value, what]) => ({ value, label: value, description: `Binary: ${what}` })),
];

/** Which controls a format has. */
export function hasByteOrder(format: PayloadFormat): boolean {
  return /^(?:u?int(?:16|32|64)|float(?:32|64))$/.test(format);
}

export function hasOffset(format: PayloadFormat): boolean {
  return /^(?:u?int|float)\d+$/.test(format);
}

/** Formats of which the bytes can lie in text; `auto` would not know of what. */
export function canBeWrapped(format: PayloadFormat): boolean {
  return format !== 'auto' && format !== 'hex' && format !== 'base64';
}
