import type { Path } from '../columns/batch';
import { type Converter, createConverter, type FieldType } from '../convert';
import { compileValueMappings, mappingAt, type ValueMappings, type ValueMappingSpec } from './value-mappings';
import { compilePath, type Getter, parsePath } from '../paths';
import { createTimeReader, type TimeReader } from '../time/times';

/** How the decoded messages of a stream become rows; what is missing is found out from the messages. */
export interface RowMappingSpec {
  /** Path of the array of which each item is a row. */
  readonly rows?: string;
  readonly fields?: ReadonlyArray<{
    readonly path: string;
    readonly name?: string;
    readonly type?: FieldType;
    /** A Grafana unit id. */
    readonly unit?: string;
  }>;
  /** Text that is one of two words, as 1 and 0. */
  readonly mappings?: readonly ValueMappingSpec[];
  readonly labels?: ReadonlyArray<{
    readonly path: string;
    readonly name?: string;
    readonly from?: 'payload' | 'property';
  }>;
  readonly time?: {
    readonly from?: 'arrival' | 'auto' | 'path';
    readonly path?: string;
    readonly format?: string;
    readonly zone?: string;
  };
  readonly fill?: Fill;
}

/** What stands in a row for a field that its message leaves out. */
export type Fill = 'none' | 'previous' | 'zero';

/** A field that the query names. */
export interface ChosenField {
  readonly path: Path;
  readonly get: Getter;
  /** As the query calls it. */
  readonly title: string | undefined;
  readonly type: Exclude<FieldType, 'auto'> | undefined;
  readonly convert: Converter | undefined;
  readonly unit: string | undefined;
}

export interface ChosenLabel {
  readonly name: string;
  /** The name of a user property; `undefined` for what lies in the payload. */
  readonly property: string | undefined;
  readonly get: Getter;
}

/** A {@link RowMappingSpec} made ready for many messages. */
export interface RowMapping {
  /** No option is set: a payload that is one value is one row, with the time of its arrival, as it is. */
  readonly isDefault: boolean;
  readonly rows: { readonly path: string; readonly get: Getter } | undefined;
  readonly fields: readonly ChosenField[] | undefined;
  readonly mappings: ValueMappings;
  readonly labels: readonly ChosenLabel[];
  readonly time: {
    readonly from: 'arrival' | 'auto' | 'path' | undefined;
    readonly get: Getter;
    readonly read: TimeReader;
  };
  readonly fill: Fill;
  /** What is told apart from the fields already, and is none of them unless the query names it. */
  readonly hidden: readonly Path[];
}

/** All options. The type checker holds it complete: one that is missing would be ignored for plain payloads. */
const OPTIONS = Object.keys({
  rows: true,
  fields: true,
  mappings: true,
  labels: true,
  time: true,
  fill: true,
} satisfies Record<keyof RowMappingSpec, true>) as Array<keyof RowMappingSpec>;

/** Fields and labels that a query may name: more than anybody writes. */
const MAX_CHOICES = 500;

/** @throws {Error} that says in a sentence what cannot be read. */
export function compileRowMapping(spec: RowMappingSpec): RowMapping {
  const { rows, labels = [], time = {}, mappings: mapped = [] } = spec;
  const fields = spec.fields?.filter(({ path }) => path.trim() !== '');
  if ([fields ?? [], labels, mapped].some(({ length }) => length > MAX_CHOICES)) {
    throw new Error(`A query can name ${MAX_CHOICES} fields, and as many labels and value mappings, and not more.`);
  }
  const mappings = compileValueMappings(mapped);
  const read = createZonedReader(time.format, time.zone);
  const timePath = time.from === 'path' ? parsePath(time.path ?? '') : [];
  const chosen = labels.filter(({ path }) => path.trim() !== '').map(readLabel);
  return {
    isDefault: OPTIONS.every((option) => spec[option] === undefined),
    rows: rows === undefined || rows.trim() === '' ? undefined : { path: rows, get: compilePath(parsePath(rows)) },
    fields:
      fields === undefined || fields.length === 0
        ? undefined
        : fields.map((each) => readField(each, mappings, time.zone)),
    mappings,
    labels: chosen.map(({ label }) => label),
    time: { from: time.from, get: compilePath(timePath), read },
    fill: spec.fill ?? 'none',
    hidden: [...chosen.map(({ path }) => path), timePath].filter(({ length }) => length > 0),
  };
}

function createZonedReader(format: string | undefined, zone: string | undefined): TimeReader {
  try {
    return createTimeReader(format, zone);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Error(
        `There is no time zone "${zone}". Write an IANA name such as Europe/Paris or America/New_York, or UTC.`,
        { cause: error }
      );
    }
    throw error;
  }
}

type SpecOf<Key extends 'fields' | 'labels'> = NonNullable<RowMappingSpec[Key]>[number];

function readField(
  { path: text, name, type = 'auto', unit }: SpecOf<'fields'>,
  mappings: ValueMappings,
  zone: string | undefined
): ChosenField {
  const path = parsePath(text);
  const mapping = mappingAt(mappings, path);
  // Words are numbers by themselves.
  const asked = type === 'auto' || (type === 'number' && mapping !== undefined) ? undefined : type;
  return {
    path,
    get: compilePath(path),
    title: name === undefined || name.trim() === '' ? undefined : name.trim(),
    type: asked,
    convert: asked === 'boolean' && mapping !== undefined ? mapping.read : createConverter(asked ?? 'auto', zone),
    unit: unit === undefined || unit === '' ? undefined : unit,
  };
}

function readLabel({ path: text, name, from }: SpecOf<'labels'>): { label: ChosenLabel; path: Path } {
  const property = from === 'property' ? text : undefined;
  const path = property === undefined ? parsePath(text) : [];
  const given = name?.trim() ?? '';
  return {
    label: {
      name: given !== '' ? given : (property ?? String(path.at(-1) ?? 'value')),
      property,
      get: compilePath(path),
    },
    path,
  };
}
