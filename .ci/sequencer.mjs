import { relative } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/** @import { TestSpecification } from 'vitest/node' */

/**
 * Files that take longest, of Node's tests those that wait most of the time. Without the results of an earlier run,
 * vitest may begin the longest one last, when nothing else is left to run beside it.
 */
export const FIRST = [
  'testing/brokers/brokers.test.ts',
  'src/engine/once.test.ts',
  'src/tests/random-actions.test.ts',
  'src/tests/faults.test.ts',
  'src/engine/history/seam.test.ts',
  'src/datasource.test.tsx',
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
