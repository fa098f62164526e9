import { parseUrl } from '../utils/parse-url';

/** Facts that follow from a URL alone, for a page that opens it. */

/**
 * Whether a host is this computer. Browsers make exceptions for loopback, because its traffic stays on the computer.
 */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/i.test(hostname);
}

/** The host without its port. */
export function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}

/** Whether browsers block the URL: a page loaded over HTTPS may open `ws://` only to loopback. */
export function isMixedContent(url: string, pageProtocol: string): boolean {
  const { protocol, hostname = '' } = parseUrl(url) ?? {};
  return protocol === 'ws:' && pageProtocol === 'https:' && !isLoopback(hostname);
}
