import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { WebSocket } from 'ws';

import { CHROMIUM_ARGS } from '../testing/chromium-args';

/** A tab that can be hidden behind another one, as a reader does. */
export interface BackgroundTab extends AsyncDisposable {
  /** Evaluates an expression in the page. @returns its value, awaited if it is a promise. */
  evaluate: (expression: string) => Promise<unknown>;
  /**
   * Puts another tab in front of this one: the page is hidden, and its timers stop. Chromium runs the timers of a hidden
   * page once a second, and after five minutes once a minute (chromestatus.com, feature 4718288976216064). A test cannot
   * wait that long, so here they do not run at all. As in Chromium, the timers of a Worker are not affected.
   */
  hide: () => Promise<void>;
  /** Puts the tab in front again; timers that were due run late. */
  show: () => Promise<void>;
}

interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

const START_WITHIN_MS = 30_000;

/** Runs in the page before its own scripts. */
const STOPPABLE_TIMERS = `
  globalThis.timersStopped = false;
  const late = [];
  const stoppable = (callback) => (...args) => {
    if (globalThis.timersStopped) late.push(() => callback(...args)); else callback(...args);
  };
  const { setTimeout, setInterval } = globalThis;
  globalThis.setTimeout = (callback, ...rest) => setTimeout(stoppable(callback), ...rest);
  globalThis.setInterval = (callback, ...rest) => setInterval(stoppable(callback), ...rest);
  globalThis.resumeTimers = () => {
    globalThis.timersStopped = false;
    for (const run of late.splice(0)) run();
  };
`;

/**
 * Opens a page in a Chromium of its own, controlled by the DevTools protocol, because Playwright makes every page
 * visible and so cannot test a hidden one.
 */
export async function openBackgroundTab(executable: string, url: string): Promise<BackgroundTab> {
  const profile = await mkdtemp(path.join(tmpdir(), 'background-tab-'));
  const chromium = spawn(
    executable,
    [
      '--headless=new',
      ...CHROMIUM_ARGS,
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  );
  const dispose = async (): Promise<void> => {
    if (chromium.exitCode === null && chromium.signalCode === null) {
      chromium.kill('SIGKILL');
      await once(chromium, 'exit');
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const browser = await connect(await debuggerAddress(chromium.stderr));
    const page = await openTab(browser, url, STOPPABLE_TIMERS);
    const front = await openTab(browser, 'about:blank');
    await browser('Target.activateTarget', { targetId: page.targetId });
    return {
      evaluate: (expression) => evaluate(browser, page.sessionId, expression),
      hide: async () => {
        await browser('Target.activateTarget', { targetId: front.targetId });
        await evaluate(browser, page.sessionId, 'globalThis.timersStopped = true');
      },
      show: async () => {
        await evaluate(browser, page.sessionId, 'globalThis.resumeTimers()');
        await browser('Target.activateTarget', { targetId: page.targetId });
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

/** The address of the DevTools protocol, which Chromium writes to its standard error. */
function debuggerAddress(stderr: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => reject(new Error(`Chromium did not start: ${output}`)), START_WITHIN_MS);
    stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address !== undefined) {
        clearTimeout(late);
        resolve(address);
      }
    });
  });
}

async function connect(address: string): Promise<Send> {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  socket.on('message', (data: Buffer) => {
    const answer = JSON.parse(data.toString()) as Answer;
    if (answer.id !== undefined) {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    }
  });
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, ({ result = {}, error }) =>
        error === undefined ? resolve(result) : reject(new Error(`${method}: ${error.message}`))
      );
      socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
}

async function openTab(browser: Send, url: string, before = ''): Promise<{ targetId: unknown; sessionId: string }> {
  const { targetId } = await browser('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser('Target.attachToTarget', { targetId, flatten: true });
  await browser('Page.enable', {}, String(sessionId));
  await browser('Page.addScriptToEvaluateOnNewDocument', { source: before }, String(sessionId));
  await browser('Page.navigate', { url }, String(sessionId));
  return { targetId, sessionId: String(sessionId) };
}

async function evaluate(browser: Send, sessionId: string, expression: string): Promise<unknown> {
  const params = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await browser('Runtime.evaluate', params, sessionId);
  if (exceptionDetails !== undefined) {
    throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
  }
  return (result as { value?: unknown }).value;
}
