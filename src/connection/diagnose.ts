import type { ConnectionError } from '../engine';
import { pathHint, tcpPortWords, USUAL_PORTS } from '../engine/broker-quirks/usual-addresses';
import { parseUrl } from '../utils/parse-url';
import { hostnameOf, isLoopback, isMixedContent } from './urls';
import type { PageAddress } from './settings';
import type { CspViolations } from './csp-violations';
import { otherSchemeText, otherServerText, proxyText, webServerText } from './server-words';

/** Facts about a failed connection that the page can find out, and the engine cannot. */
export interface BrowserEnvironment {
  readonly address: PageAddress;
  readonly violations: Pick<CspViolations, 'connection' | 'engine'>;
  /** Whether the browser knows that there is no network. */
  offline(): boolean;
  /** The status of Grafana's `/api/login/ping`; 0 if there is no response. Does not reject. */
  ping(): Promise<number>;
  /**
   * Requests the URL over HTTP, which shows more than a WebSocket does: the status if the host is this page's own,
   * `answered` for a response of another host, `silent` for no response. Does not reject.
   */
  probe(url: string): Promise<number | 'answered' | 'silent'>;
}

export interface Route {
  /** `ws://` or `wss://`, as it was opened. */
  readonly url: string;
  readonly access: 'direct' | 'proxy';
}

/** Adds to an error what the page knows about its cause and the engine cannot see. Does not reject. */
export async function diagnose(
  error: ConnectionError,
  route: Route,
  environment: BrowserEnvironment
): Promise<ConnectionError> {
  switch (error.code) {
    case 'engine':
      return engineError(error, environment);
    case 'url':
      return thrown(error, route, environment);
    case 'unreachable':
    case 'timeout':
      return unreachable(error, route, environment);
    case 'hung-up':
      return withPathHint(error, route);
    case 'not-mqtt':
      return withPathHint(closedWithCode(error), route);
    default:
      return error;
  }
}

function engineError(error: ConnectionError, { violations }: BrowserEnvironment): ConnectionError {
  const violation = violations.engine();
  return violation === undefined
    ? error
    : {
        code: 'blocked',
        message: `The Content-Security-Policy of this page blocks the MQTT engine of this plugin (engine.js). ${violation.directive} must allow ${violation.blocked} (in Grafana: content_security_policy_template).`,
        details: error.message,
      };
}

async function unreachable(
  error: ConnectionError,
  route: Route,
  environment: BrowserEnvironment
): Promise<ConnectionError> {
  const { url } = route;
  if (isMixedContent(url, environment.address.protocol)) {
    return mixedContent(error, route);
  }
  if (environment.violations.connection(url) !== undefined) {
    return blocked(error, route);
  }
  if (environment.offline()) {
    return {
      ...error,
      message: `Cannot reach ${url}, because this computer has no network. The data source connects as soon as the network is back.`,
    };
  }
  if (route.access === 'proxy') {
    return throughGrafana(error, route, environment);
  }
  const tcp = error.connectedBefore === true ? undefined : tcpPortWords(url);
  if (tcp !== undefined) {
    return {
      ...error,
      message: `Cannot reach ${url}: ${tcp}. Enter the port of the broker's WebSocket listener. ${USUAL_PORTS}`,
    };
  }
  return parseUrl(url)?.host === environment.address.host
    ? onGrafanasHost(error, route, environment)
    : onAnotherHost(error, route, environment);
}

/**
 * The browser threw instead of opening a WebSocket. All browsers do so for an invalid URL; Firefox and WebKit also for
 * one that the page may not open. Firefox reports the violation of a policy only afterwards, and WebKit not at all in a
 * Worker.
 */
function thrown(error: ConnectionError, route: Route, { address }: BrowserEnvironment): ConnectionError {
  const { protocol = '', hash } = parseUrl(route.url) ?? {};
  if (!/^wss?:$/.test(protocol) || hash !== '') {
    return error;
  }
  // Not every browser makes an exception for loopback.
  return protocol === 'ws:' && address.protocol === 'https:' ? mixedContent(error, route) : blocked(error, route);
}

function mixedContent(error: ConnectionError, { url }: Route): ConnectionError {
  return {
    code: 'mixed-content',
    message: `The browser blocks ${url}, because this page was loaded over HTTPS (mixed content). Use wss://, for which the broker needs a TLS listener, choose “Through Grafana”, or let the web server in front of Grafana pass a path such as /mqtt to the broker.`,
    details: error.message,
  };
}

function blocked(error: ConnectionError, { url }: Route): ConnectionError {
  const { protocol, host } = parseUrl(url)!;
  return {
    code: 'blocked',
    message: `The Content-Security-Policy of this page blocks ${url}. Add ${protocol}//${host} to connect-src (in Grafana: content_security_policy_template), or choose “Through Grafana” in the settings of the data source.`,
    details: error.message,
  };
}

/** The WebSocket goes to Grafana's own server, whose HTTP responses this page may read. */
async function throughGrafana(
  error: ConnectionError,
  route: Route,
  environment: BrowserEnvironment
): Promise<ConnectionError> {
  const ping = await environment.ping();
  if (ping === 401) {
    return {
      code: 'session',
      message: 'Your Grafana session has expired. Reload the page and log in.',
      details: error.message,
    };
  }
  if (ping === 0) {
    return { ...error, message: 'Grafana does not answer. Check the network, and that Grafana is running.' };
  }
  const status = await environment.probe(route.url);
  return {
    code: 'proxy',
    message: proxyText(status, error.connectedBefore === true),
    details: `${error.message} The proxy answered ${status}.`,
  };
}

/** A path on the page's own host, which the web server in front of Grafana has to pass on. */
async function onGrafanasHost(
  error: ConnectionError,
  { url }: Route,
  environment: BrowserEnvironment
): Promise<ConnectionError> {
  const status = await environment.probe(url);
  const path = parseUrl(url)!.pathname;
  return { ...error, message: webServerText(status, url, path, error.connectedBefore === true) };
}

async function onAnotherHost(
  error: ConnectionError,
  route: Route,
  environment: BrowserEnvironment
): Promise<ConnectionError> {
  const { url } = route;
  const [scheme] = url.split('://');
  const other = `${scheme === 'wss' ? 'ws' : 'wss'}${url.slice(scheme.length)}`;
  const answer = await environment.probe(url);
  const otherAnswer = await environment.probe(other);
  // A server that speaks TLS may answer a plain request with an error, but no server answers TLS without TLS.
  if (error.connectedBefore !== true && otherAnswer !== 'silent' && (answer === 'silent' || scheme === 'ws')) {
    return { ...error, message: otherSchemeText(url, other) };
  }
  if (answer === 'answered' || typeof answer === 'number') {
    const message = otherServerText(url, error.connectedBefore === true);
    return withPathHint({ ...error, message }, route);
  }
  const { hostname = '' } = parseUrl(url) ?? {};
  if (error.connectedBefore !== true && isLoopback(hostname) && !isLoopback(hostnameOf(environment.address.host))) {
    return {
      ...error,
      message: `Cannot reach ${url}: ${hostname} is the computer that this browser runs on, not Grafana's server. Enter the name or address of the broker.`,
    };
  }
  return withPathHint(url.startsWith('wss:') ? withCertificateHint(error, url) : error, route);
}

function withCertificateHint(error: ConnectionError, url: string): ConnectionError {
  const https = url.replace(/^wss/, 'https');
  return {
    ...error,
    message:
      error.connectedBefore === true
        ? `${error.message} The broker's certificate may have expired. Open ${https} in a tab to check.`
        : `${error.message} The certificate may also be the cause: this browser must trust the certificate, and the certificate must name this host. Open ${https} in a tab to check.`,
  };
}

/** A server that closes with a code of its own is there, and did not accept a packet. */
function closedWithCode(error: ConnectionError): ConnectionError {
  const code = /closed with code (\d+)/.exec(error.details ?? '')?.[1];
  return code === undefined || code === '1006'
    ? error
    : {
        ...error,
        message: `${error.message} The server closed the WebSocket with code ${code}. Some brokers, such as RabbitMQ, do so when they do not accept the user name and password, or this version of MQTT.`,
      };
}

function withPathHint(error: ConnectionError, { url, access }: Route): ConnectionError {
  const hint = access === 'direct' && error.connectedBefore !== true ? pathHint(url) : undefined;
  return hint === undefined ? error : { ...error, message: `${error.message} ${hint}` };
}
