import type { ComboboxOption } from '@grafana/ui';
import { FORMAT_IDS, FORMATS, isFormat } from '../payload/formats';
import type { FormatOptions, PayloadFormat } from '../types';

export const FORMAT_CHOICES: ReadonlyArray<ComboboxOption<PayloadFormat>> = FORMAT_IDS.map((value) => {
  const { label, description } = FORMATS[value];
  return { value, label, description };
});

/** @param format as it is saved; one of a newer version has no options here. */
export function hasOption(format: PayloadFormat, option: keyof FormatOptions): boolean {
  return isFormat(format) && FORMATS[format].options.includes(option);
}
