import { expect, it, onTestFinished } from 'vitest';

import { startBroker } from '../broker/fixture';
import { overlapInChromium } from '../testing/brokers/chromium/overlap';
import { hasBrowser, launchChromium, serveWorkbench } from './testing';

/** `npm run brokers -- --chromium` does the same with other brokers, and for longer. */
it.skipIf(!hasBrowser())(
  'two tabs with panels and editors on filters that overlap show each number once',
  async () => {
    await using broker = await startBroker();
    const server = await serveWorkbench();
    onTestFinished(server.close);
    const browser = await launchChromium();
    try {
      const { expected, ...result } = await overlapInChromium(browser, {
        workbench: server.url,
        broker: { url: broker.ws!.url, publishUrl: broker.tcp!.url },
        durationMs: 10_000,
      });
      expect(result).toMatchObject({ doubled: [], missing: [] });
      expect(expected).toBeGreaterThan(100);
    } finally {
      await browser.close();
    }
  },
  120_000
);
