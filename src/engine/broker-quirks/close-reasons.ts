import { quote } from '../../utils/quote';
import type { ConnectionErrorCode } from '../error-codes';

/** The meaning of the reason in a WebSocket's close frame. */
interface CloseCause {
  readonly error: ConnectionErrorCode;
  /** The end of a sentence about the broker. */
  readonly words: string;
}

/**
 * Texts that brokers put into a close frame [RFC 6455, 7.1.6], where MQTT 3.1.1 has no reason code. Seen of RabbitMQ 3.10
 * (`unauthenticated`, `access_refused`, `invalid_client_id`), NATS 2.15 (`Authentication Failure`, `Duplicate Client ID`,
 * `Maximum Message Payload Exceeded`), ActiveMQ Classic 5.18 and amqtt 0.12 (sizes with both numbers). The first that
 * matches counts.
 */
const CAUSES: ReadonlyArray<readonly [RegExp, CloseCause]> = [
  [
    /duplicate client|client[ _-]?id.{0,20}(?:in use|taken|duplicate)|taken over/i,
    { error: 'client-id', words: 'another client connected with the same client id' },
  ],
  [
    /invalid[ _-]client[ _-]?id|client[ _-]?id.{0,20}(?:invalid|not valid|rejected)/i,
    { error: 'client-id-invalid', words: 'the broker does not accept the client id' },
  ],
  [
    /access[ _-]?refused|not[ _-]authori[sz]ed|permission|forbidden/i,
    { error: 'lost', words: 'the access rules of the broker do not allow what this client asked for' },
  ],
  [
    /unauthenticated|authentication[ _-]?(?:fail|error)|bad (?:user|credentials)|wrong password/i,
    { error: 'refused', words: 'the broker does not accept the user name or the password' },
  ],
  [
    /exceed|too (?:large|big|long)|maximum (?:message|payload|size)/i,
    { error: 'too-large', words: 'a message was larger than the broker allows' },
  ],
  [/shut(?:ting)?[ _-]?down|going away/i, { error: 'shutdown', words: 'the broker is shutting down' }],
];

/** The cause that a close reason names; `undefined` for a text of another meaning, or none. */
export function closeCauseOf(reason: string | undefined): CloseCause | undefined {
  return reason === undefined ? undefined : CAUSES.find(([pattern]) => pattern.test(reason))?.[1];
}

/** A close reason for the end of a clause; empty if there is none. It is the broker's text, at most 123 bytes. */
export function closeReasonText(reason: string | undefined): string {
  return reason === undefined ? '' : ` (${quote(reason, 123)})`;
}
