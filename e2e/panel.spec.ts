import { DIRECT, enterTopic, expect, test } from './fixtures';

test.describe('a panel', () => {
  test.beforeEach(async ({ panelEditPage, publish, topic }) => {
    await publish(topic, '21.5');
    await panelEditPage.datasource.set(DIRECT);
    await panelEditPage.setVisualization('Stat');
    await enterTopic(panelEditPage.getQueryEditorRow('A'), topic);
    await expect(panelEditPage.panel.locator).toContainText('21.5');
  });

  test('shows the number that a device publishes', async ({ panelEditPage, publish, topic }) => {
    await publish(topic, '1480');
    await expect(panelEditPage.panel.locator).toContainText('1480');
    await expect(panelEditPage.panel.getErrorIcon()).toBeHidden();
  });

  test('keeps its rows over a refresh', async ({ panelEditPage, publish, selectors, topic }) => {
    await panelEditPage.setVisualization('Table');
    await publish(topic, '22.5');
    await expect(panelEditPage.panel.data.filter({ hasText: '22.5' })).not.toHaveCount(0);
    await panelEditPage.getByGrafanaSelector(selectors.components.RefreshPicker.runButtonV2).click();
    // The first row is no longer stored by the broker, which retains the last message only.
    await expect(panelEditPage.panel.data.filter({ hasText: '21.5' })).not.toHaveCount(0);
    await expect(panelEditPage.panel.data.filter({ hasText: '22.5' })).not.toHaveCount(0);
  });
});
