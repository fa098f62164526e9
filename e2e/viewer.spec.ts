import { expect, test } from './fixtures';

test('a viewer sees live values on a provisioned dashboard, and cannot edit', async ({
  gotoDashboardPage,
  page,
  // oxlint-disable-next-line typescript/unbound-method -- a function, which plugin-e2e declares as a method
  readProvisionedDashboard,
  selectors,
}) => {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  const { uid } = await readProvisionedDashboard({ fileName: 'house.json' });
  const dashboard = await gotoDashboardPage({ uid });
  const panels = page.locator('[data-viz-panel-key]').or(page.locator('.react-grid-item'));
  await expect(panels.first()).toBeVisible();
  // The demo sensors publish every second.
  await expect(panels.filter({ hasText: /\d/ }).first()).toBeVisible();
  await expect(panels.filter({ hasText: 'No data' })).toHaveCount(0);
  await expect(dashboard.getByGrafanaSelector(selectors.components.NavToolbar.editDashboard.editButton)).toBeHidden();
  expect(problems).toEqual([]);
});

test('a viewer cannot open the settings of a data source', async ({ request }) => {
  const response = await request.get('/api/datasources');
  expect(response.status()).toBe(403);
});
