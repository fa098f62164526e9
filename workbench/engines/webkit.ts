import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { Builder, By, Capabilities } from 'selenium-webdriver';

import { Program } from '../../testing/program';
import { freePort } from '../../testing/programs';
import { type Engine, WINDOW } from './engine';
import { temporaryHome } from './temporary-home';

export interface WebKitPrograms {
  /** WebKitWebDriver, which starts WebKitGTK's own small browser. It has no mode without a window. */
  driver: string;
  /** Xvfb: a screen in memory. */
  xvfb: string;
}

/**
 * WebKitGTK takes the language of pages from the locale. `C` is `en-US` there. `C.UTF-8`, which containers often have, is
 * a language named `C`: `Intl` throws a RangeError for it, at which Grafana's own code fails.
 */
const LOCALE = 'C';

export async function launchWebKit({ driver, xvfb }: WebKitPrograms): Promise<Engine> {
  const cleanup: Array<() => unknown> = [];
  const dispose = async (): Promise<void> => {
    for (const step of cleanup.splice(0).toReversed()) {
      await step();
    }
  };
  try {
    const home = await temporaryHome();
    cleanup.push(home.remove);
    const screen = spawn(xvfb, ['-displayfd', '1', '-screen', '0', `${WINDOW.width}x${WINDOW.height}x24`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    cleanup.push(() => end(screen));
    const DISPLAY = `:${await displayOf(screen)}`;
    const port = await freePort();
    const env = { HOME: home.path, DISPLAY, LC_ALL: LOCALE };
    const service = new Program({ command: driver, args: [`--port=${port}`], env, ports: [port] });
    cleanup.push(() => service[Symbol.asyncDispose]());
    await service.start();
    const browser = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities(new Capabilities({ browserName: 'MiniBrowser' }))
      .build();
    cleanup.push(() => browser.quit().catch(() => undefined)); // it may have crashed
    const capabilities = await browser.getCapabilities();
    const window = browser.manage().window();
    const show = async (): Promise<void> => void (await window.setRect({ x: 0, y: 0, ...WINDOW }));
    await show();
    return {
      version: `webkit/${capabilities.getBrowserVersion()}`,
      open: (address) => browser.get(address),
      reload: () => browser.navigate().refresh(),
      evaluate: async (expression) => {
        const { value, error } = await browser.executeAsyncScript<{ value?: unknown; error?: string }>(`
          const done = arguments[arguments.length - 1];
          (async () => (${expression}))().then((value) => done({ value }), (error) => done({ error: String(error) }));`);
        if (error !== undefined) {
          throw new Error(`${expression}: ${error}`);
        }
        return value;
      },
      click: (selector) => browser.findElement(By.css(selector)).click(),
      // Its tabs are all visible to their pages, also those behind another one.
      hide: () => window.minimize(),
      show,
      screenshot: async () => Buffer.from(await browser.takeScreenshot(), 'base64'),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The number of the display, which Xvfb chooses, and writes when it is ready. */
async function displayOf(screen: ChildProcess): Promise<string> {
  const exit = once(screen, 'exit').then(() => Promise.reject(new Error('Xvfb has not started')));
  const [number] = (await Promise.race([once(screen.stdout!.setEncoding('utf8'), 'data'), exit])) as [string];
  return number.trim();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
