import { parseUrl } from '../../utils/parse-url';

/** Ports and paths of common brokers. `docs/brokers.md` has the table for users. */

/** Ports where brokers listen for MQTT without WebSockets, which a browser cannot speak. */
const TCP_PORTS: Readonly<Record<string, string>> = { 1883: 'MQTT over TCP', 8883: 'MQTT over TLS' };

/** A sentence with the ports of WebSocket listeners. */
export const USUAL_PORTS =
  'Usual WebSocket ports: mosquitto 9001; EMQX and NanoMQ 8083, with TLS 8084; HiveMQ 8000; RabbitMQ 15675 with the path /ws; Home Assistant 1884, with TLS 8884; brokers in a cloud 443 or 8884.';

/** The paths of common brokers, for a sentence in parentheses or after a colon. */
export const USUAL_PATHS = 'EMQX, HiveMQ and others use /mqtt, RabbitMQ uses /ws';

/** For a port of plain MQTT: `port 1883 is usually MQTT over TCP, which a browser cannot speak`. */
export function tcpPortWords(url: string): string | undefined {
  const port = parseUrl(url)?.port ?? '';
  const tcp = TCP_PORTS[port];
  return tcp === undefined ? undefined : `port ${port} is usually ${tcp}, which a browser cannot speak`;
}

/** A sentence with what to try, for a port that is known from common brokers; `undefined` for any other. */
export function pathHint(url: string): string | undefined {
  const { port, pathname, protocol } = parseUrl(url) ?? {};
  const secure = protocol === 'wss:' || protocol === 'https:';
  switch (port) {
    case '8083':
    case '8000':
      if (secure) {
        return `Port ${port} usually has no TLS: try ws:// instead of wss://, or the port for TLS.`;
      }
      return pathname === '/' ? `Brokers on port ${port} usually use the path /mqtt.` : undefined;
    case '8084':
      if (!secure) {
        return 'Port 8084 usually has TLS: try wss:// instead of ws://.';
      }
      return pathname === '/' ? 'Brokers on port 8084 usually use the path /mqtt.' : undefined;
    case '15675':
    case '15676':
      return pathname === '/ws' ? undefined : `RabbitMQ, which listens on port ${port}, uses the path /ws.`;
    default:
      return undefined;
  }
}
