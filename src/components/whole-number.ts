export interface WholeNumberRule {
  /** The label of the field. */
  label: string;
  min: number;
  max: number;
}

export type WholeNumber = { value: number | undefined; problem?: undefined } | { problem: string };

/** Reads a whole number from the text of a field. An empty text is `undefined`, for the default. Never NaN. */
export function readWholeNumber(text: string, { label, min, max }: WholeNumberRule): WholeNumber {
  const trimmed = text.trim();
  if (trimmed === '') {
    return { value: undefined };
  }
  const value = /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (value >= min && value <= max) {
    return { value };
  }
  const range = `from ${min.toLocaleString('en-US')} to ${max.toLocaleString('en-US')}`;
  return { problem: `${label} must be a whole number ${range}. Not saved.` };
}
