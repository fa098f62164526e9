import type { Browser, Page } from 'playwright-core';

import type { View } from './host/params';

export interface Picture {
  /** Name of the PNG file. */
  file: string;
  view: View;
  /** A dashboard of the plugin. */
  dashboard?: string;
  /** How long values come in before the picture is taken, in milliseconds, where there is no history. */
  collect?: number;
  /** Topic of the query in Explore. */
  topic?: string;
  /** URL of another broker than the server's. Settings show it; nothing connects to it. */
  broker?: string;
  /** Size of the viewport, in pixels. */
  width: number;
  height: number;
  /** Brings the page to what the picture shows. */
  prepare: (page: Page) => Promise<void>;
}

/** Time for messages to arrive and for the panels to draw them, in milliseconds. */
const SETTLE_MS = 4_000;

/** The pictures of the workbench, in the light theme. */
export const PICTURES: readonly Picture[] = [
  {
    file: 'dashboard.png',
    view: 'dashboard',
    width: 1280,
    height: 760,
    prepare: async (page) => {
      await live(page);
      await chooseRange(page, 'Last 5 minutes');
    },
  },
  shipped('house', 1310),
  shipped('factory', 1250),
  shipped('sparkplug', 1330),
  shipped('any-topic', 950),
  {
    file: 'query-editor.png',
    view: 'explore',
    topic: 'home/{room}/temperature',
    width: 1100,
    height: 1072,
    prepare: live,
  },
  {
    file: 'topic-browser.png',
    view: 'explore',
    topic: 'home/{room}/temperature',
    width: 1100,
    height: 800,
    prepare: async (page) => {
      await live(page);
      await page.getByRole('button', { name: 'Browse topics' }).click();
    },
  },
  {
    file: 'settings.png',
    view: 'config',
    broker: 'wss://broker.example:8084/mqtt',
    width: 1010,
    height: 1060,
    prepare: async (page) => {
      await page.getByText('Access mode').waitFor();
    },
  },
  // The last one, because the others are clients of the broker, too
  { ...shipped('broker', 1050, 'Last 1 minute'), collect: 65_000 },
];

/** The picture of a dashboard that the plugin ships, whole. */
function shipped(dashboard: string, height: number, range?: string): Picture {
  const prepare = async (page: Page): Promise<void> => {
    await live(page);
    if (range !== undefined) {
      await chooseRange(page, range);
    }
  };
  return { file: `${dashboard}.png`, view: 'dashboard', dashboard, width: 1280, height, prepare };
}

async function chooseRange(page: Page, range: string): Promise<void> {
  await page.getByRole('button', { name: /Time range selected/ }).click();
  await page.getByText(range, { exact: true }).last().click();
}

async function live(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Connection' }).getByText('Live', { exact: true }).waitFor();
}

/**
 * Opens the workbench at `server` and takes one picture of it.
 *
 * @param settle how long the page waits before the picture, in milliseconds
 * @throws {Error} if the page does not come to what the picture shows
 */
export async function takePicture(
  browser: Browser,
  server: string,
  { view, dashboard, topic, broker, width, height, prepare }: Picture,
  file: string,
  settle = SETTLE_MS
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce' });
  try {
    const url = new URL(server);
    for (const [name, value] of Object.entries({ theme: 'light', view, dashboard, topic, broker })) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    await page.goto(url.href);
    await prepare(page);
    // No tooltip of the button that was clicked last
    await page.mouse.move(0, 0);
    await page.waitForTimeout(settle);
    await page.screenshot({ path: file });
  } finally {
    await page.close();
  }
}
