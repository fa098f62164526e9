import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/** @import { TestSpecification } from 'vitest/node' */

/**
 * Files that take longest, in turns those that wait for brokers and clocks and those that need the processor. Without
 * the results of an earlier run, vitest runs one project after the other, and may begin the longest file last.
 */
export const FIRST = [
  'broker/tests/kill.test.ts',
  'src/config/ConfigEditor.test.tsx',
  'src/engine/once.test.ts',
  'src/tests/faults.test.ts',
  'src/editor/QueryEditor.test.tsx',
  'broker/tests/noisy-neighbour.test.ts',
  'src/payload/fuzz.test.ts',
  'src/tests/random-actions.test.ts',
  'testing/brokers/brokers.test.ts',
  'src/editor/PayloadSection.test.tsx',
  'bench/broker.test.ts',
  'broker/sensors/sets.test.ts',
  'broker/tests/cluster-kill.test.ts',
  'src/payload/columns/series-builder.test.ts',
  'broker/history/standalone.test.ts',
  'bench/bench.browser.test.ts',
  'workbench/explore.browser.test.ts',
  'workbench/looks.browser.test.ts',
  'workbench/accessibility.browser.test.ts',
  'workbench/connection.browser.test.ts',
];

/** Runs the longest files first, so that the last ones are short. */
export class LongestFirst extends BaseSequencer {
  /**
   * @override
   * @param {TestSpecification[]} files
   */
  async sort(files) {
    /** @param {TestSpecification} file */
    const rank = ({ moduleId }) => {
      const at = FIRST.indexOf(relative(this.ctx.config.root, moduleId));
      return at === -1 ? FIRST.length : at;
    };
    /** @param {TestSpecification} file */
    const group = ({ project }) => project.config.sequence.groupOrder;
    // oxlint-disable-next-line unicorn/no-array-sort -- this is not an array's
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => group(a) - group(b) || rank(a) - rank(b));
  }
}
