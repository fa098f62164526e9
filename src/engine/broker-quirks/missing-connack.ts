import type { ConnectionTrace } from '../connection-errors';
import { errorCodeOf } from '../reason-codes';

/** How brokers end an attempt to connect without a CONNACK, and what it means. */

/**
 * Whether a broker that does not know MQTT 5 would have done this: refused the version, or closed the connection without
 * a CONNACK.
 */
export function refusesVersion({ opened, connected, refusal, timedOut }: ConnectionTrace): boolean {
  return opened && !connected && timedOut !== true && (refusal === undefined || errorCodeOf(refusal) === 'version');
}

/**
 * Whether the WebSocket opened, and the other side did not answer the CONNECT in time: so does amqtt 0.12.1 if an MQTT 5
 * CONNECT has properties.
 */
export function leftUnanswered({ opened, connected, timedOut }: ConnectionTrace): boolean {
  return opened && !connected && timedOut === true;
}

/**
 * Whether the other side closed the WebSocket after a CONNECT with credentials, without a CONNACK. RabbitMQ refuses
 * credentials in this way, with close code 1002. Such a broker may lock out a client that keeps trying.
 */
export function closedWithoutConnack(trace: ConnectionTrace): boolean {
  const { opened, connected, refusal, timedOut, violation, credentials } = trace;
  const answered = refusal !== undefined || violation !== undefined || timedOut === true;
  return opened && !connected && !answered && credentials === true;
}
