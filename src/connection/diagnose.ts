import { hostnameOf, isLoopback, isMixedContent, parseUrl, pathHint, tcpPortWords, USUAL_PORTS } from './url-hints';
import type { ConnectionError } from '../engine';
import { withSentence } from './with-sentence';
import type { PageAddress } from './settings';
import type { CspViolations } from './csp-violations';

/** What only the page can find out about a connection that did not come about. */
export interface BrowserEnvironment {
  readonly address: PageAddress;
  readonly violations: Pick<CspViolations, 'connection' | 'engine'>;
  /** The browser is sure of having no network. */
  offline(): boolean;
  /** The status of Grafana's `/api/login/ping`; 0 where there is no answer. Does not reject. */
  ping(): Promise<number>;
  /**
   * Asks over HTTP what a WebSocket does not tell: the status of an answer from this page's own host, and from another
   * host `answered` alone; `silent` where nothing answers. Does not reject.
   */
  probe(url: string): Promise<number | 'answered' | 'silent'>;
}

export interface Route {
  /** `ws://` or `wss://`, as it was opened. */
  readonly url: string;
  readonly access: 'direct' | 'proxy';
}

/** Adds to an error what the page knows about its cause and the engine cannot see. Does not reject. */
export async function diagnose(error: ConnectionError, way: Route, page: BrowserEnvironment): Promise<ConnectionError> {
  switch (error.code) {
    case 'engine':
      return engineFault(error, page);
    case 'url':
      return isMixedContent(way.url, page.address.protocol) ? mixedContent(way, error) : error;
    case 'unreachable':
    case 'timeout':
      return unreachable(error, way, page);
    case 'hung-up':
      return withHint(error, way);
    case 'not-mqtt':
      return withHint(hungUp(error), way);
    default:
      return error;
  }
}

function engineFault(error: ConnectionError, { violations }: BrowserEnvironment): ConnectionError {
  const violation = violations.engine();
  return violation === undefined
    ? error
    : {
        code: 'blocked',
        message: `The Content-Security-Policy of this page does not let the engine load: ${violation.directive} has to allow ${violation.blocked}. In Grafana it is content_security_policy_template.`,
        details: error.message,
      };
}

async function unreachable(error: ConnectionError, way: Route, page: BrowserEnvironment): Promise<ConnectionError> {
  if (isMixedContent(way.url, page.address.protocol)) {
    return mixedContent(way, error);
  }
  if (page.violations.connection(way.url) !== undefined) {
    return blocked(way, error);
  }
  if (page.offline()) {
    return {
      ...error,
      message: `This computer has no network. Check it; this connects as soon as it is back: ${way.url}`,
    };
  }
  if (way.access === 'proxy') {
    return throughGrafana(error, way, page);
  }
  const tcp = tcpPortWords(way.url);
  if (tcp !== undefined) {
    return {
      ...error,
      message: `Cannot reach a broker. Enter the port of its WebSocket listener: ${tcp}. ${USUAL_PORTS} Broker: ${way.url}`,
    };
  }
  return parseUrl(way.url)?.host === page.address.host ? throughOwnHost(error, way, page) : elsewhere(error, way, page);
}

function mixedContent({ url }: Route, error: ConnectionError): ConnectionError {
  return {
    code: 'mixed-content',
    message: `This page came over HTTPS, and browsers block ws:// from it (mixed content). Use wss://, for which the broker needs a listener with TLS, choose “Through Grafana”, or have the web server in front of Grafana pass a path such as /mqtt on to the broker. Broker: ${url}`,
    details: error.message,
  };
}

function blocked({ url }: Route, error: ConnectionError): ConnectionError {
  const { protocol, host } = parseUrl(url)!;
  return {
    code: 'blocked',
    message: `The Content-Security-Policy of this page does not let it connect. Add ${protocol}//${host} to connect-src (in Grafana: content_security_policy_template), or choose “Through Grafana” in the settings of the data source.`,
    details: error.message,
  };
}

/** The WebSocket goes to Grafana's own server, whose answers this page may read. */
async function throughGrafana(error: ConnectionError, way: Route, page: BrowserEnvironment): Promise<ConnectionError> {
  const ping = await page.ping();
  if (ping === 401) {
    return {
      code: 'session',
      message: 'Your Grafana session has expired. Reload the page and log in.',
      details: error.message,
    };
  }
  if (ping === 0) {
    return { ...error, message: 'Grafana itself does not answer. Check the network, and whether Grafana is running.' };
  }
  const status = await page.probe(way.url);
  return { code: 'proxy', message: proxyWords(status), details: `${error.message} The proxy answered ${status}.` };
}

function proxyWords(status: number | string): string {
  switch (status) {
    case 502:
    case 504:
      return "Grafana's server cannot reach the broker. Check that the broker is running and that the URL in the settings of the data source leads to its WebSocket listener as seen from Grafana's server (http:// or https://, its port, its certificate).";
    case 403:
      return 'Grafana does not let you use this data source. Ask an administrator: you may not query it, or data_source_proxy_whitelist does not name the broker.';
    case 404:
      return "There is nothing at the broker's URL. Correct its path in the settings of the data source: EMQX, HiveMQ and others want /mqtt, RabbitMQ wants /ws. Or the data source is gone.";
    case 400:
    case 426:
      return 'Grafana and the broker answer, but no WebSocket opens. Check the path in the settings of the data source (EMQX, HiveMQ and others want /mqtt, RabbitMQ wants /ws), then what Grafana proves itself with (user and password, headers, certificate), then whether a web server in front of Grafana passes WebSockets on: it needs the Upgrade and Connection headers, and must keep Host.';
    case 'silent':
      return 'Grafana answers, but its data source proxy does not. Check whether a web server in front of Grafana passes /api/datasources/proxy on.';
    default:
      return `Something answers through Grafana (status ${status}), but it opens no WebSocket. Check that the URL in the settings of the data source is the broker's WebSocket listener, and that a web server in front of Grafana passes WebSockets on and keeps Host.`;
  }
}

/** A path on the page's own host: the web server in front of Grafana has to know it. */
async function throughOwnHost(error: ConnectionError, way: Route, page: BrowserEnvironment): Promise<ConnectionError> {
  const status = await page.probe(way.url);
  const path = parseUrl(way.url)!.pathname;
  let reason: string;
  if (status === 502 || status === 503 || status === 504) {
    reason = `The web server passes ${path} on, but cannot reach the broker (status ${status}). Check that the broker runs, and the address that the web server has for it`;
  } else if (status === 404) {
    reason = `The web server of this page has nothing at ${path}. Have it pass the path on to the broker's WebSocket listener (nginx: proxy_pass, with the Upgrade and Connection headers)`;
  } else if (status === 'silent') {
    reason = 'The web server of this page does not answer either. Check the network';
  } else {
    reason = `The web server answers at ${path} (status ${status}), but opens no WebSocket. Have it pass the Upgrade and Connection headers on to the broker's WebSocket listener`;
  }
  return { ...error, message: `${reason}: ${way.url}` };
}

async function elsewhere(error: ConnectionError, way: Route, page: BrowserEnvironment): Promise<ConnectionError> {
  const { url } = way;
  const answer = await page.probe(url);
  if (answer === 'answered' || typeof answer === 'number') {
    return withHint(
      {
        ...error,
        message: `Something answers, but it opens no WebSocket. Check the path, and that the port is the broker's WebSocket listener: ${url}`,
      },
      way
    );
  }
  const { hostname = '' } = parseUrl(url) ?? {};
  if (isLoopback(hostname) && !isLoopback(hostnameOf(page.address.host))) {
    return {
      ...error,
      message: `Cannot reach a broker. Enter its name or address: ${hostname} is the computer that this browser runs on, not Grafana's server. Broker: ${url}`,
    };
  }
  return withHint(
    url.startsWith('wss:')
      ? {
          ...error,
          message: withSentence(
            error.message,
            `With wss:// it may also be the certificate: it has to be one that this browser trusts, and for this host name. Open ${url.replace(/^wss/, 'https')} in a tab to see.`
          ),
        }
      : error,
    way
  );
}

/** Whoever hangs up with a code of their own was there, and did not like what they were told. */
function hungUp(error: ConnectionError): ConnectionError {
  const code = /closed with code (\d+)/.exec(error.details ?? '')?.[1];
  return code === undefined || code === '1006'
    ? error
    : {
        ...error,
        message: withSentence(
          error.message,
          `It closed the WebSocket with code ${code}: some brokers, RabbitMQ among them, do that instead of saying that they do not accept the user name and password, or this version of MQTT.`
        ),
      };
}

function withHint(error: ConnectionError, { url, access }: Route): ConnectionError {
  const hint = access === 'direct' ? pathHint(url) : undefined;
  return hint === undefined ? error : { ...error, message: withSentence(error.message, hint) };
}
