import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { USAGE } from './cli-options';
import { DEFAULT_LIMITS } from './limits';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the fixture example in docs/broker.md is the test that runs', () => {
  const blocks = [...read('../docs/broker.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(blocks).toContain(read('./examples/fixture-example.test.ts'));
});

test('docs/broker.md knows every option of the command and every limit', () => {
  const doc = read('../docs/broker.md');
  for (const [option] of USAGE.matchAll(/--[a-z-]+/g)) {
    expect(doc).toContain(option);
  }
  for (const limit of Object.keys(DEFAULT_LIMITS)) {
    expect(doc).toContain(`\`${limit}\``);
  }
});
