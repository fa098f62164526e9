import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

// The ESM builds of @grafana/* cannot be imported by vitest (they import CSS and CommonJS named exports);
// their CommonJS builds can.
const alias = [
  {
    find: /^@grafana\/(data|runtime|ui|i18n|schema)$/,
    replacement: `${root}node_modules/@grafana/$1/dist/cjs/index.cjs`,
  },
];

export default defineConfig({
  resolve: { alias },
  test: {
    reporters: ['default', './.ci/summary-reporter.ts'],
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'node',
          environment: 'node',
          include: ['{src,broker,workbench,bench,docs,testing,.ci}/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'dom',
          environment: 'happy-dom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['src/test-setup.ts'],
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'browser',
          environment: 'node',
          include: ['{workbench,bench}/**/*.browser.test.ts'],
          globalSetup: ['workbench/browser-setup.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
