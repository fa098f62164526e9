import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it, onTestFinished } from 'vitest';

import { startBroker } from '../broker/fixture';
import { openBackgroundTab } from './background-tab';
import { addressOf, browsers, hasBrowser, serveWorkbench, SOON } from './testing';

const KEEPALIVE_S = 2;

const KITCHEN = `document.querySelector('[aria-label="Kitchen"], [data-testid="data-testid Panel header Kitchen"]')?.textContent`;

describe.skipIf(!hasBrowser())('a hidden tab', () => {
  it('stays connected while its timers are stopped, and is up to date as soon as it is visible', async () => {
    await using broker = await startBroker();
    // If home/+/temperature had no retained message, a further session would ask for that of home/kitchen/temperature.
    await broker.publish({ topic: 'home/kitchen/temperature', payload: '9', retain: true });
    const server = await serveWorkbench();
    onTestFinished(server.close);
    const address = addressOf(server.url, {
      broker: broker.ws?.url ?? '',
      view: 'dashboard',
      jsonData: { keepalive: KEEPALIVE_S, protocol: '3.1.1' },
    });
    await using tab = await openBackgroundTab(browsers().chromium ?? '', address);
    const publish = (value: number) => broker.publish({ topic: 'home/kitchen/temperature', payload: String(value) });
    await expect.poll(() => broker.subscriptions().size, SOON).toBe(1);
    await expect
      .poll(async () => {
        await publish(10);
        return tab.evaluate(KITCHEN);
      }, SOON)
      .toMatch(/10/);
    // The connection that looks for a historian ends by itself.
    const connected = () =>
      broker
        .connections()
        .map(({ clientId }) => clientId)
        .filter((clientId) => !clientId.includes('-history-'));
    const clients = connected();
    expect(clients).toHaveLength(1);

    await tab.hide();
    expect(await tab.evaluate('document.visibilityState')).toBe('hidden');
    // The broker disconnects a client that is silent for one and a half times its keepalive [MQTT-3.1.2-24].
    await sleep(4 * KEEPALIVE_S * 1_000);
    await publish(21);
    expect(connected()).toEqual(clients);
    expect(broker.clientErrors).toEqual([]);

    await tab.show();
    await expect.poll(() => tab.evaluate(KITCHEN), SOON).toMatch(/21/);
    expect(connected()).toEqual(clients);
  });
});
