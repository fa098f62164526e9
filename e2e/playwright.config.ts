import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');
const auth = join(dirname(fileURLToPath(import.meta.resolve('@grafana/plugin-e2e'))), 'auth');
/** The folder in which plugin-e2e stores the session of a user. */
const session = (user: string): string => join(root, `playwright/.auth/${user}.json`);

/**
 * The specs run in a Grafana that runs already: `npm run server`, then `npm run e2e`. GRAFANA_URL is its address, and
 * MQTT_TCP_PORT and MQTT_WS_PORT are the ports of the broker next to it, as in docker-compose.yaml.
 */
export default defineConfig<PluginOptions>({
  testDir: here,
  outputDir: join(root, 'build/e2e'),
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  retries: process.env['CI'] === undefined ? 0 : 1,
  reporter: 'list',
  expect: { timeout: 15_000 },
  use: {
    baseURL: process.env['GRAFANA_URL'] ?? 'http://localhost:3000',
    provisioningRootDir: join(root, 'provisioning'),
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'sign in as admin', testDir: auth, testMatch: /auth\.setup\.js/ },
    {
      name: 'sign in as viewer',
      testDir: auth,
      testMatch: /auth\.setup\.js/,
      use: { user: { user: 'viewer', password: 'viewer-of-e2e', role: 'Viewer' } },
      // Users are created by the admin.
      dependencies: ['sign in as admin'],
    },
    {
      name: 'admin',
      testMatch: /(?<!viewer)\.spec\.ts/,
      use: { ...devices['Desktop Chrome'], storageState: session('admin') },
      dependencies: ['sign in as admin'],
    },
    {
      name: 'viewer',
      testMatch: /viewer\.spec\.ts/,
      use: { ...devices['Desktop Chrome'], storageState: session('viewer') },
      dependencies: ['sign in as viewer'],
    },
  ],
});
