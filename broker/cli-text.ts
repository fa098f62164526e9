import type { Broker } from './broker';
import type { Endpoint } from './listeners';

/** What the command prints once the broker runs: what it listens on, and how to reach it. */
export function startedText(broker: Pick<Broker, 'tcp' | 'ws'>, topics: string[]): string {
  const lines = [
    ...listening('MQTT over TCP', broker.tcp),
    ...listening('MQTT over WebSockets', broker.ws),
    '',
    ...howTo(broker),
  ];
  if (topics.length > 0) {
    lines.push('', `Demo sensors publish on ${topics.length} topics:`, ...topics.map((topic) => `  ${topic}`));
  }
  lines.push('', 'Ctrl-C stops it.', '');
  return lines.join('\n');
}

function listening(what: string, endpoint: Endpoint | undefined): string[] {
  if (!endpoint) {
    return [];
  }
  const { url, port, askedPort } = endpoint;
  const taken = askedPort !== 0 && askedPort !== port ? `   (port ${askedPort} was taken, so it is ${port})` : '';
  const wide = ['0.0.0.0', '::'].includes(endpoint.host) ? '   (and at every other address of this machine)' : '';
  return [`${what.padEnd(21)} ${url}${taken}${wide}`];
}

function howTo({ tcp, ws }: Pick<Broker, 'tcp' | 'ws'>): string[] {
  const lines: string[] = [];
  if (tcp) {
    // A listener on every address is reached at this machine's own, here.
    const host = new URL(tcp.url).hostname.replace(/^\[|\]$/g, '');
    const at = `-h ${host} -p ${tcp.port}`;
    lines.push(
      `Publish:    mosquitto_pub ${at} -t home/kitchen/temperature -m 21.5`,
      `Subscribe:  mosquitto_sub ${at} -v -t '#'`
    );
  }
  if (ws) {
    lines.push(`Grafana:    URL of the MQTT Stream data source: ${ws.url}`);
  }
  return lines;
}
