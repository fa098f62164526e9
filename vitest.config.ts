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
const WORKERS = Math.max(3, availableParallelism());

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
          maxWorkers: WORKERS,
          sequence: { groupOrder: 0 },
          include: ['{src,broker,workbench,bench,docs,testing,packaging,.ci}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.browser.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'dom',
          environment: 'happy-dom',
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
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
