import type { Broker } from '../broker';
import type { Config } from '../config/settings';
import { DEFAULT_ROOT } from '../history/topics';
import type { HistoryOptions } from '../history/options';
import type { Endpoint } from '../transport/listener-options';

export interface BannerOptions {
  broker: Pick<Broker, 'tcp' | 'ws' | 'endpoints'>;
  /** What is kept of the past; undefined for nothing. */
  history?: HistoryOptions;
  /** Where health and metrics are. */
  http?: string;
  /** What the demo sensors publish on. */
  topics: string[];
  /** What clients have to show to get in. Default: nothing. */
  login?: LoginRequirements;
}

export interface LoginRequirements {
  /** A password of the users file, or a token in its place. */
  secret?: 'password' | 'token';
  /** The users file. */
  users?: string;
  /** Whether the TLS listener asks for a certificate, which is a login by itself. */
  certificate?: boolean;
}

/** What a configuration asks clients for. */
export function loginRequirements({ users, jwt, allowAnonymous, listeners = [] }: Config): LoginRequirements {
  const listener = listeners.find(({ type }) => type === 'tcp') ?? listeners.find(({ type }) => type === 'tls');
  const secret = users !== undefined ? 'password' : jwt && 'token';
  return {
    ...(secret && !allowAnonymous && { secret }),
    ...(users !== undefined && { users }),
    certificate: listener !== undefined && 'requestCert' in listener && listener.requestCert === true,
  };
}

const NAMES: Readonly<Record<Endpoint['type'], string>> = {
  tcp: 'MQTT over TCP',
  tls: 'MQTT over TLS',
  ws: 'MQTT over WebSockets',
  wss: 'MQTT over secure WebSockets',
};

/** What the command prints once the broker runs: what it listens on, and how to reach it. */
export function banner({ broker, history, http, topics, login = {} }: BannerOptions): string {
  const width = Math.max(21, ...broker.endpoints.map(({ type }) => NAMES[type].length));
  const lines = [
    ...broker.endpoints.map((endpoint) => listening(NAMES[endpoint.type].padEnd(width), endpoint)),
    ...(http === undefined ? [] : [`${'Health and metrics'.padEnd(width)} ${http}/healthz ${http}/metrics`]),
    ...(history ? [`${'History'.padEnd(width)} ${kept(history)}`] : []),
    '',
    ...howTo(broker, login),
  ];
  if (topics.length > 0) {
    lines.push('', `Demo sensors publish on ${topics.length} topics:`, ...topics.map((topic) => `  ${topic}`));
  }
  lines.push('', 'Ctrl-C stops it.', '');
  return lines.join('\n');
}

function listening(what: string, { url, port, requestedPort, host }: Endpoint): string {
  const taken =
    requestedPort !== 0 && requestedPort !== port ? `   (port ${requestedPort} was taken, so it is ${port})` : '';
  const wide = ['0.0.0.0', '::'].includes(host) ? '   (and at every other address of this machine)' : '';
  return `${what} ${url}${taken}${wide}`;
}

function kept({ filters, root = DEFAULT_ROOT, directory }: HistoryOptions): string {
  const where = directory === undefined ? 'in memory' : `in ${directory}`;
  return `of ${filters.join(', ')}, ${where}; clients ask for it on ${root}/request/CLIENT-ID/REQUEST-ID`;
}

function howTo({ tcp, ws }: Pick<Broker, 'tcp' | 'ws'>, { secret, users, certificate }: LoginRequirements): string[] {
  const lines: string[] = [];
  const asUser = secret && `-u USER -P ${secret.toUpperCase()}`;
  if (tcp) {
    // A listener on every address is reached at this machine's own, here.
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
    lines.push(`Add a user: npm run broker -- passwd ${users} USER`);
  }
  return lines;
}
