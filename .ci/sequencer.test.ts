import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FIRST } from './sequencer.mjs';

test('the files that run first are there', () => {
  expect(FIRST.filter((file) => !existsSync(join(import.meta.dirname, '..', file)))).toEqual([]);
  expect(new Set(FIRST).size).toBe(FIRST.length);
});
