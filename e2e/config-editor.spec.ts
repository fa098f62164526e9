import { BROKER_FOR_BROWSER, expect, PLUGIN_ID, test } from './fixtures';

// The health check of a frontend plugin runs in the browser: wait for the response to saving only.
const IN_BROWSER = { path: '/api/datasources/uid/' };

test('a new data source connects to the broker', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: PLUGIN_ID });
  await page.getByLabel(/^URL/).fill(BROKER_FOR_BROWSER);
  await config.saveAndTest(IN_BROWSER);
  await expect(config).toHaveAlert('success', { hasText: `Connected to ${BROKER_FOR_BROWSER}` });
});

test('a port without a broker is an error that says what to do', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: PLUGIN_ID });
  await page.getByLabel(/^URL/).fill('ws://localhost:9/mqtt');
  await config.saveAndTest(IN_BROWSER);
  await expect(config).toHaveAlert('error', { hasText: 'ws://localhost:9/mqtt' });
});

test('the settings have no violation of accessibility rules', async ({
  createDataSourceConfigPage,
  page,
  scanForA11yViolations,
}) => {
  await createDataSourceConfigPage({ type: PLUGIN_ID });
  await expect(page.getByLabel(/^URL/)).toBeVisible();
  // Only the plugin's own part of the page
  const report = await scanForA11yViolations({ include: 'form' });
  expect(report).toHaveNoA11yViolations();
});
