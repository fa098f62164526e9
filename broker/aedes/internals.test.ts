import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { AEDES_VERSION } from './internals';

test('aedes is exactly the version whose internals the patches rely on', () => {
  const manifest = createRequire(import.meta.url)
    .resolve('aedes')
    .replace(/aedes\.js$/, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  // The hint is what a failure prints.
  const hint =
    `Read what changed from aedes ${AEDES_VERSION} to ${version} in aedes.js and lib/client.js (publish, mq.emit, ` +
    'dedupe, outgoingClearMessageId), run the tests of broker/ and their controls, then raise AEDES_VERSION.';
  expect({ version, hint }).toEqual({ version: AEDES_VERSION, hint });
});

test('package.json asks for exactly that version', () => {
  const { dependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(dependencies.aedes).toBe(AEDES_VERSION);
});
