import { expect, test } from 'vitest';
import type { FormatOptions, PayloadFormat } from '../types';
import { hasOption } from './formats';

test.each<[PayloadFormat, Array<keyof FormatOptions>]>([
  ['auto', []],
  ['json', ['unwrap', 'compression']],
  ['csv', ['delimiter', 'columns', 'unwrap', 'compression']],
  ['regex', ['pattern', 'unwrap', 'compression']],
  ['base64', []],
  ['uint8', ['offset', 'unwrap', 'compression']],
  ['float32', ['byteOrder', 'offset', 'unwrap', 'compression']],
  ['of-a-newer-version' as never, []],
])('%s has the controls of its options', (format, options) => {
  const all: Record<keyof FormatOptions, true> = {
    delimiter: true,
    columns: true,
    pattern: true,
    byteOrder: true,
    offset: true,
    unwrap: true,
    compression: true,
  };
  expect(Object.keys(all).filter((option) => hasOption(format, option as never))).toEqual(options);
});
