import { type DataFrame, type Field, FieldType, toDataFrame } from '@grafana/data';

/** The values of one field of another data source, for one set of labels. */
export interface PastField {
  readonly labels: Readonly<Record<string, string>>;
  /** What the field is called, the most exact name first; at least one. */
  readonly names: readonly string[];
  readonly type: 'number' | 'string' | 'boolean';
  /** Milliseconds since the epoch, ascending. */
  readonly times: readonly number[];
  /** One per time; null is a gap. The first and the last are not null. */
  readonly values: readonly unknown[];
}

/**
 * Reads the frames of any data source, in Grafana's formats for time series (one frame per series, wide, long) and in
 * its old ones.
 *
 * @param frames what the data source returned.
 * @param labelNames text columns with one of these names are labels: their values tell series apart.
 */
export function readPastFields(frames: readonly unknown[], labelNames: ReadonlySet<string>): PastField[] {
  return frames.flatMap((frame) => fieldsOf(toDataFrame(frame), labelNames));
}

function fieldsOf(frame: DataFrame, labelNames: ReadonlySet<string>): PastField[] {
  const time = frame.fields.find(({ type }) => type === FieldType.time);
  if (time === undefined) {
    return [];
  }
  const isLabel = ({ type, name }: Field): boolean => type === FieldType.string && labelNames.has(name);
  const groups = rowsByLabels(frame.length, frame.fields.filter(isLabel));
  const fields = frame.fields.filter((field) => typeOf(field) !== undefined && !isLabel(field));
  return groups.flatMap(({ labels, rows }) =>
    fields.flatMap((field): PastField[] => {
      const cells = cellsOf(time, field, rows);
      return cells.length === 0
        ? []
        : [
            {
              labels: { ...field.labels, ...labels },
              names: namesOf(field, fields.length === 1 ? frame.name : undefined),
              type: typeOf(field)!,
              times: cells.map(([at]) => at),
              values: cells.map(([, value]) => value),
            },
          ];
    })
  );
}

function typeOf({ type }: Field): PastField['type'] | undefined {
  return type === FieldType.number || type === FieldType.string || type === FieldType.boolean ? type : undefined;
}

function rowsByLabels(
  length: number,
  fields: readonly Field[]
): Array<{ labels: PastField['labels']; rows: number[] }> {
  const groups = new Map<string, { labels: PastField['labels']; rows: number[] }>();
  for (let row = 0; row < length; row++) {
    const values = fields.map((field): string => String(field.values[row] ?? ''));
    const key = JSON.stringify(values);
    const group = groups.get(key);
    if (group === undefined) {
      const labels = Object.fromEntries(fields.map(({ name }, i) => [name, values[i]]));
      groups.set(key, { labels, rows: [row] });
    } else {
      group.rows.push(row);
    }
  }
  return [...groups.values()];
}

/** Times and values, the oldest first, without nulls at both ends: a database fills intervals that have no row. */
function cellsOf(time: Field, field: Field, rows: readonly number[]): Array<[number, unknown]> {
  const cells = rows
    .map((row): [number, unknown] => [Number(time.values[row] ?? NaN), field.values[row] ?? null])
    .filter(([at]) => Number.isFinite(at))
    .toSorted(([a], [b]) => a - b);
  const isValue = ([, value]: [number, unknown]): boolean => value !== null;
  const first = cells.findIndex(isValue);
  return first < 0 ? [] : cells.slice(first, cells.findLastIndex(isValue) + 1);
}

function namesOf({ name, config, labels = {} }: Field, frameName: string | undefined): string[] {
  const names = [
    config.displayNameFromDS,
    config.displayName,
    // Flux and Prometheus name a field in its labels.
    labels['_field'],
    labels['__name__'],
    name,
    frameName,
  ];
  const known = names.filter((each): each is string => each !== undefined && each !== '');
  return known.length === 0 ? ['Value'] : [...new Set(known)];
}
