import { startEngine as start } from './engine';
import type { EnginePort } from './protocol';
import type { Socket } from './transport';

/** Starts the engine on a port with this thread's own WebSocket and clock. */
export function startEngine(port: EnginePort): void {
  start(port, {
    openSocket: (url, protocols) => openSocket(url, protocols) as unknown as Socket,
    now: () => Date.now(),
    random: () => Math.random(),
  });
}

function openSocket(url: string, protocols: string[]): WebSocket {
  const socket = new WebSocket(url, protocols);
  let closed = false;
  socket.addEventListener('close', () => (closed = true));
  // A close follows an error, but not in Chromium where a Content-Security-Policy blocks the socket of a Worker.
  socket.addEventListener('error', () =>
    setTimeout(() => {
      if (!closed) {
        socket.dispatchEvent(new CloseEvent('close', { code: 1006 }));
      }
    })
  );
  return socket;
}

// As the script of a Worker the engine starts itself; imported into a page, it waits to be handed a port.
declare const WorkerGlobalScope: (new () => object) | undefined;
if (typeof WorkerGlobalScope !== 'undefined' && globalThis instanceof WorkerGlobalScope) {
  const port = globalThis as unknown as EnginePort;
  // A violation of the Content-Security-Policy in a Worker is reported to the Worker alone; the page makes a diagnosis
  // of it.
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, disposition }) => {
    if (disposition !== 'report') {
      port.postMessage({ type: 'violation', directive: effectiveDirective, blocked: blockedURI });
    }
  });
  startEngine(port);
}
