import type {
  FieldChoice,
  FormatOptions,
  FrameShape,
  LabelChoice,
  MappingChoice,
  MqttQuery,
  PathKind,
  PayloadFormat,
  Qos,
  RetainedMode,
  TimeChoice,
} from '../types';

/**
 * Changes of a query. Each returns a new query, keeps fields that it does not know, and leaves a default out of the
 * saved query, where a missing field means the same.
 */

export const DEFAULT_QOS: Qos = 0;
export const DEFAULT_FORMAT: PayloadFormat = 'auto';
export const DEFAULT_SHAPE: FrameShape = 'series';
export const DEFAULT_RETAINED: RetainedMode = 'use';

/** Fields that one control sets. `reduce` and `backfill` have no value for their default. */
export type PlainField =
  'qos' | 'format' | 'shape' | 'legend' | 'reduce' | 'rows' | 'rowsAs' | 'pivot' | 'fill' | 'retained' | 'backfill';

const DEFAULTS: { [K in PlainField]: MqttQuery[K] } = {
  qos: DEFAULT_QOS,
  format: DEFAULT_FORMAT,
  shape: DEFAULT_SHAPE,
  legend: '',
  reduce: undefined,
  rows: '',
  rowsAs: undefined,
  pivot: '',
  fill: 'none',
  retained: DEFAULT_RETAINED,
  backfill: undefined,
};

export function withField<K extends PlainField>(query: MqttQuery, field: K, value: MqttQuery[K]): MqttQuery {
  return put(query, field, value === DEFAULTS[field] ? undefined : value);
}

type Limit = keyof NonNullable<MqttQuery['keep']>;

/** @param value undefined for the default. */
export function withLimit(query: MqttQuery, limit: Limit, value: number | undefined): MqttQuery {
  const { [limit]: _, ...others } = query.keep ?? {};
  return put(query, 'keep', unlessEmpty(value === undefined ? others : { ...others, [limit]: value }));
}

type Lists = 'fields' | 'mappings' | 'labels';

/** Choices without a path are left out. */
export function withChoices<K extends Lists>(query: MqttQuery, list: K, choices: NonNullable<MqttQuery[K]>): MqttQuery {
  const complete = (choices as Array<FieldChoice | MappingChoice | LabelChoice>).filter(
    ({ path }) => path.trim() !== ''
  );
  return put(query, list, complete.length === 0 ? undefined : (complete as MqttQuery[K]));
}

/** Adds a value mapping. */
export function withMapping(query: MqttQuery, mapping: MappingChoice): MqttQuery {
  return withChoices(query, 'mappings', [...(query.mappings ?? []), mapping]);
}

/** Replaces a path that the query has for something with another one. */
export function withPath(query: MqttQuery, kind: PathKind, path: string, other: string): MqttQuery {
  const replaced = <T extends { path: string }>(choices: readonly T[] = []): T[] =>
    choices.map((choice) => (choice.path === path ? { ...choice, path: other } : choice));
  switch (kind) {
    case 'field':
      return withChoices(query, 'fields', replaced(query.fields));
    case 'label':
      return withChoices(query, 'labels', replaced(query.labels));
    case 'mapping':
      return withChoices(query, 'mappings', replaced(query.mappings));
    case 'rows':
      return withField(query, 'rows', other);
    case 'time':
      return withTime(query, { path: other });
  }
}

/** A time path is saved only if the time is read from a path. */
export function withTime(query: MqttQuery, change: { [K in keyof TimeChoice]?: TimeChoice[K] | undefined }): MqttQuery {
  const time = withoutEmpty({ ...query.time, ...change });
  if (time.from !== 'path') {
    delete time.path;
    delete time.clockPath;
  }
  return put(query, 'time', unlessEmpty(time));
}

export function withFormatOptions(
  query: MqttQuery,
  change: { [K in keyof FormatOptions]?: FormatOptions[K] | undefined }
): MqttQuery {
  return put(query, 'formatOptions', unlessEmpty(withoutEmpty({ ...query.formatOptions, ...change })));
}

const CHOICE_DEFAULTS: Readonly<Record<string, string>> = { type: 'auto', from: 'payload' };

/** A field or a label without empty values and defaults. */
export function tidyChoice<T extends FieldChoice | LabelChoice>(choice: T): T {
  const set = Object.entries(withoutEmpty(choice)).filter(([key, value]) => value !== CHOICE_DEFAULTS[key]);
  return { ...(Object.fromEntries(set) as T), path: choice.path };
}

function withoutEmpty<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== '')) as T;
}

function unlessEmpty<T extends object>(object: T): T | undefined {
  return Object.keys(object).length === 0 ? undefined : object;
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
