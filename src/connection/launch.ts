import type { ConnectionError, EnginePort, FromEngine, PagePort } from '../engine';
import { messageOf } from '../utils/errors';

/** An engine that has been started, wherever it runs. */
export interface LaunchedEngine {
  readonly port: PagePort;
  /** `page`: the browser did not start a Worker; `reason` says why. */
  readonly runsIn: 'worker' | 'page';
  readonly reason?: string;
  /** Ends the thread at once. See {@link stopEngine}. */
  terminate(): void;
}

/** How long the engine may take to disconnect from the broker before its thread is ended, in milliseconds. */
const DISCONNECT_MS = 1_000;

/** How long a Worker may take until it is ready, in milliseconds. A slow network needs time to load the file. */
const READY_MS = 15_000;

/** Called when a Content-Security-Policy has blocked something in the Worker. */
export type OnViolation = (violation: { readonly directive: string; readonly blocked: string }) => void;

/**
 * Starts the engine from its own file: in a Worker, or, if the browser does not start one (a Content-Security-Policy, a
 * plugin served from another host), in the page behind the same kind of message port.
 *
 * @param worker a Worker that was started before.
 * @throws {Error} if the file cannot be loaded at all.
 */
export async function launchEngine(
  url: string,
  onViolation: OnViolation = () => undefined,
  worker = launchWorker(url, onViolation)
): Promise<LaunchedEngine> {
  try {
    return await worker;
  } catch (error) {
    const reason = messageOf(error);
    return launchInPage(url, reason);
  }
}

/** @param error what {@link launchEngine} has thrown. */
export function launchError(error: unknown): ConnectionError {
  const message = `The MQTT engine of this plugin (engine.js) could not be loaded. Reload the page: ${messageOf(error)}`;
  return { code: 'engine', message };
}

/** @throws {Error} if the browser does not start it. */
export async function launchWorker(url: string, onViolation: OnViolation): Promise<LaunchedEngine> {
  const worker = new Worker(url, { type: 'module', name: 'MQTT Stream' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromEngine>) => {
    if (data.type === 'violation') {
      onViolation(data);
    }
  });
  try {
    await ready(worker);
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return { port: worker as unknown as PagePort, runsIn: 'worker', terminate: () => worker.terminate() };
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the Worker did not start in time')), READY_MS);
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      if (data.type === 'ready') {
        clearTimeout(late);
        // The browser reports later errors.
        worker.onerror = null;
        resolve();
      }
    };
    // The event has no message if a policy is the cause; the browser's console names the policy.
    worker.onerror = (event) => {
      clearTimeout(late);
      event.preventDefault();
      reject(new Error(event.message || 'the browser did not allow a Worker from this address'));
    };
  });
}

async function launchInPage(url: string, reason: string): Promise<LaunchedEngine> {
  const { startEngine } = (await import(/* @vite-ignore */ url)) as { startEngine: (port: EnginePort) => void };
  return engineInPage(startEngine, reason);
}

/** Starts the engine at the other end of a message channel, in this same thread. */
export function engineInPage(startEngine: (port: EnginePort) => void, reason: string): LaunchedEngine {
  const { port1, port2 } = new MessageChannel();
  startEngine(port2 as unknown as EnginePort);
  return {
    port: port1 as unknown as PagePort,
    runsIn: 'page',
    reason,
    terminate: () => {
      port1.close();
      port2.close();
    },
  };
}

/** Has an engine disconnect from the broker, and ends its thread when it has done so or takes too long. */
export function stopEngine(engine: LaunchedEngine): void {
  const late = setTimeout(() => engine.terminate(), DISCONNECT_MS);
  engine.port.onmessage = ({ data }) => {
    if (data.type === 'stopped') {
      clearTimeout(late);
      engine.terminate();
    }
  };
  engine.port.postMessage({ type: 'stop' });
}
