import type { ExtractedRow } from '../rows/extracted-row';
import type { ChosenField } from '../rows/mapping';

/** @param key of a value in a payload; empty for a payload that is not an object. */
export function pathOf(field: string | undefined, key: string): string[] {
  return [...(field === undefined ? [] : [field]), ...(key === '' ? [] : [key])];
}

/** The object in which the value of a field is looked for. */
export type FieldSource = Pick<ExtractedRow, 'value' | 'whole' | 'outer' | 'time'>;

/** The value of a field: in the row, else in what the row is an item of. */
export function cellOf({ get }: ChosenField, { value, whole, outer }: FieldSource): unknown {
  let cell = get(value);
  if (cell === undefined) {
    cell = get(whole);
  }
  return cell === undefined ? get(outer) : cell;
}
