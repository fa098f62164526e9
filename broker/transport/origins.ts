import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * The web pages that may connect, by the Origin header that browsers send with a WebSocket upgrade; other clients send
 * none. `any`; or those listed, in addition to the pages of this machine and, for a broker without credentials, to
 * those that come from the broker's own host.
 */
export type Origins = 'any' | readonly string[];

/** Names that nobody outside can register. A page whose name is public can be made to resolve to this broker. */
const PRIVATE_NAME = /^[^.]+$|\.(local|lan|internal|home\.arpa|localhost)$/;

/**
 * Says why a page may not connect, or undefined when it may. WebSockets are not bound by the same-origin policy: without
 * this, any page that somebody on the network visits could read and publish everything on a broker without credentials,
 * by its address or, with DNS rebinding, by a name of the page's own.
 */
export function originFault(request: IncomingMessage, origins: Origins): string | undefined {
  const origin = request.headers.origin;
  if (origins === 'any' || origin === undefined || origins.includes(origin)) {
    return undefined;
  }
  const page = hostname(origin);
  if (page !== undefined) {
    const own = hostname(`http://${request.headers.host ?? ''}`);
    const pinned = isIP(page.replace(/^\[|\]$/g, '')) !== 0 || PRIVATE_NAME.test(page);
    if (isThisMachine(page) || (page === own && pinned)) {
      return undefined;
    }
  }
  return `pages of ${origin.slice(0, 100)} may not connect; to allow them, add the page to origins`;
}

function isThisMachine(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function hostname(url: string): string | undefined {
  try {
    return new URL(url).hostname || undefined;
  } catch {
    return undefined;
  }
}
