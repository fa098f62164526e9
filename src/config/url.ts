import { hostnameOf, isLoopback, isMixedContent, parseUrl, pathHint, tcpPortWords } from '../connection/url-hints';

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
      return `A browser cannot open ${scheme}://. Use the broker's WebSocket listener: ${suggestion(text, 'ws')}, for example, often on another port and with a path.`;
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
      return `Grafana cannot pass ${scheme}:// on. Use the broker's WebSocket listener: ${suggestion(text, 'http')}, for example, often on another port and with a path.`;
  }
}

/** A WebSocket address on the same host, for one of MQTT itself: `mqtts://broker:8883` gives `wss://broker:8084/mqtt`. */
function suggestion(text: string, scheme: 'ws' | 'http'): string {
  const secure = /^(mqtts|ssl|tls|tcps):/i.test(text);
  const host = text
    .replace(SCHEME, '')
    .replace(/^[^/@]*@/, '')
    .replace(/(:\d+)?([/?#].*)?$/, '');
  return `${scheme}${secure ? 's' : ''}://${host === '' ? 'broker' : host}:${secure ? 8084 : 9001}/mqtt`;
}

function checkPath(path: string): UrlCheck {
  return path.includes('#') ? { problem: 'A WebSocket path cannot contain “#”. Leave it out.' } : {};
}

function warning(url: URL, access: Access, page: Page): string | undefined {
  if (access === 'direct' && isLoopback(url.hostname) && !isLoopback(hostnameOf(page.host))) {
    return `${url.hostname} is each viewer's own computer here, not Grafana's server. Write the broker's name or address.`;
  }
  if (isMixedContent(url.href, page.protocol)) {
    return 'This page came over HTTPS, and browsers block ws:// from such a page (mixed content). Use wss://, or “Through Grafana”.';
  }
  const tcp = tcpPortWords(url.href);
  if (tcp !== undefined) {
    return `${capital(tcp)}. WebSocket listeners are often on 9001, 8083, 8084 or 443.`;
  }
  return pathHint(url.href);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function parse(text: string): URL | undefined {
  const url = parseUrl(text);
  return url === undefined || url.hostname === '' || /\s/.test(text) ? undefined : url;
}
