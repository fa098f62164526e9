import type { Compression, FieldChoice, FormatOptions, LabelChoice, TimeChoice } from './payload';
import type { MqttQuery } from './types';
import { isObject } from './utils/is-object';

/** A query that cannot be read because a value in its JSON has the wrong type. The message says which, and what to do. */
export class QueryFormError extends Error {
  override name = 'QueryFormError';
}

/** The values that a choice of the query can have, and then those of its objects and of the items of its lists. */
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

/** What is text in an object, and what is a choice. */
interface Form {
  readonly texts: readonly string[];
  readonly choices?: Readonly<Record<string, readonly string[]>>;
}

/** Texts of the query, of its objects, and of the items of its lists. `path` and the words of a mapping are required. */
const TEXTS: Form = { texts: ['topic', 'rows', 'pivot', 'legend'] };
const OBJECTS: Readonly<Record<string, Form>> = {
  time: {
    texts: ['path', 'clockPath', 'format', 'zone'],
    choices: { from: TIMES_FROM, intervalUnit: INTERVAL_UNITS },
  },
  keep: { texts: [] },
  formatOptions: {
    texts: ['delimiter', 'pattern'],
    choices: { byteOrder: BYTE_ORDERS, compression: COMPRESSIONS },
  },
  backfill: { texts: [] },
};
const LISTS: Readonly<Record<string, Form & { required: readonly string[] }>> = {
  fields: { required: ['path'], texts: ['path', 'name', 'type', 'unit'], choices: { type: FIELD_TYPES } },
  labels: { required: ['path'], texts: ['path', 'name'], choices: { from: LABELS_FROM } },
  mappings: { required: ['path', 'true', 'false'], texts: ['path', 'true', 'false'] },
};

/**
 * A query whose texts, objects and lists are such: the JSON of a dashboard may have been written by hand or by a program,
 * and the code that reads a query trusts its types. Of texts it checks those that are a choice of a few words.
 *
 * @returns the same object, or one without those of its values that are null.
 * @throws {QueryFormError} for the first value of a wrong type.
 */
export function checkQueryForm(saved: MqttQuery): MqttQuery {
  const query = checked({ ...saved }, '', TEXTS);
  for (const [name, choices] of Object.entries(CHOICES)) {
    setUnlessNull(query, name, (value) => oneOf(choices, value, name));
  }
  for (const [name, form] of Object.entries(OBJECTS)) {
    setUnlessNull(query, name, (value) => checked(objectOf(value, name), `${name}.`, form));
  }
  const { unwrap } = (query['formatOptions'] ?? {}) as Record<string, unknown>;
  if (unwrap !== undefined && unwrap !== null) {
    oneOf(ENCODINGS, objectOf(unwrap, 'formatOptions.unwrap')['encoding'], 'formatOptions.unwrap.encoding');
  }
  for (const [name, form] of Object.entries(LISTS)) {
    setUnlessNull(query, name, (value) => {
      if (!Array.isArray(value)) {
        throw wrong(name, 'a list', value);
      }
      return sameOr(
        value,
        value.map((item: unknown, i) => {
          const own = objectOf(item, `${name}[${i}]`);
          const missing = form.required.find((text) => own[text] === undefined || own[text] === null);
          if (missing !== undefined) {
            throw unreadable(`"${name}[${i}].${missing}" is missing`);
          }
          return checked(own, `${name}[${i}].`, form);
        })
      );
    });
  }
  const names = Object.keys(saved) as Array<keyof MqttQuery>;
  return names.every((name) => saved[name] === query[name] && name in query) ? saved : (query as unknown as MqttQuery);
}

/**
 * @returns the same object, or one without those of its texts that are null.
 * @throws {QueryFormError} for the first of its choices, and then of its texts, that is none.
 */
function checked(
  object: Record<string, unknown>,
  prefix: string,
  { texts, choices = {} }: Form
): Record<string, unknown> {
  for (const [name, values] of Object.entries(choices)) {
    oneOf(values, object[name], `${prefix}${name}`);
  }
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
