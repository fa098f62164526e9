import type { Compression, FieldChoice, FormatOptions, LabelChoice, TimeChoice } from './payload';
import type { MqttQuery } from './types';
import { isObject } from './utils/is-object';

/** A query that cannot be read because a value in its JSON has the wrong type. The message says which, and what to do. */
export class QueryFormError extends Error {
  override name = 'QueryFormError';
}

/** Texts of the query, of its objects, and of the items of its lists. `path` and the words of a mapping are required. */
const TEXTS = ['topic', 'rows', 'pivot', 'legend'];
const OBJECTS: Readonly<Record<string, readonly string[]>> = {
  time: ['path', 'clockPath', 'format', 'zone'],
  keep: [],
  formatOptions: ['delimiter', 'pattern'],
  backfill: [],
};
const LISTS: Readonly<Record<string, { required: readonly string[]; optional: readonly string[] }>> = {
  fields: { required: ['path'], optional: ['name', 'type', 'unit'] },
  labels: { required: ['path'], optional: ['name'] },
  mappings: { required: ['path', 'true', 'false'], optional: [] },
};

/** The values that a choice of the query can have; `from` of its time, and `type` of a field. */
const CHOICES = {
  qos: [0, 1, 2],
  shape: ['series', 'latest', 'table', 'logs', 'annotations'],
  reduce: ['all', 'last', 'mean', 'minmax'],
  fill: ['none', 'previous', 'zero'],
  retained: ['use', 'mark', 'ignore'],
  rowsAs: ['items', 'times', 'keys', 'columns'],
} as const satisfies { [Name in keyof MqttQuery]?: ReadonlyArray<MqttQuery[Name]> };
const TIMES_FROM = ['arrival', 'auto', 'path'] as const satisfies ReadonlyArray<TimeChoice['from']>;
const INTERVAL_UNITS = ['ms', 's', 'min', 'us', 'ns', 'Hz'] as const satisfies ReadonlyArray<
  TimeChoice['intervalUnit']
>;
const BYTE_ORDERS = ['big', 'little', 'cdab', 'badc'] as const satisfies ReadonlyArray<FormatOptions['byteOrder']>;
const COMPRESSIONS = ['gzip', 'deflate', 'deflate-raw'] as const satisfies readonly Compression[];
const ENCODINGS = ['base64', 'hex'] as const satisfies ReadonlyArray<NonNullable<FormatOptions['unwrap']>['encoding']>;
const LABELS_FROM = ['payload', 'property'] as const satisfies ReadonlyArray<LabelChoice['from']>;
const FIELD_TYPES = ['auto', 'number', 'string', 'boolean', 'time', 'json'] as const satisfies ReadonlyArray<
  FieldChoice['type']
>;

/**
 * A query whose texts, objects and lists are such: the JSON of a dashboard may have been written by hand or by a program,
 * and the code that reads a query trusts its types. Of texts it checks those that are a choice of a few words.
 *
 * @returns the same object, or one without those of its values that are null.
 * @throws {QueryFormError} for the first value of a wrong type.
 */
export function checkQueryForm(saved: MqttQuery): MqttQuery {
  const query = withTexts({ ...saved }, '', TEXTS);
  for (const [name, choices] of Object.entries(CHOICES)) {
    setUnlessNull(query, name, (value) => oneOf(choices, value, name));
  }
  for (const [name, texts] of Object.entries(OBJECTS)) {
    setUnlessNull(query, name, (value) => withTexts(objectOf(value, name), `${name}.`, texts));
  }
  const time = query['time'] as Record<string, unknown> | undefined;
  oneOf(TIMES_FROM, time?.['from'], 'time.from');
  oneOf(INTERVAL_UNITS, time?.['intervalUnit'], 'time.intervalUnit');
  const options = query['formatOptions'] as Record<string, unknown> | undefined;
  oneOf(BYTE_ORDERS, options?.['byteOrder'], 'formatOptions.byteOrder');
  oneOf(COMPRESSIONS, options?.['compression'], 'formatOptions.compression');
  const unwrap = options?.['unwrap'];
  if (unwrap !== undefined && unwrap !== null) {
    oneOf(ENCODINGS, objectOf(unwrap, 'formatOptions.unwrap')['encoding'], 'formatOptions.unwrap.encoding');
  }
  for (const [name, { required, optional }] of Object.entries(LISTS)) {
    setUnlessNull(query, name, (value) => {
      if (!Array.isArray(value)) {
        throw wrong(name, 'a list', value);
      }
      return sameOr(
        value,
        value.map((item: unknown, i) => {
          const own = objectOf(item, `${name}[${i}]`);
          const missing = required.find((text) => own[text] === undefined || own[text] === null);
          if (missing !== undefined) {
            throw unreadable(`"${name}[${i}].${missing}" is missing`);
          }
          if (name === 'fields') {
            oneOf(FIELD_TYPES, own['type'], `fields[${i}].type`);
          }
          if (name === 'labels') {
            oneOf(LABELS_FROM, own['from'], `labels[${i}].from`);
          }
          return withTexts(own, `${name}[${i}].`, [...required, ...optional]);
        })
      );
    });
  }
  const names = Object.keys(saved) as Array<keyof MqttQuery>;
  return names.every((name) => saved[name] === query[name] && name in query) ? saved : (query as unknown as MqttQuery);
}

/** @returns the same object, or one without those of these texts that are null. */
function withTexts(object: Record<string, unknown>, prefix: string, texts: readonly string[]): Record<string, unknown> {
  const copy = { ...object };
  for (const name of texts) {
    setUnlessNull(copy, name, (value) => {
      if (typeof value !== 'string') {
        throw wrong(`${prefix}${name}`, 'text', value);
      }
      return value;
    });
  }
  return Object.keys(copy).length === Object.keys(object).length ? object : copy;
}

function setUnlessNull(object: Record<string, unknown>, name: string, check: (value: unknown) => unknown): void {
  const value = object[name];
  if (value === null) {
    delete object[name];
  } else if (value !== undefined) {
    object[name] = check(value);
  }
}

function sameOr<T>(before: readonly T[], after: readonly T[]): readonly T[] {
  return before.every((item, i) => item === after[i]) ? before : after;
}

/** An empty array passes: some programs write empty objects so. */
function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (!isObject(value)) {
    throw wrong(name, 'an object', value);
  }
  return value as Record<string, unknown>;
}

/** What is missing passes, and so does an empty text: some programs write a choice that was not made so. */
function oneOf(choices: ReadonlyArray<string | number>, value: unknown, name: string): unknown {
  if (![...choices, '', null, undefined].some((choice) => choice === value)) {
    throw wrong(name, `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`, value);
  }
  return value;
}

function wrong(name: string, type: string, value: unknown): QueryFormError {
  const text = JSON.stringify(value);
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return unreadable(`"${name}" must be ${type}, and is `.concat(short));
}

function unreadable(reason: string): QueryFormError {
  return new QueryFormError(
    `The JSON of this query cannot be read: ${reason}. Correct it where the query was written, such as in the JSON of the dashboard.`
  );
}
