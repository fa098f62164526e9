/** The abstract tests that aedes-persistence ships for its implementations, run against ours. */
import assert from 'node:assert';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import type { Storage } from '../storage';
import { openDiskStorage } from '../disk/disk';
import { SessionPersistence } from './persistence';

type Body = (t: unknown) => Promise<void>;

interface AbstractOptions {
  test: (name: string, body: Body) => void;
  persistence: () => Promise<unknown>;
  testAsync: true;
}

const abstract = createRequire(import.meta.url)('aedes-persistence/abstract.js') as (options: AbstractOptions) => void;

/** node:test's context, as far as the suite uses it. */
function run(name: string, body: Body): void {
  // oxlint-disable-next-line vitest/valid-title -- the suite's own titles
  test(name, async () => {
    let planned: number | undefined;
    let asserted = 0;
    const counting = new Proxy(assert, {
      get: (target, property: keyof typeof assert) => {
        asserted += 1;
        return target[property];
      },
    });
    await body({
      assert: counting,
      plan: (count: number) => {
        planned = count;
      },
      diagnostic: () => {},
    });
    if (planned !== undefined) {
      assert.equal(asserted, planned);
    }
  });
}

describe('in memory', () => {
  abstract({ test: run, persistence: () => Promise.resolve(new SessionPersistence()), testAsync: true });
});

describe('on disk', () => {
  const opened: Array<{ storage: Storage; directory: string }> = [];
  abstract({
    test: run,
    persistence: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'broker-abstract-'));
      const storage = await openDiskStorage(directory);
      opened.push({ storage, directory });
      return storage.persistence;
    },
    testAsync: true,
  });
  afterAll(async () => {
    await Promise.all(
      opened.map(async ({ storage, directory }) => {
        await storage.close();
        await rm(directory, { recursive: true });
      })
    );
  });
});
