import { hostnameOf, isLoopback, isMixedContent } from '../connection/urls';
import { pathHint, tcpPortWords } from '../engine/broker-quirks/usual-addresses';
import { parseUrl } from '../utils/parse-url';

/** The access mode: the browser reaches the broker itself, or through Grafana's data source proxy. */
export type Access = 'direct' | 'proxy';

/** The origin of the page that opens the connection. `window.location` has both fields. */
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

/** Whether only a browser can open the URL, and Grafana's proxy cannot. */
export function isWebSocketUrl(url: string): boolean {
  return /^wss?:\/\//i.test(url.trim());
}

/** The URL with the schemes of the other access mode: `ws://` for a browser, `http://` for Grafana's proxy. */
export function withSchemeFor(url: string, access: Access): string {
  return access === 'proxy'
    ? url.trim().replace(/^ws(s?):\/\//i, 'http$1://')
    : url.trim().replace(/^http(s?):\/\//i, 'ws$1://');
}

/** Checks the broker's URL, as far as that is possible without a connection. Words for the person who edits it. */
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
    return { problem: `This is not a complete URL. Example: ${example}.` };
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return { problem: 'Remove the user name and password from the URL: it is not a safe place for them.' };
  }
  if (text.includes('#')) {
    return { problem: 'A WebSocket URL cannot contain “#”. Remove it and everything after it.' };
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
      return `With direct access, the URL begins with ws:// or wss://. Write ${scheme === 'http' ? 'ws' : 'wss'}://${rest}, or choose “Through Grafana”.`;
    case undefined:
      return `With direct access, the URL begins with ws:// or wss://, or is a path on Grafana's own host. Examples: ${URL_EXAMPLE.direct}, /mqtt.`;
    default:
      return `A browser cannot open ${scheme}://. Enter the URL of the broker's WebSocket listener, which often has another port and a path. Example: ${suggestion(text, 'ws')}.`;
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
      return `For access through Grafana, the URL begins with http:// or https://. Write ${scheme === 'ws' ? 'http' : 'https'}://${rest}, or choose “Direct”.`;
    case undefined:
      return `For access through Grafana, the URL begins with http:// or https://. Example: ${URL_EXAMPLE.proxy}.`;
    default:
      return `Grafana cannot forward ${scheme}://. Enter the URL of the broker's WebSocket listener, which often has another port and a path. Example: ${suggestion(text, 'http')}.`;
  }
}

/** A WebSocket URL on the same host: `mqtts://broker:8883` gives `wss://broker:8084/mqtt`. */
function suggestion(text: string, scheme: 'ws' | 'http'): string {
  const secure = /^(mqtts|ssl|tls|tcps):/i.test(text);
  const host = text
    .replace(SCHEME, '')
    .replace(/^[^/@]*@/, '')
    .replace(/(:\d+)?([/?#].*)?$/, '');
  return `${scheme}${secure ? 's' : ''}://${host === '' ? 'broker' : host}:${secure ? 8084 : 9001}/mqtt`;
}

function checkPath(path: string): UrlCheck {
  return path.includes('#') ? { problem: 'A WebSocket path cannot contain “#”. Remove it.' } : {};
}

function warning(url: URL, access: Access, page: Page): string | undefined {
  if (access === 'direct' && isLoopback(url.hostname) && !isLoopback(hostnameOf(page.host))) {
    return `With direct access, ${url.hostname} is the viewer's own computer, not Grafana's server. Enter the broker's name or address.`;
  }
  if (isMixedContent(url.href, page.protocol)) {
    return 'This page was loaded over HTTPS, and browsers block ws:// from such a page (mixed content). Use wss://, or choose “Through Grafana”.';
  }
  const tcp = tcpPortWords(url.href);
  if (tcp !== undefined) {
    return `${capital(tcp)}. WebSocket listeners often have port 9001, 8083, 8084 or 443.`;
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
