import type { Browser, CDPSession } from 'playwright-core';

/**
 * A page of which the developer tools know nothing between two calls. Playwright watches the network of all its pages
 * and of their Workers: each WebSocket frame is then sent to the developer tools too, which costs Chromium's processes
 * more than the frame itself does, and which no user's browser pays.
 */
export interface UnwatchedPage extends AsyncDisposable {
  /** Evaluates an expression in the page, and waits for what it promises. @throws {Error} what the page throws. */
  evaluate<Value>(expression: string): Promise<Value>;
}

interface Reply {
  readonly id: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string; readonly exception?: { readonly description?: string } };
  };
}

/** Opens a window of its own profile. */
export async function openUnwatched(
  browser: Browser,
  url: string,
  size: { width: number; height: number }
): Promise<UnwatchedPage> {
  const session = await browser.newBrowserCDPSession();
  const { browserContextId } = await session.send('Target.createBrowserContext');
  const { targetId } = await session.send('Target.createTarget', { url, browserContextId, ...size });
  return {
    evaluate: (expression) => evaluate(session, targetId, expression),
    async [Symbol.asyncDispose]() {
      await session.send('Target.disposeBrowserContext', { browserContextId });
      await session.detach();
    },
  };
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
