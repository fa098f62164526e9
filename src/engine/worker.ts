import { startEngine as start } from './engine';
import type { EnginePort } from './protocol';
import type { Socket } from './transport';

/** Starts the engine on a port with this thread's own WebSocket and clock. */
export function startEngine(port: EnginePort): void {
  start(port, {
    openSocket: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket,
    now: () => Date.now(),
    random: () => Math.random(),
  });
}

// As the script of a Worker the engine starts itself; imported into a page, it waits to be handed a port.
declare const WorkerGlobalScope: (new () => object) | undefined;
if (typeof WorkerGlobalScope !== 'undefined' && globalThis instanceof WorkerGlobalScope) {
  startEngine(globalThis as unknown as EnginePort);
}
