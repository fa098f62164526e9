/** How a browser reaches the broker: itself, or through Grafana's data source proxy. Grafana's own `access`. */
export type Access = 'direct' | 'proxy';

/** Where the page that will open the connection comes from; `window.location` has both. */
export interface Page {
  /** `https:` or `http:`. */
  protocol: string;
  host: string;
}

export interface UrlCheck {
  /** Why it cannot work. */
  problem?: string;
  /** Why it may not work. */
  warning?: string;
}

export const URL_EXAMPLE: Record<Access, string> = {
  direct: 'wss://broker.example.com:8084/mqtt',
  proxy: 'http://broker.internal:9001/mqtt',
};

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** The ports where brokers listen for MQTT over plain TCP and TLS. */
const TCP_PORTS: Record<string, string> = { 1883: 'MQTT over TCP', 8883: 'MQTT over TLS' };

/** Whether this is an address that only a browser can open, so that it cannot go through Grafana. */
export function isWebSocketUrl(url: string): boolean {
  return /^wss?:\/\//i.test(url.trim());
}

/** Says in words what is wrong with the broker's URL, or what is likely to be. */
export function checkUrl(url: string, access: Access, page: Page): UrlCheck {
  const text = url.trim();
  const example = URL_EXAMPLE[access];
  if (text === '') {
    return { problem: `Enter the URL of the broker's WebSocket listener, for example ${example}.` };
  }
  if (access === 'direct' && text.startsWith('/') && !text.startsWith('//')) {
    return checkPath(text);
  }
  const scheme = SCHEME.exec(text)?.[1].toLowerCase();
  const problem = access === 'direct' ? directScheme(text, scheme) : proxyScheme(text, scheme);
  if (problem !== undefined) {
    return { problem };
  }
  const parsed = parse(text);
  if (parsed === undefined) {
    return { problem: `This is not a complete URL. Write it like ${example}.` };
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return { problem: 'Leave the user name and password out of the URL: it is not a safe place for them.' };
  }
  if (text.includes('#')) {
    return { problem: 'A WebSocket URL cannot contain “#”. Leave it out, with what follows it.' };
  }
  return { warning: warning(parsed, access, page) };
}

function directScheme(text: string, scheme: string | undefined): string | undefined {
  const rest = text.replace(SCHEME, '').replace(/^\/+/, '');
  switch (scheme) {
    case 'ws':
    case 'wss':
      return undefined;
    case 'http':
    case 'https':
      return `Directly, a browser needs ws:// or wss://. Write ${scheme === 'http' ? 'ws' : 'wss'}://${rest}, or choose “Through Grafana”.`;
    case undefined:
      return `Directly, a browser needs ws:// or wss:// in front, or a path on Grafana's own host such as /mqtt. Write ${URL_EXAMPLE.direct}, for example.`;
    default:
      return `A browser cannot open ${scheme}://. Use the broker's WebSocket listener: ws:// or wss://, often on another port.`;
  }
}

function proxyScheme(text: string, scheme: string | undefined): string | undefined {
  const rest = text.replace(SCHEME, '');
  switch (scheme) {
    case 'http':
    case 'https':
      return undefined;
    case 'ws':
    case 'wss':
      return `Through Grafana, the URL begins with http:// or https://. Write ${scheme === 'ws' ? 'http' : 'https'}://${rest}, or choose “Directly”.`;
    case undefined:
      return `Through Grafana, the URL begins with http:// or https://. Write ${URL_EXAMPLE.proxy}, for example.`;
    default:
      return `Grafana cannot pass ${scheme}:// on. Use the broker's WebSocket listener: http:// or https://, often on another port.`;
  }
}

function checkPath(path: string): UrlCheck {
  return path.includes('#') ? { problem: 'A WebSocket path cannot contain “#”. Leave it out.' } : {};
}

function warning(url: URL, access: Access, page: Page): string | undefined {
  const loopback = isLoopback(url.hostname);
  if (access === 'direct' && loopback && !isLoopback(hostname(page.host))) {
    return `${url.hostname} is each viewer's own computer here, not Grafana's server. Write the broker's name or address.`;
  }
  // Browsers make an exception for the computer they run on: its traffic does not leave it.
  if (url.protocol === 'ws:' && page.protocol === 'https:' && !loopback) {
    return 'This page came over HTTPS, and browsers block ws:// from such a page (mixed content). Use wss://, or “Through Grafana”.';
  }
  const tcp = TCP_PORTS[url.port];
  if (tcp !== undefined) {
    return `Port ${url.port} is usually ${tcp}, which a browser cannot speak. WebSocket listeners are often on 9001, 8083, 8084 or 443.`;
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/i.test(host);
}

function hostname(host: string): string {
  return host.replace(/:\d+$/, '');
}

function parse(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.hostname === '' || /\s/.test(text) ? undefined : url;
  } catch {
    return undefined;
  }
}
