import { test as base } from '@grafana/plugin-e2e';
import type { Locator } from '@playwright/test';
import mqtt from 'mqtt';

export { expect } from '@grafana/plugin-e2e';

export const PLUGIN_ID = 'mqttstream-websocket-datasource';
/** The names in provisioning/datasources/mqtt.yaml. */
export const DIRECT = 'House';

const tcpPort = process.env['MQTT_TCP_PORT'] ?? '11883';
const wsPort = process.env['MQTT_WS_PORT'] ?? '19001';
/** The broker's URL for the browser. */
export const BROKER_FOR_BROWSER = `ws://localhost:${wsPort}/mqtt`;
/** The broker's URL for Grafana's server, in the network of docker compose. */
export const BROKER_FOR_SERVER = process.env['MQTT_SERVER_URL'] ?? 'http://broker:9001/mqtt';

interface Fixtures {
  /** Publishes a retained message as a device, over TCP. */
  publish: (topic: string, payload: string) => Promise<void>;
  /** A topic that no other test uses. */
  topic: string;
}

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line eslint/no-empty-pattern -- Playwright reads the names of fixtures here
  topic: async ({}, use, { testId, retry }) => {
    await use(`e2e/${testId}-${retry}/value`);
  },
  // oxlint-disable-next-line eslint/no-empty-pattern -- see above
  publish: async ({}, use) => {
    const device = await mqtt.connectAsync(`mqtt://localhost:${tcpPort}`);
    await use(async (topic, payload) => {
      await device.publishAsync(topic, payload, { qos: 1, retain: true });
    });
    await device.endAsync();
  },
});

/** Enters a topic into a query editor, and runs the query. */
export async function enterTopic(row: Locator, topic: string): Promise<void> {
  const field = row.getByLabel('Topic', { exact: true });
  await field.fill(topic);
  await field.press('Enter');
}
