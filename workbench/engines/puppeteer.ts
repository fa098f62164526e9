import { launch, type LaunchOptions } from 'puppeteer-core';

import { CHROMIUM_ARGS } from '../../testing/chromium-args';
import { type Engine, WINDOW } from './engine';
import { temporaryHome } from './temporary-home';

/** Over WebDriver BiDi: Firefox speaks no other protocol of puppeteer's. */
export function launchFirefox(executablePath: string): Promise<Engine> {
  return launchBrowser({ browser: 'firefox', executablePath });
}

export function launchChromium(executablePath: string): Promise<Engine> {
  return launchBrowser({ browser: 'chrome', executablePath, args: CHROMIUM_ARGS });
}

async function launchBrowser(options: LaunchOptions): Promise<Engine> {
  const home = await temporaryHome();
  try {
    const browser = await launch({ ...options, headless: true, env: { ...process.env, HOME: home.path } });
    const dispose = async (): Promise<void> => {
      await browser.close();
      await home.remove();
    };
    const [front] = await browser.pages();
    const page = await browser.newPage();
    await page.setViewport(WINDOW);
    return {
      version: (await browser.version()).toLowerCase(),
      open: async (url) => void (await page.goto(url)),
      reload: async () => void (await page.reload()),
      evaluate: (expression) => page.evaluate(expression),
      click: (selector) => page.click(selector),
      // Another tab is put in front of it.
      hide: () => front.bringToFront(),
      show: () => page.bringToFront(),
      screenshot: () => page.screenshot(),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await home.remove();
    throw error;
  }
}
