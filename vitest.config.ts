import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

import { LongestFirst } from './.ci/sequencer.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));

// The ESM builds of @grafana/* cannot be imported by vitest (they import CSS and CommonJS named exports);
// their CommonJS builds can.
const alias = [
  {
    find: /^@grafana\/(data|runtime|ui|i18n|schema)$/,
    replacement: `${root}node_modules/@grafana/$1/dist/cjs/index.cjs`,
  },
];

// Grafana 12.4 and React 18, which testing/grafana-12/package.json installs: .ci/run does, a clone need not.
const GRAFANA_12 = `${root}testing/grafana-12/node_modules`;
const alias12 = [
  { find: /^@grafana\/(data|runtime|ui|i18n|schema)$/, replacement: `${GRAFANA_12}/@grafana/$1/dist/cjs/index.cjs` },
  { find: /^(react|react-dom)((?:\/.*)?)$/, replacement: `${GRAFANA_12}/$1$2` },
  { find: /^(@testing-library\/(?:dom|react|user-event)|rxjs)$/, replacement: `${GRAFANA_12}/$1` },
];

// Most tests wait for brokers and clocks, not for the processor.
const WORKERS = Math.max(4, availableParallelism());

// Files of one worker share the modules they import: loading them again for each file takes longer than most tests. A
// test that needs modules as they are at the start resets them: `vi.hoisted(() => vi.resetModules())`. Those of the
// broker have a process each: they take apart what a program has once, such as its listeners of signals.
const isolate = false;

/** Tests of time and memory while a program is under load: one at a time, and nothing else. */
const MEASURED = ['broker/tests/noisy-neighbour.test.ts'];

export default defineConfig({
  resolve: { alias },
  test: {
    reporters: ['default', './.ci/summary-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'node',
          environment: 'node',
          isolate,
          // Tests that run beside each other wait, each for a broker of its own
          maxConcurrency: 12,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
          setupFiles: ['testing/leftovers.ts'],
          include: ['{src,workbench,docs,testing,packaging,.ci}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.browser.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'broker',
          environment: 'node',
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
          include: ['{broker,bench}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.browser.test.ts', ...MEASURED],
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'measured',
          environment: 'node',
          include: MEASURED,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'dom',
          environment: 'happy-dom',
          isolate,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
          include: ['src/**/*.test.tsx'],
          setupFiles: ['src/test-setup.ts'],
          testTimeout: 60_000,
        },
      },
      ...(existsSync(GRAFANA_12)
        ? [
            {
              resolve: { alias: alias12 },
              test: {
                name: 'grafana-12',
                environment: 'happy-dom',
                isolate,
                maxWorkers: WORKERS,
                sequence: { groupOrder: 0 },
                include: ['src/**/*.test.tsx', 'testing/grafana-12/*.test.tsx'],
                setupFiles: ['src/test-setup.ts'],
                testTimeout: 60_000,
              },
            },
          ]
        : []),
      {
        resolve: { alias },
        test: {
          name: 'browser',
          environment: 'node',
          include: ['{workbench,bench}/**/*.browser.test.ts'],
          globalSetup: ['workbench/browser-setup.ts'],
          // A browser needs the processor: its tests come last, and no more than two files at a time.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
