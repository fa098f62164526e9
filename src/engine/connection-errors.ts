import { CLIENT_ID_CAUSES } from './broker-quirks/client-ids';
import { closeCauseOf, closeReasonText } from './broker-quirks/close-reasons';
import { closedWithoutConnack } from './broker-quirks/missing-connack';
import type { ConnectionErrorCode } from './error-codes';
import type { ConnectionError } from './protocol';
import { codeText, errorCodeOf, reasonWords } from './reason-codes';

/** Observations of an attempt to connect and of the connection that followed; a browser's WebSocket hides the rest. */
export interface ConnectionTrace {
  readonly url: string;
  readonly clientId?: string;
  readonly protocolVersion: 4 | 5;
  /** The WebSocket opened. */
  readonly opened: boolean;
  /** The broker accepted the MQTT connection. */
  readonly connected: boolean;
  /** The broker accepted an earlier connection with these settings, so host name, port and path are right. */
  readonly connectedBefore?: boolean;
  /** The WebSocket's close code, where it closed [RFC 6455, 7.4.1]. */
  readonly closeCode?: number;
  /** The text of the close frame. */
  readonly closeReason?: string;
  /** A user name or a password was sent. */
  readonly credentials?: boolean;
  /** The code of a CONNACK that refused. */
  readonly refusal?: number;
  /** The reason code of the broker's DISCONNECT (MQTT 5). */
  readonly disconnect?: number;
  /** The Reason String of either, and the Server Reference. */
  readonly reasonString?: string;
  readonly serverReference?: string;
  /** The action of the other side that MQTT does not allow, in words. */
  readonly violation?: string;
  /** Bytes of a packet that was larger than what this client takes. */
  readonly tooLarge?: number;
  /** Why the first packet could not be written: what it is made of is not what MQTT allows. */
  readonly unsendable?: string;
  /** Nothing came within the connect timeout. */
  readonly timedOut?: boolean;
  /** The other side stopped answering. */
  readonly keepaliveTimeout?: boolean;
  /** Filters without a SUBACK when the other side closed the connection. */
  readonly pending?: readonly string[];
  /** Connections in a row, this one included, that were closed soon after they stood, for no reason that was given. */
  readonly quickLosses?: number;
}

/** This many connections closed soon after they stood are a pattern. */
const QUICK_LOSSES = 3;

/**
 * The error that a trace shows, with what to try next. The message has the broker's address near its beginning, because
 * panels cut a notice after two lines.
 */
export function connectionErrorOf(trace: ConnectionTrace): ConnectionError {
  const error =
    !trace.opened || trace.unsendable !== undefined
      ? beforeOpening(trace)
      : !trace.connected
        ? beforeConnecting(trace)
        : afterwards(trace);
  const details = detailsOf(trace);
  return {
    ...error,
    ...(details === '' ? undefined : { details }),
    ...(trace.connectedBefore === true ? { connectedBefore: true } : undefined),
  };
}

/** The page can find out more, and replaces the message (`connection/diagnose.ts`). */
function beforeOpening({ url, timedOut, unsendable, connectedBefore }: ConnectionTrace): ConnectionError {
  if (unsendable !== undefined) {
    return {
      code: 'setting',
      message: `Nothing was sent to ${url}, because MQTT does not allow a setting of the data source (${unsendable}). Correct the setting.`,
    };
  }
  if (connectedBefore === true) {
    return timedOut === true
      ? {
          code: 'timeout',
          message: `${url} no longer answers. Check that the broker is running, and the network between this computer and the broker.`,
        }
      : {
          code: 'unreachable',
          message: `Cannot reach ${url} any more. Check that the broker is running, and the network between this computer and the broker.`,
        };
  }
  return timedOut === true
    ? {
        code: 'timeout',
        message: `${url} does not answer. Check the host, the port and the path, and whether a firewall blocks the connection.`,
      }
    : {
        code: 'unreachable',
        message: `Cannot reach ${url}. Check that the broker is running, and the host name, the port (a WebSocket listener, not the TCP port 1883) and the path.`,
      };
}

function beforeConnecting(trace: ConnectionTrace): ConnectionError {
  const { url, refusal, timedOut, violation, connectedBefore } = trace;
  if (refusal !== undefined) {
    const message = `${url} refused the connection: ${reasonWords(refusal, trace.reasonString)}.${otherServerText(trace)}`;
    return { code: errorCodeOf(refusal) ?? 'rejected', message };
  }
  const cause = closeCauseOf(trace.closeReason);
  if (cause !== undefined && timedOut !== true && violation === undefined) {
    const error = cause.error === 'lost' ? 'refused' : cause.error;
    return {
      code: error,
      message: `${url} refused the connection: ${cause.words}${closeReasonText(trace.closeReason)}.`,
    };
  }
  if (closedWithoutConnack(trace)) {
    return {
      code: 'hung-up',
      message:
        connectedBefore === true
          ? `${url} closed the connection after it received the credentials, although it accepted a connection before. Check whether the user name, the password or the rights of the user have changed.`
          : `${url} closed the connection after it received the credentials. Check the user name and the password. If they are right, check that the port and the path are the broker's WebSocket listener.`,
    };
  }
  const how = timedOut === true ? ' in time' : violation === undefined ? '' : ` (${violation})`;
  return {
    code: 'not-mqtt',
    message:
      connectedBefore === true
        ? `${url} opened a WebSocket, but the MQTT broker no longer answers${how}. Check that the broker is running behind this address.`
        : `${url} opened a WebSocket, but no MQTT broker answered${how}. Check that the port and the path are the broker's WebSocket listener.`,
  };
}

function afterwards(trace: ConnectionTrace): ConnectionError {
  const { url, disconnect, tooLarge, violation } = trace;
  const lost = (code: ConnectionErrorCode, why: string): ConnectionError => ({
    code,
    message: `The connection to ${url} was lost: ${why}.${otherServerText(trace)}`,
  });
  if (disconnect !== undefined) {
    const code = errorCodeOf(disconnect) ?? 'lost';
    const why = reasonWords(disconnect, trace.reasonString);
    return code === 'client-id'
      ? fight(trace, why)
      : lost(code, disconnect === 0 ? 'the broker closed the connection' : why);
  }
  if (tooLarge !== undefined) {
    return lost(
      'too-large',
      `the broker sent a message of ${megabytes(tooLarge)}, which is larger than this client accepts`
    );
  }
  if (trace.keepaliveTimeout === true) {
    return lost('silent', 'the broker stopped answering');
  }
  if (violation !== undefined) {
    return lost('protocol', `the other side violated the MQTT protocol (${violation})`);
  }
  return closedByCode(trace, lost);
}

type Lost = (code: ConnectionErrorCode, why: string) => ConnectionError;

function closedByCode(trace: ConnectionTrace, lost: Lost): ConnectionError {
  const { closeCode, closeReason, pending = [] } = trace;
  const cause = closeCauseOf(closeReason);
  const text = closeReasonText(closeReason);
  if (cause?.error === 'client-id') {
    return fight(trace, `${cause.words}${text}`);
  }
  // Such a cause has no code of its own; the filter explains it best.
  if (cause !== undefined && (cause.error !== 'lost' || pending.length === 0)) {
    return lost(cause.error, `${cause.words}${text}`);
  }
  switch (closeCode) {
    case 1001:
      return lost('shutdown', `the broker is shutting down${text}`);
    case 1009:
      return lost('too-large', `a message was larger than the broker allows${text}`);
    default:
      return lostWithoutReason(trace, lost);
  }
}

function lostWithoutReason(trace: ConnectionTrace, lost: Lost): ConnectionError {
  const { closeCode, closeReason, quickLosses = 0, pending = [] } = trace;
  if (quickLosses >= QUICK_LOSSES) {
    return fight(trace, `the connection was closed ${quickLosses} times in a row, each time soon after it opened`);
  }
  const text = closeReasonText(closeReason);
  if (pending.length > 0) {
    const which = pending.length === 1 ? `"${pending[0]}"` : `${pending.length} topic filters`;
    return lost('lost', `the broker closed the connection when this client subscribed to ${which}${text}`);
  }
  switch (closeCode) {
    case 1006:
    case undefined:
      return lost('lost', 'the network or the broker went away');
    case 1000:
    case 1005:
      return lost('lost', `the broker closed the connection${text}`);
    default:
      return lost('lost', `the WebSocket closed with code ${closeCode}${text}`);
  }
}

function fight({ url, clientId }: ConnectionTrace, why: string): ConnectionError {
  const which = clientId === undefined ? '' : ` (${clientId})`;
  return {
    code: 'client-id',
    message: `Another client of ${url} seems to use the same client id${which}: ${why}. Check ${CLIENT_ID_CAUSES}. Every tab has a client id of its own.`,
  };
}

function otherServerText({ serverReference }: ConnectionTrace): string {
  return serverReference === undefined ? '' : ` The broker names another server: ${serverReference}.`;
}

function detailsOf({
  protocolVersion,
  opened,
  refusal,
  disconnect,
  closeCode,
  closeReason,
  reasonString,
  violation,
}: ConnectionTrace): string {
  return [
    opened ? `MQTT ${protocolVersion === 5 ? '5' : '3.1.1'}` : '',
    refusal === undefined ? '' : `CONNACK ${codeText(refusal)}`,
    disconnect === undefined ? '' : `DISCONNECT ${codeText(disconnect)}`,
    reasonString === undefined ? '' : `"${reasonString}"`,
    violation ?? '',
    closeCode === undefined ? '' : `WebSocket closed with code ${closeCode}${closeReasonText(closeReason)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
}
