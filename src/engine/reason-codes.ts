import type { ConnectionErrorCode } from './error-codes';

interface Reason {
  /** The kind of error where a CONNACK or a DISCONNECT has the code. */
  readonly error?: ConnectionErrorCode;
  /** The end of a sentence about the broker. */
  readonly words: string;
}

/** Return codes of a CONNACK of MQTT 3.1.1 (3.2.2.3), and the reason codes of MQTT 5 (2.4). */
const REASONS: Readonly<Record<number, Reason>> = {
  1: { error: 'version', words: 'the broker does not speak this version of MQTT' },
  2: { error: 'client-id-invalid', words: 'the broker does not accept the client id' },
  3: { error: 'busy', words: 'the broker is not available at the moment' },
  4: { error: 'refused', words: 'the user name or password is wrong' },
  5: {
    error: 'refused',
    words: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  },
  0x80: { words: 'the broker gives no reason' },
  0x81: { error: 'protocol', words: 'the broker could not read a packet of this client' },
  0x82: { error: 'protocol', words: 'the broker reports that this client violated the MQTT protocol' },
  0x83: { words: 'the broker does not accept the request' },
  0x84: { error: 'version', words: 'the broker does not speak this version of MQTT' },
  0x85: { error: 'client-id-invalid', words: 'the broker does not accept the client id' },
  0x86: { error: 'refused', words: 'the user name or password is wrong' },
  0x87: {
    error: 'refused',
    words: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  },
  0x88: { error: 'busy', words: 'the broker is not available at the moment' },
  0x89: { error: 'busy', words: 'the broker is busy' },
  0x8a: { error: 'banned', words: 'this client is banned; ask the administrator of the broker' },
  0x8b: { error: 'shutdown', words: 'the broker is shutting down' },
  0x8c: { error: 'refused', words: 'the broker wants another authentication method than user name and password' },
  0x8d: { error: 'silent', words: 'the broker received nothing from this client for longer than the keepalive' },
  0x8e: { error: 'client-id', words: 'another client connected with the same client id' },
  0x8f: { words: 'the topic filter is not valid for this broker' },
  0x90: { words: 'the topic name is not valid for this broker' },
  0x91: { words: 'the packet identifier is in use' },
  0x93: { error: 'protocol', words: 'more messages were unacknowledged than the receive maximum allows' },
  0x95: { error: 'too-large', words: 'a packet was larger than the broker accepts' },
  0x96: { error: 'quota', words: 'messages are published faster than the broker allows' },
  0x97: { error: 'quota', words: 'a quota or limit of the broker is used up' },
  0x98: { error: 'kicked', words: 'an administrator of the broker closed the connection' },
  0x99: { words: 'the payload does not have the format that was announced' },
  0x9a: { words: 'the broker does not support retained messages' },
  0x9b: { words: 'the broker does not support this QoS' },
  0x9c: { error: 'moved', words: 'the broker wants clients to use another server for now' },
  0x9d: { error: 'moved', words: 'the broker has moved to another server' },
  0x9e: { words: 'the broker does not support shared subscriptions' },
  0x9f: { error: 'busy', words: 'too many connections were opened in a short time' },
  0xa0: { words: 'the broker limits how long a connection may last' },
  0xa1: { words: 'the broker does not support subscription identifiers' },
  0xa2: { words: 'the broker does not allow wildcards in topic filters' },
};

/** The kind of error of a CONNACK or a DISCONNECT; `undefined` if the code is none of an error, or not known. */
export function errorCodeOf(reason: number): ConnectionErrorCode | undefined {
  return REASONS[reason]?.error;
}

/**
 * A reason code in words.
 *
 * @param reasonString the broker's own words, if it sent some [MQTT5-3.2.2.3.9].
 */
export function reasonWords(code: number, reasonString?: string): string {
  const words = REASONS[code]?.words ?? `the reason code is ${codeText(code)}`;
  return reasonString === undefined || reasonString === ''
    ? words
    : `${words} (reason from the broker: "${reasonString}")`;
}

/** As the specification writes it: `0x87`, and `5` for the codes of MQTT 3.1.1. */
export function codeText(code: number): string {
  return code < 0x80 ? String(code) : `0x${code.toString(16).toUpperCase()}`;
}
