import { networkInterfaces } from 'node:os';
import type { Broker } from '../broker';
import { BROKER_COMMAND } from '../commands';
import type { Config } from '../config/settings';
import { DEFAULT_ROOT } from '../history/topics';
import type { HistoryOptions } from '../history/options';
import type { Endpoint } from '../transport/listener-options';

export interface BannerOptions {
  broker: Pick<Broker, 'tcp' | 'ws' | 'endpoints'>;
  /** Undefined for a broker without history. */
  history?: HistoryOptions;
  /** URL of the HTTP server. */
  http?: string;
  /** Addresses of this machine in its networks. Default: those that it has. */
  addresses?: string[];
  /** Topics of the demo sensors. */
  topics: string[];
  /** Default: no credentials. */
  login?: LoginRequirements;
}

export interface LoginRequirements {
  /** The kind of password that CONNECT has; undefined for none. */
  secret?: 'password' | 'token';
  /** Path of the users file. */
  users?: string;
  /** Whether the TLS listener requires a client certificate, which replaces user and password. */
  certificate?: boolean;
}

/** The credentials that a configuration requires. */
export function loginRequirements({ users, jwt, allowAnonymous, listeners = [] }: Config): LoginRequirements {
  const listener = listeners.find(({ type }) => type === 'tcp') ?? listeners.find(({ type }) => type === 'tls');
  const secret = users !== undefined ? 'password' : jwt && 'token';
  return {
    ...(secret && !allowAnonymous && { secret }),
    ...(users !== undefined && { users }),
    certificate: listener !== undefined && 'requestCert' in listener && listener.requestCert === true,
  };
}

/** Width of the first column. */
const MIN_LABEL_WIDTH = 21;

const LABELS: Readonly<Record<Endpoint['type'], string>> = {
  tcp: 'MQTT over TCP',
  tls: 'MQTT over TLS',
  ws: 'MQTT over WebSockets',
  wss: 'MQTT over secure WebSockets',
};

/** The text that the command prints once the broker runs: its listeners, and how to reach them. */
export function banner({
  broker,
  history,
  http,
  topics,
  login = {},
  addresses = networkAddresses(),
}: BannerOptions): string {
  const width = Math.max(MIN_LABEL_WIDTH, ...broker.endpoints.map(({ type }) => LABELS[type].length));
  const lines = [
    ...broker.endpoints.map((endpoint) => describeListener(LABELS[endpoint.type].padEnd(width), endpoint, addresses)),
    ...(http === undefined ? [] : [`${'Health and metrics'.padEnd(width)} ${http}/healthz ${http}/metrics`]),
    ...(history ? [`${'History'.padEnd(width)} ${describeHistory(history)}`] : []),
    '',
    ...clientCommands(broker, login),
  ];
  if (topics.length > 0) {
    lines.push('', `The demo sensors publish on ${topics.length} topics:`, ...topics.map((topic) => `  ${topic}`));
  }
  lines.push('', 'Ctrl-C stops it.', '');
  return lines.join('\n');
}

function describeListener(
  label: string,
  { url, port, requestedPort, host }: Endpoint,
  addresses: readonly string[]
): string {
  const taken = requestedPort !== 0 && requestedPort !== port ? `   (port ${requestedPort} is in use)` : '';
  const isWide = ['0.0.0.0', '::'].includes(host);
  const urls = isWide ? addresses.map((address) => withHost(url, address)) : [];
  const wide =
    urls.length > 0 ? `from other machines: ${urls.join(', ')}` : 'and on every other address of this machine';
  return `${label} ${url}${taken}${isWide ? `   (${wide})` : ''}`;
}

/** `URL` does not change the host of a scheme that it does not know, such as `mqtt:`. */
function withHost(url: string, host: string): string {
  return url.replace(/(?<=:\/\/)(?:\[[^\]]*\]|[^/:]*)/, host);
}

/** IPv4 addresses that other machines reach this one by: what a device has a field for. */
function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((own) => own ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

function describeHistory({ filters, root = DEFAULT_ROOT, directory }: HistoryOptions): string {
  const where = directory === undefined ? 'in memory' : `in ${directory}`;
  return `${filters.join(', ')} (${where}); requests on ${root}/request/CLIENT-ID/REQUEST-ID`;
}

function clientCommands(
  { tcp, ws }: Pick<Broker, 'tcp' | 'ws'>,
  { secret, users, certificate }: LoginRequirements
): string[] {
  const lines: string[] = [];
  const asUser = secret && `-u USER -P ${secret.toUpperCase()}`;
  if (tcp) {
    // The URL of a listener on every address names the loopback address
    const host = new URL(tcp.url).hostname.replace(/^\[|\]$/g, '');
    const at = [
      `-h ${host} -p ${tcp.port}`,
      ...(tcp.type === 'tls' ? ['--cafile CA.pem'] : []),
      ...(certificate ? ['--cert CLIENT.pem --key CLIENT.key'] : asUser ? [asUser] : []),
    ].join(' ');
    lines.push(
      `Publish:    mosquitto_pub ${at} -t home/kitchen/temperature -m 21.5`,
      `Subscribe:  mosquitto_sub ${at} -v -t '#'`
    );
  }
  if (ws) {
    const credentials = secret && `, with a user and its ${secret}`;
    lines.push(`Grafana:    URL of the MQTT Stream data source: ${ws.url}${credentials ?? ''}`);
  }
  if (secret === 'password') {
    lines.push(`Add a user: ${BROKER_COMMAND} passwd ${users} USER`);
  }
  return lines;
}
