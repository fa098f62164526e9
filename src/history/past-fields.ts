import { type DataFrame, type Field, FieldType, toDataFrame } from '@grafana/data';

/** The values of one field of another data source, for one set of labels. */
export interface PastField {
  readonly labels: Readonly<Record<string, string>>;
  /** The names of the field, the most exact one first; at least one. */
  readonly names: readonly string[];
  /** The first name is a level of its topic, by which the query names fields. */
  readonly pivoted?: true;
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
  return readAllCells(frames, labelNames).flatMap(withoutOuterNulls);
}

/** The same, with the nulls at both ends, and the fields that have nothing else. */
export function readAllCells(frames: readonly unknown[], labelNames: ReadonlySet<string>): PastField[] {
  return frames.flatMap((frame) => fieldsOf(toDataFrame(frame), labelNames));
}

/** A database fills intervals that have no row. @returns no field if it has nothing else. */
export function withoutOuterNulls(field: PastField): PastField[] {
  const { times, values } = field;
  const isValue = (value: unknown): boolean => value !== null;
  const first = values.findIndex(isValue);
  const end = values.findLastIndex(isValue) + 1;
  return first < 0 ? [] : [{ ...field, times: times.slice(first, end), values: values.slice(first, end) }];
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
    fields.map((field): PastField => {
      const cells = cellsOf(time, field, rows);
      const names = namesOf(field, fields.length === 1 ? frame.name : undefined);
      const all = { labels: { ...field.labels, ...labels }, names, type: typeOf(field)! };
      return { ...all, ...cells };
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
  if (fields.length === 0) {
    return [{ labels: {}, rows: Array.from({ length }, (_, row) => row) }];
  }
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

/** Times and values, the oldest first. */
function cellsOf(time: Field, field: Field, rows: readonly number[]): Pick<PastField, 'times' | 'values'> {
  let times: number[] = [];
  let values: unknown[] = [];
  let isSorted = true;
  for (const row of rows) {
    const at = Number(time.values[row] ?? NaN);
    if (Number.isFinite(at)) {
      isSorted &&= times.length === 0 || at >= times[times.length - 1];
      times.push(at);
      values.push(field.values[row] ?? null);
    }
  }
  if (!isSorted) {
    const [unsorted, cells] = [times, values];
    const order = [...unsorted.keys()].toSorted((a, b) => unsorted[a] - unsorted[b]);
    times = order.map((i) => unsorted[i]);
    values = order.map((i) => cells[i]);
  }
  return { times, values };
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
