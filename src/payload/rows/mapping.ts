import type { Path } from '../columns/batch';
import { checkRowMapping } from './check-mapping';
import { type Converter, createConverter, type FieldType, scalarText } from '../convert';
import { formatPath, Namer } from '../columns/names';
import { compileValueMappings, mappingAt, type ValueMappings, type MappingChoice } from './value-mappings';
import { compilePath, compileRowsPath, type Getter, parsePath } from '../paths';
import { createIntervalReader, type IntervalReader, type IntervalUnit } from '../time/interval';
import { createTimeReader, type TimeReader } from '../time/times';
import type { RowsAs } from './row-items';

/** A value that becomes a field. */
export interface FieldChoice {
  /** The path in the payload, as the automatic field is named: `DS18B20.Temperature`, `["a.b"]`, `list[0]`. */
  readonly path: string;
  /** Default: the path. */
  readonly name?: string;
  /** Default `auto`: what the first value is. A value that is not of the type becomes null, and is counted. */
  readonly type?: FieldType;
  /**
   * A Grafana unit id, for example `celsius`. Default: the unit that the payload names, else the one that the device
   * announces.
   */
  readonly unit?: string;
}

/** A value in a message that tells series of one topic apart. */
export interface LabelChoice {
  /** The path in the payload; or, with `from: property`, the name of a user property of the message (MQTT 5). */
  readonly path: string;
  /** Default: the last key of the path; the whole path if another label has the same key. */
  readonly name?: string;
  /** Default `payload`. */
  readonly from?: 'payload' | 'property';
}

/** When a row happened. */
export interface TimeChoice {
  /**
   * `arrival`: when the message came. `auto`: found in the payload by name and plausibility, else arrival. `path`: at
   * `path`. Default: what the format itself carries (`influx`, `senml`, `sparkplug`), else `arrival`; and `auto` for
   * the items of an array, which all arrive at once.
   */
  readonly from?: 'arrival' | 'auto' | 'path';
  readonly path?: string;
  /** With `path`: the path of the time of day, where the date and the time of day are two values. */
  readonly clockPath?: string;
  /**
   * The time between the items of a list that has one time, such as the samples of a waveform: a number, or the path of
   * one in the payload. The time is that of the first item; a time of arrival is that of the last.
   */
  readonly interval?: string | number;
  /** The unit of the interval; `Hz` for a rate. Default `ms`. */
  readonly intervalUnit?: IntervalUnit;
  /**
   * `s`, `ms`, `us`, `ns` since 1970, `iso`, or a format of moment.js such as `YYYY-MM-DD HH:mm:ss`. Default: by
   * magnitude for numbers, ISO 8601 and its near relatives for text.
   */
  readonly format?: string;
  /** IANA time zone of times that name none. Default: the browser's. */
  readonly zone?: string;
}

/**
 * The value of a row for a field that its message leaves out. `previous`: the field's last value. `zero`: 0, false or
 * empty, for senders that leave those out (proto3 JSON).
 */
export type FillMode = 'none' | 'previous' | 'zero';

/** How the decoded messages of a stream become rows. What is not set is found in the messages. */
export interface RowMappingSpec {
  /** Path of an array of which each item is a row. Default: an array of objects that is the whole payload. */
  readonly rows?: string;
  /** The parts at that path that are rows. Default: an item of an array, or an object that is there instead. */
  readonly rowsAs?: RowsAs;
  /** The values that become fields. Default: all that are found, flattened. */
  readonly fields?: readonly FieldChoice[];
  /** Text that is one of two words, as 1 and 0. */
  readonly mappings?: readonly MappingChoice[];
  readonly labels?: readonly LabelChoice[];
  readonly time?: TimeChoice;
  /** Default `none`. */
  readonly fill?: FillMode;
}

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

/** A label that the query names, ready for many messages. */
export interface ChosenLabel {
  /** The name of the label in the frame. */
  readonly name: string;
  /** The name of a user property; `undefined` for a value in the payload. */
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
    readonly from: TimeChoice['from'];
    readonly get: Getter;
    readonly read: TimeReader;
    readonly interval: IntervalReader | undefined;
    readonly path: Path;
  };
  readonly rowsAs: RowsAs | undefined;
  readonly fill: FillMode;
  /** Paths of labels and of the time, which become fields only if the query names them. */
  readonly hidden: readonly Path[];
}

/** All options. The type checker holds it complete: one that is missing would be ignored for plain payloads. */
const OPTIONS = Object.keys({
  rows: true,
  rowsAs: true,
  fields: true,
  mappings: true,
  labels: true,
  time: true,
  fill: true,
} satisfies Record<keyof RowMappingSpec, true>) as Array<keyof RowMappingSpec>;

/**
 * Reads the paths, types and times of a mapping once, for all messages of a stream.
 *
 * @throws {Error} as {@link checkRowMapping}.
 * @example
 * const mapping = compileRowMapping({
 *   rows: 'readings',
 *   fields: [{ path: 'degrees', name: 'Temperature', unit: 'celsius' }],
 *   labels: [{ path: 'sensor' }],
 *   time: { from: 'path', path: 'at', format: 's' },
 * });
 * const [temperature] = mapping.fields!;
 * const rows: unknown[] = [];
 * const extractor = new RowExtractor(mapping, (row) => {
 *   rows.push([row.time, row.labels(), temperature.get(row.value)]); // milliseconds since the epoch
 * });
 * const payload = { readings: [{ sensor: 'attic', at: 1732600000, degrees: 21.5 }] };
 * extractor.extract(payload, { arrival: Date.now(), userProperties: undefined });
 * expect(rows).toEqual([[1732600000000, { sensor: 'attic' }, 21.5]]);
 */
export function compileRowMapping(spec: RowMappingSpec): RowMapping {
  checkRowMapping(spec);
  return compileCheckedMapping(spec);
}

/** As {@link compileRowMapping}, for a mapping that {@link checkRowMapping} has passed. */
export function compileCheckedMapping(spec: RowMappingSpec): RowMapping {
  const { rows, labels = [], time = {}, mappings: mapped = [] } = spec;
  const fields = spec.fields?.filter(({ path }) => path.trim() !== '');
  const mappings = compileValueMappings(mapped);
  const read = createTimeReader(time.format, time.zone);
  const timePath = time.from === 'path' ? parsePath(time.path ?? '') : [];
  const clockPath = time.from === 'path' ? parsePath(time.clockPath ?? '') : [];
  const every = `${time.interval ?? ''}`.trim();
  const interval = every === '' ? undefined : createIntervalReader(every, time.intervalUnit);
  const chosen = readLabels(labels.filter(({ path }) => path.trim() !== ''));
  return {
    isDefault: OPTIONS.every((option) => spec[option] === undefined),
    rows: rows === undefined || rows.trim() === '' ? undefined : { path: rows, get: compileRowsPath(parsePath(rows)) },
    fields:
      fields === undefined || fields.length === 0
        ? undefined
        : fields.map((each) => readField(each, mappings, time.zone)),
    mappings,
    labels: chosen.map(({ label }) => label),
    time: { from: time.from, get: timeGetter(timePath, clockPath), read, interval, path: timePath },
    rowsAs: spec.rowsAs,
    fill: spec.fill ?? 'none',
    hidden: [...chosen.map(({ path }) => path), timePath, clockPath].filter(({ length }) => length > 0),
  };
}

/** Reads a time; of a date and a time of day, both with a blank between them. */
function timeGetter(date: Path, clock: Path): Getter {
  const getDate = compilePath(date);
  if (clock.length === 0) {
    return getDate;
  }
  const getClock = compilePath(clock);
  return (value) => {
    const [day, time] = [scalarText(getDate(value)), scalarText(getClock(value))];
    return day === undefined || time === undefined ? undefined : `${day} ${time}`;
  };
}

function readField(
  { path: text, name, type = 'auto', unit }: FieldChoice,
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

/** Labels, each with a name of its own: of two that end with the same key, each has its whole path. */
function readLabels(choices: readonly LabelChoice[]): Array<{ label: ChosenLabel; path: Path }> {
  const read = choices.map(readLabel);
  const namer = new Namer([]);
  return read.map(({ given, short, whole, property, path }) => {
    const shared = read.filter((other) => (other.given || other.short) === short).length > 1;
    const name = namer.unique(given || (shared ? whole : short), property === undefined ? 'payload' : 'property');
    return { label: { name, property, get: compilePath(path) }, path };
  });
}

function readLabel({ path: text, name = '', from }: LabelChoice) {
  const property = from === 'property' ? text : undefined;
  const path = property === undefined ? parsePath(text) : [];
  const short = property ?? String(path.at(-1) ?? 'value');
  return { given: name.trim(), short, whole: path.length === 0 ? short : formatPath(path), property, path };
}
