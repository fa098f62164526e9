import { expectTypeOf, test } from 'vitest';
import type { Format, FormatOptions } from './payload';
import type { FormatOptions as SavedOptions, PayloadFormat } from './types';

// payload imports nothing of ours, so it says for itself what it takes. What a query saves must be that.
test('what a query saves is what the decoders take', () => {
  expectTypeOf<PayloadFormat>().toEqualTypeOf<Format>();
  expectTypeOf<SavedOptions>().toExtend<FormatOptions>();
  expectTypeOf<keyof SavedOptions>().toEqualTypeOf<keyof FormatOptions>();
});
