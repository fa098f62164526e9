import { type DataFrame, type Field, type FieldConfig, FieldType } from '@grafana/data';
import type { AnnouncedStates } from '../discovery';
import { type ColumnSpec, type ColumnType, formatPath, grafanaUnit, Namer, type Path, RETAINED } from '../payload';
import { getOrSet } from '../utils/get-or-set';
import { commonValues } from './common-values';
import type { CircularFrame } from './circular-frame';
import { stateMappings, wordMappings } from './mappings';

/** A series as a query sees it. */
export interface SeriesView {
  readonly topic: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly frame: CircularFrame;
  /** Older rows of another source. Its columns have the numbers of this series' columns. */
  readonly past?: SeriesView;
  /** Only rows before this time belong to the series, in milliseconds since the epoch. Default: all rows. */
  readonly before?: number;
}

/** In milliseconds since the epoch. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The rows of a series in a time window, both ends in it; `to` is exclusive.
 *
 * @param orUntil a series without a row in the window has the first one up to this time, in milliseconds since the epoch.
 */
export function rowsOf(
  { frame, before }: SeriesView,
  window: TimeSpan,
  orUntil?: number
): { from: number; to: number } {
  if (before !== undefined) {
    return frame.rowsBetween(window.from, Math.min(window.to, before - 1));
  }
  const { from, to } = frame.rowsBetween(window.from, window.to);
  const hasNext = from === to && orUntil !== undefined && to < frame.length && frame.time(to) <= orUntil;
  return hasNext ? { from: to, to: to + 1 } : { from, to };
}

export const FIELD_TYPE: Record<ColumnType, FieldType> = {
  number: FieldType.number,
  time: FieldType.time,
  string: FieldType.string,
  boolean: FieldType.boolean,
  json: FieldType.other,
  unknown: FieldType.other,
};

/** Metadata of a value from outside of its message: its unit as written, its two states, and its display name. */
export interface Announced {
  readonly unit?: string;
  readonly states?: AnnouncedStates;
  readonly name?: string;
}

/** Finds the metadata of the value at a path of a topic's payload. */
export type AnnouncedLookup = (topic: string, path: Path) => Announced | undefined;

/**
 * A new field config, which says how to show a column. Its unit is the query's, else the payload's, else what
 * is announced; its value mappings are the words that it comes as, else the states that are announced.
 */
export function configOf(
  { type, unit, payloadUnit, path, words }: Pick<ColumnSpec, 'type' | 'unit' | 'payloadUnit' | 'path' | 'words'>,
  topic: string,
  lookup: AnnouncedLookup | undefined
): ShownConfig {
  const { unit: announced, states, name } = lookup?.(topic, path) ?? {};
  const named = type === 'number' && words === undefined ? (payloadUnit ?? announced) : undefined;
  const shown = unit ?? (named === undefined ? undefined : grafanaUnit(named));
  const mappings = words === undefined ? states && stateMappings(type, states) : wordMappings(words);
  return {
    ...(shown === undefined ? undefined : { unit: shown }),
    ...(mappings === undefined ? undefined : { mappings }),
    // As Grafana draws a boolean: a value holds until the next one.
    ...(words === undefined || type !== 'number'
      ? undefined
      : { min: 0, max: 1, custom: { lineInterpolation: 'stepAfter' } }),
    ...(name === undefined ? undefined : { description: name }),
  };
}

/** The settings of a column that the rows of several frames may have in common. */
const SHOWN = ['unit', 'mappings', 'description'] as const;

type ShownConfig = Pick<FieldConfig, 'unit' | 'mappings' | 'description' | 'min' | 'max' | 'custom'>;

/**
 * A column of a frame. It has no `displayNameFromDS`: the transformation "Grouping to matrix" copies the config of the
 * values to every column that it makes, and all of them would have that name.
 */
export function column(name: string, type: FieldType, values: unknown[], config: FieldConfig = {}): Field {
  return { name, type, config, values };
}

/** A row of one of several series. */
export interface RowOf {
  readonly view: SeriesView;
  /** Counted from the oldest that its frame has. */
  readonly row: number;
}

/** The cell of a row, by its frame's number for the column. */
type CellOf = (frame: CircularFrame, column: number, row: number) => unknown;

interface UnionOptions {
  readonly refId: string;
  readonly announced?: AnnouncedLookup | undefined;
  /** A column says which rows come from retained messages. */
  readonly marksRetained?: boolean;
}

/** The name of the field that says whether a row comes from a retained message. */
export const RETAINED_NAME = 'Retained';

export function isRetained({ view: { frame }, row }: RowOf): boolean {
  return (frame.mark(row) & RETAINED) !== 0;
}

/**
 * One frame of rows of many series: their times, topics and labels, and a column for each path and type.
 *
 * A cell that a row does not have is null, not undefined: Grafana sorts numbers by their difference, which puts
 * undefined anywhere. The frame has no name, because panels would show it instead of a column that is called "Value",
 * and in front of each column if there are several queries (calculateFieldDisplayName in @grafana/data).
 */
export function unionFrame(
  series: readonly SeriesView[],
  rows: readonly RowOf[],
  cellOf: CellOf,
  { refId, announced, marksRetained }: UnionOptions
): DataFrame {
  const fields = [
    column(
      'Time',
      FieldType.time,
      rows.map(({ view, row }) => view.frame.time(row))
    ),
    column(
      'Topic',
      FieldType.string,
      rows.map(({ view }) => view.topic)
    ),
  ];
  if (marksRetained === true) {
    fields.push(column(RETAINED_NAME, FieldType.boolean, rows.map(isRetained)));
  }
  const namer = new Namer(fields.map(({ name }) => name));
  for (const label of new Set(series.flatMap(({ labels }) => Object.keys(labels)))) {
    const values = rows.map(({ view: { labels } }) => (Object.hasOwn(labels, label) ? labels[label] : null));
    fields.push(column(namer.unique(label, 'level'), FieldType.string, values));
  }
  for (const { name, types } of unionOfColumns(series, announced)) {
    for (const [i, { type, otherUnit, indexOf, configs }] of types.entries()) {
      const values = rows.map(({ view: { frame }, row }) => {
        const index = indexOf.get(frame);
        return index === undefined ? null : (cellOf(frame, index, row) ?? null);
      });
      const title =
        otherUnit === undefined ? namer.name(name, type, i > 0) : namer.unique(`${name} (${otherUnit})`, 'payload');
      fields.push(column(title, FIELD_TYPE[type], values, commonValues(configs, SHOWN)));
    }
  }
  return { refId, fields, length: rows.length };
}

const RANK: readonly ColumnType[] = ['number', 'time', 'string', 'boolean', 'json', 'unknown'];

interface TypedColumn {
  readonly type: ColumnType;
  /** The unit of the column, if its numbers came in another unit than the first. */
  readonly otherUnit: string | undefined;
  /** Whether the column has the 1 and 0 that words stand for. */
  readonly mapped: boolean;
  /** The index of the column in each of the frames that have it. */
  readonly indexOf: Map<CircularFrame, number>;
  /** How each of those frames shows the column. */
  readonly configs: ShownConfig[];
}

interface UnionColumn {
  readonly path: Path;
  readonly name: string;
  readonly types: readonly TypedColumn[];
}

const keys = new WeakMap<ColumnSpec, string>();

/** A text for the path and the title of a column, which is made once: a table can have thousands of series. */
function keyOf(spec: ColumnSpec): string {
  return getOrSet(keys, spec, () => JSON.stringify([spec.path, spec.title]));
}

/**
 * The columns of all series: those of one path and type are one, whatever each series calls them; of one path and
 * several types, or of several units in one series, each its own. A column that had only nulls so far belongs to any
 * other of its path.
 */
function unionOfColumns(series: readonly SeriesView[], lookup: AnnouncedLookup | undefined): UnionColumn[] {
  const byPath = new Map<string, { path: Path; name: string; types: Map<string, TypedColumn> }>();
  for (const { frame, topic } of series) {
    for (const [index, spec] of frame.columns.entries()) {
      const { path, type, title } = spec;
      const otherUnit = spec.otherUnit === true ? spec.payloadUnit : undefined;
      const { types } = getOrSet(byPath, keyOf(spec), () => ({
        path,
        name: title ?? formatPath(path),
        types: new Map(),
      }));
      const mapped = type === 'number' && spec.words !== undefined;
      const key = otherUnit === undefined ? `${type}${mapped ? ' words' : ''}` : `${type} ${grafanaUnit(otherUnit)}`;
      const typed = getOrSet(types, key, () => ({ type, otherUnit, mapped, indexOf: new Map(), configs: [] }));
      typed.indexOf.set(frame, index);
      typed.configs.push(configOf(spec, topic, lookup));
    }
  }
  return [...byPath.values()].map(({ path, name, types }) => {
    const known = [...types.values()].toSorted(
      (a, b) => RANK.indexOf(a.type) - RANK.indexOf(b.type) || Number(b.mapped) - Number(a.mapped)
    );
    const [first, last] = [known[0], known.at(-1)!];
    if (first === last || last.type !== 'unknown') {
      return { path, name, types: known };
    }
    const merged = { ...first, indexOf: new Map([...last.indexOf, ...first.indexOf]) };
    return { path, name, types: [merged, ...known.slice(1, -1)] };
  });
}
