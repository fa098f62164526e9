import { expect, inject, test } from 'vitest';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { browserSuite } from './browser/suite';
import { scratchFolder } from './bundle';
import { isMeasured } from './measurement';
import { ROOT } from './paths';

/** Rows with parts of their own: the others measure the same in another number, and the whole suite has 20 minutes in CI. */
const ROWS =
  /^(?:in-chromium|one-per-frame|latency|scroll|frames|first-row|history|reload|open-editor|drawn-latency|all-processes|devices|profile|steps|other)/;

test.skipIf(inject('workbench')?.browsers.chromium === undefined)(
  'the browser bench in its short form gives finite numbers in each kind of row',
  { timeout: 300_000 },
  async () => {
    using folder = await scratchFolder();
    using other = await scratchFolder();
    for (const name of ['bench', 'src', 'testing', 'node_modules', 'package.json', 'tsconfig.json']) {
      await symlink(join(ROOT, name), join(other.path, name));
    }
    await symlink(inject('workbench')!.folders.plugin, join(other.path, 'dist'));
    const results = await browserSuite({ short: true, only: ROWS, other: other.path, profile: folder.path });
    // Without mosquitto its row says so; anything else that could not be measured is a fault.
    const unmeasured = results.filter(
      (result) => !isMeasured(result) && result.unmeasured !== 'mosquitto is not installed'
    );
    expect(unmeasured).toEqual([]);
    expect(await readdir(folder.path)).toEqual(['page.cpuprofile', 'peer.cpuprofile', 'worker.cpuprofile']);
    expect(results.filter((result) => isMeasured(result) && result.what.startsWith('in turns: '))).toHaveLength(6);
    for (const { what, ours } of results.filter((result) => isMeasured(result))) {
      expect(ours.value, what).toSatisfy((number: number) => Number.isFinite(number) && number >= 0);
    }
  }
);
