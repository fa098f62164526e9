import type { ConnectionErrorCode } from './error-codes';
import type { ConnectionError } from './protocol';
import { codeText, errorCodeOf, reasonWords } from './reason-codes';

/** What was seen of an attempt to connect and of the connection that came of it; a browser's WebSocket hides the rest. */
export interface ConnectionTrace {
  readonly url: string;
  readonly protocolVersion: 4 | 5;
  /** The WebSocket opened. */
  readonly opened: boolean;
  /** The broker accepted the MQTT connection. */
  readonly connected: boolean;
  /** The WebSocket's close code, where it closed [RFC 6455, 7.4.1]. */
  readonly closeCode?: number;
  /** A user name or a password was sent. */
  readonly credentials?: boolean;
  /** The code of a CONNACK that refused. */
  readonly refusal?: number;
  /** The reason code of the broker's DISCONNECT (MQTT 5). */
  readonly disconnect?: number;
  /** The broker's own words beside either, and another server that it names. */
  readonly reasonString?: string;
  readonly otherServer?: string;
  /** What the other side did that MQTT does not allow. */
  readonly violation?: string;
  /** Bytes of a packet that was larger than what this client takes. */
  readonly tooLarge?: number;
  /** Why the first packet could not be written: what it is made of is not what MQTT allows. */
  readonly unsendable?: string;
  /** Nothing came within the connect timeout. */
  readonly timedOut?: boolean;
  /** The other side stopped answering. */
  readonly silent?: boolean;
  /** Filters that were asked for and not answered when the other side hung up. */
  readonly unanswered?: readonly string[];
  /** Connections in a row, this one included, that were closed soon after they stood, for no reason that was given. */
  readonly quickLosses?: number;
}

/** This many connections closed soon after they stood are a pattern. */
export const QUICK_LOSSES = 3;

/** Whether a broker that does not know MQTT 5 would have done this: refused the version, or hung up without a word. */
export function refusesVersion({ opened, connected, refusal, timedOut }: ConnectionTrace): boolean {
  return opened && !connected && timedOut !== true && (refusal === undefined || errorCodeOf(refusal) === 'version');
}

/**
 * Whether the other side closed the WebSocket over a CONNECT with credentials and said nothing: so does a broker that
 * refuses them without a CONNACK (RabbitMQ, with code 1002), and it may lock out who keeps trying.
 */
export function closedWithoutConnack(seen: ConnectionTrace): boolean {
  const { opened, connected, refusal, timedOut, violation, credentials } = seen;
  const answered = refusal !== undefined || violation !== undefined || timedOut === true;
  return opened && !connected && !answered && credentials === true;
}

/**
 * Tells what went wrong from what was seen, with what to try next. What there is to do comes early and the URL last:
 * Grafana cuts what a panel says after two lines.
 */
export function connectionErrorOf(seen: ConnectionTrace): ConnectionError {
  const error =
    !seen.opened || seen.unsendable !== undefined
      ? beforeOpening(seen)
      : !seen.connected
        ? beforeConnecting(seen)
        : afterwards(seen);
  const details = detailsOf(seen);
  return details === '' ? error : { ...error, details };
}

/** Only the page can find out more, and says it (`explain` in `live`). */
function beforeOpening({ url, timedOut, unsendable }: ConnectionTrace): ConnectionError {
  if (unsendable !== undefined) {
    return {
      code: 'setting',
      message: `A setting of the data source is not what MQTT allows: correct it (${unsendable}). Nothing was sent. Broker: ${url}`,
    };
  }
  return timedOut === true
    ? {
        code: 'timeout',
        message: `No answer from the broker. Check the host and the port, and whether a firewall is in between: ${url}`,
      }
    : {
        code: 'unreachable',
        message: `Cannot reach a broker. Check that it runs, its port (a WebSocket listener, not the TCP port 1883) and the path: ${url}`,
      };
}

function beforeConnecting(seen: ConnectionTrace): ConnectionError {
  const { url, refusal, timedOut, violation } = seen;
  if (refusal !== undefined) {
    const message = `The broker refused the connection: ${reasonWords(refusal, seen.reasonString)}.${elsewhere(seen)} Broker: ${url}`;
    return { code: errorCodeOf(refusal) ?? 'rejected', message };
  }
  if (closedWithoutConnack(seen)) {
    return {
      code: 'hung-up',
      message: `The broker hung up on the credentials, or does not speak MQTT here. Check the user name and the password, then the port and the path: ${url}`,
    };
  }
  const how = timedOut === true ? ' in time' : violation === undefined ? '' : `: ${violation}`;
  return {
    code: 'not-mqtt',
    message: `A WebSocket opened, but no MQTT broker answered on it${how}. Check the port and the path of the broker's WebSocket listener: ${url}`,
  };
}

function afterwards(seen: ConnectionTrace): ConnectionError {
  const { url, disconnect, tooLarge, violation, closeCode } = seen;
  const lost = (code: ConnectionErrorCode, why: string): ConnectionError => ({
    code,
    message: `The connection was lost: ${why}.${elsewhere(seen)} Broker: ${url}`,
  });
  if (disconnect !== undefined) {
    const code = errorCodeOf(disconnect) ?? 'lost';
    const why = reasonWords(disconnect, seen.reasonString);
    return code === 'client-id' ? fight(url, why) : lost(code, disconnect === 0 ? 'the broker closed it' : why);
  }
  if (tooLarge !== undefined) {
    return lost('too-large', `a message of ${megabytes(tooLarge)} came, and this client takes none that large`);
  }
  if (seen.silent === true) {
    return lost('silent', 'the broker stopped answering');
  }
  if (violation !== undefined) {
    return lost('protocol', `the other side broke the protocol (${violation})`);
  }
  switch (closeCode) {
    case 1001:
      return lost('shutdown', 'the broker is shutting down');
    case 1009:
      return lost('too-large', 'a message was larger than the broker allows');
    case 1000:
    case 1005:
    case 1006:
    case undefined:
      return lostWithoutReason(seen, lost);
    default:
      return lost('lost', `the WebSocket closed with code ${closeCode}`);
  }
}

function lostWithoutReason(
  { url, closeCode, quickLosses = 0, unanswered = [] }: ConnectionTrace,
  lost: (code: ConnectionErrorCode, why: string) => ConnectionError
): ConnectionError {
  if (quickLosses >= QUICK_LOSSES) {
    return fight(url, `it was closed ${quickLosses} times in a row, each time soon after it stood`);
  }
  if (unanswered.length > 0) {
    const which = unanswered.length === 1 ? `"${unanswered[0]}"` : `${unanswered.length} topic filters`;
    return lost('lost', `the broker closed it when it was asked for ${which}`);
  }
  return closeCode === 1000 || closeCode === 1005
    ? lost('lost', 'the broker closed it')
    : lost('lost', 'the network or the broker went away');
}

function fight(url: string, why: string): ConnectionError {
  return {
    code: 'client-id',
    message: `Another client seems to use the same client id. Check whether the broker makes it from the user name (mosquitto's use_username_as_clientid, EMQX's and AWS's policies do), or allows one connection for each user: every tab has an id of its own. Seen: ${why}. Broker: ${url}`,
  };
}

function elsewhere({ otherServer }: ConnectionTrace): string {
  return otherServer === undefined ? '' : ` It names another server: ${otherServer}.`;
}

function detailsOf({
  protocolVersion,
  opened,
  refusal,
  disconnect,
  closeCode,
  reasonString: said,
  violation,
}: ConnectionTrace): string {
  return [
    opened ? `MQTT ${protocolVersion === 5 ? '5' : '3.1.1'}` : '',
    refusal === undefined ? '' : `CONNACK ${codeText(refusal)}`,
    disconnect === undefined ? '' : `DISCONNECT ${codeText(disconnect)}`,
    said === undefined ? '' : `"${said}"`,
    violation ?? '',
    closeCode === undefined ? '' : `WebSocket closed with code ${closeCode}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
}
