import { expect, test } from 'vitest';
import type { FormatOptions, PayloadFormat } from '../types';
import { hasOption } from './formats';

test.each<[PayloadFormat, Array<keyof FormatOptions>]>([
  ['auto', []],
  ['json', ['unwrap']],
  ['csv', ['delimiter', 'columns', 'unwrap']],
  ['regex', ['pattern', 'unwrap']],
  ['base64', []],
  ['uint8', ['offset', 'unwrap']],
  ['float32', ['byteOrder', 'offset', 'unwrap']],
  ['of-a-newer-version' as never, []],
])('%s has the controls of its options', (format, options) => {
  const all: Record<keyof FormatOptions, true> = {
    delimiter: true,
    columns: true,
    pattern: true,
    byteOrder: true,
    offset: true,
    unwrap: true,
  };
  expect(Object.keys(all).filter((option) => hasOption(format, option as never))).toEqual(options);
});
