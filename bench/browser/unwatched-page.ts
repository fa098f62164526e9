import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, CDPSession } from 'playwright-core';

/**
 * A page of which the developer tools know nothing between two calls. Playwright watches the network of all its pages
 * and of their Workers: each WebSocket frame is then sent to the developer tools too, which costs Chromium's processes
 * more than the frame itself does, and a Worker starts only when they say so. No user's browser pays for either.
 */
export interface UnwatchedPage extends AsyncDisposable {
  /** Evaluates an expression in the page, and waits for what it promises. @throws {Error} what the page throws. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Opens another window of the same profile; it closes with the profile. */
  another(): Promise<UnwatchedPage>;
}

interface Reply {
  readonly id: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
  };
}

const WINDOW = { width: 1_040, height: 360 };

/** How long a page may take to load, in milliseconds. */
const LOAD_MS = 20_000;

/**
 * Opens a window of its own profile.
 *
 * @param global the page is ready when it has a global variable of this name.
 * @throws {Error} if the page is not ready in time.
 */
export async function openUnwatched(browser: Browser, url: string, global: string): Promise<UnwatchedPage> {
  const session = await browser.newBrowserCDPSession();
  const { browserContextId } = await session.send('Target.createBrowserContext');
  const dispose = async (): Promise<void> => {
    await session.send('Target.disposeBrowserContext', { browserContextId });
    await session.detach();
  };
  const open = async (): Promise<UnwatchedPage> => {
    const { targetId } = await session.send('Target.createTarget', {
      url,
      browserContextId,
      newWindow: true,
      ...WINDOW,
    });
    const page: UnwatchedPage = {
      evaluate: (expression) => evaluate(session, targetId, expression),
      another: open,
      [Symbol.asyncDispose]: dispose,
    };
    await ready(page, url, global);
    return page;
  };
  try {
    return await open();
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function ready(page: UnwatchedPage, url: string, global: string): Promise<void> {
  const deadline = performance.now() + LOAD_MS;
  while (!(await page.evaluate<boolean>(`'${global}' in globalThis`))) {
    if (performance.now() > deadline) {
      throw new Error(`${url} was not ready within ${LOAD_MS / 1_000} s`);
    }
    await sleep(50);
  }
}

/** Attached for the one call only, and to the page without its Workers. */
async function evaluate<Value>(session: CDPSession, targetId: string, expression: string): Promise<Value> {
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const replied = new Promise<Reply>((resolve) => {
    const read = (event: { sessionId: string; message: string }): void => {
      if (event.sessionId === sessionId) {
        session.off('Target.receivedMessageFromTarget', read);
        resolve(JSON.parse(event.message) as Reply);
      }
    };
    session.on('Target.receivedMessageFromTarget', read);
  });
  const params = { expression, awaitPromise: true, returnByValue: true };
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params });
  await session.send('Target.sendMessageToTarget', { sessionId, message });
  const { error, result } = await replied;
  await session.send('Target.detachFromTarget', { sessionId });
  const failure = error?.message ?? result?.exceptionDetails?.exception?.description ?? result?.exceptionDetails?.text;
  if (failure !== undefined) {
    throw new Error(failure);
  }
  return result?.result.value as Value;
}
