import type { ConnectionFault } from './protocol';

/** What a browser can know about an attempt to connect; the WebSocket API hides the rest. */
export interface Attempt {
  readonly url: string;
  /** The WebSocket opened. */
  readonly opened: boolean;
  /** The broker accepted the MQTT connection. */
  readonly connected: boolean;
  /** The WebSocket's close code, where it closed [RFC 6455, 7.4.1]. */
  readonly closeCode?: number;
  /** mqtt.js's error, where it gave one. */
  readonly error?: { readonly message: string; readonly code?: unknown };
  readonly timedOut?: boolean;
}

/** CONNACK return codes of MQTT 3.1.1 (3.2.2.3) and the reason codes of MQTT 5 that mean the same. */
const REFUSALS: Record<number, string> = {
  1: 'it does not speak this version of MQTT',
  2: 'it does not accept the client id',
  3: 'it is not available just now',
  4: 'the user name or password is wrong',
  5: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  132: 'it does not speak this version of MQTT',
  133: 'it does not accept the client id',
  134: 'the user name or password is wrong',
  135: 'this client is not authorized; check the user name, the password and the access rules of the broker',
};

/** Tells what went wrong from what was seen, with what to try next. */
export function faultOf(attempt: Attempt): ConnectionFault {
  const { url, opened, connected, closeCode, error, timedOut } = attempt;
  const code = typeof error?.code === 'number' ? error.code : undefined;
  if (code !== undefined && opened && !connected) {
    const reason = REFUSALS[code] ?? `its reason code is ${code}`;
    return { code: 'refused', message: `The broker at ${url} refused the connection: ${reason}.` };
  }
  if (connected) {
    const why = error?.message === 'Keepalive timeout' ? 'the broker stopped answering' : closeWords(closeCode);
    return { code: 'lost', message: `The connection to ${url} was lost: ${why}. Trying again.` };
  }
  if (opened) {
    return {
      code: 'not-mqtt',
      message: `A WebSocket opened at ${url}, but no MQTT broker answered on it${timedOut ? ' in time' : ''}. Check that the port and the path are the broker's WebSocket listener.`,
    };
  }
  if (timedOut) {
    return {
      code: 'timeout',
      message: `No answer from ${url}. Check the host and the port, and whether a firewall is in between. Trying again.`,
    };
  }
  return {
    code: 'unreachable',
    message: `Cannot reach a broker at ${url}. Check that it is running, that this is its WebSocket listener (not the TCP port 1883), and the path. Trying again.`,
  };
}

function closeWords(code: number | undefined): string {
  switch (code) {
    case 1000:
    case 1005:
      return 'the broker closed it';
    case 1001:
      return 'the broker is shutting down';
    case 1009:
      return 'a message was larger than the broker allows';
    case undefined:
    case 1006:
      return 'the network or the broker went away';
    default:
      return `the WebSocket closed with code ${code}`;
  }
}
