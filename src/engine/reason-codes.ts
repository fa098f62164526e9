import type { ConnectionErrorCode } from './error-codes';

interface Reason {
  /** The kind of error where a CONNACK or a DISCONNECT has the code. */
  readonly error?: ConnectionErrorCode;
  /** The end of a sentence about the broker. */
  readonly words: string;
}

/** Return codes of a CONNACK of MQTT 3.1.1 (3.2.2.3), and the reason codes of MQTT 5 (2.4). */
const REASONS: Readonly<Record<number, Reason>> = {
  1: { error: 'version', words: 'it does not speak this version of MQTT' },
  2: { error: 'client-id-invalid', words: 'it does not accept the client id' },
  3: { error: 'busy', words: 'it is not available just now' },
  4: { error: 'refused', words: 'the user name or password is wrong' },
  5: {
    error: 'refused',
    words: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  },
  0x80: { words: 'it gives no reason' },
  0x81: { error: 'protocol', words: 'it could not read what this client sent' },
  0x82: { error: 'protocol', words: 'it says that this client broke the protocol' },
  0x83: { words: 'it does not accept the request, for a reason of its own' },
  0x84: { error: 'version', words: 'it does not speak this version of MQTT' },
  0x85: { error: 'client-id-invalid', words: 'it does not accept the client id' },
  0x86: { error: 'refused', words: 'the user name or password is wrong' },
  0x87: {
    error: 'refused',
    words: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  },
  0x88: { error: 'busy', words: 'it is not available just now' },
  0x89: { error: 'busy', words: 'it is busy' },
  0x8a: { error: 'banned', words: 'this client is banned; ask who runs the broker' },
  0x8b: { error: 'shutdown', words: 'it is shutting down' },
  0x8c: { error: 'refused', words: 'it wants another way of authentication than user name and password' },
  0x8d: { error: 'silent', words: 'it heard nothing from this client for longer than the keepalive' },
  0x8e: { error: 'client-id', words: 'another client connected with the same client id' },
  0x8f: { words: 'the topic filter is not valid for this broker' },
  0x90: { words: 'the topic name is not valid for this broker' },
  0x91: { words: 'the packet identifier is in use' },
  0x93: { error: 'protocol', words: 'more messages were on their way than the receive maximum allows' },
  0x95: { error: 'too-large', words: 'a packet was larger than it accepts' },
  0x96: { error: 'quota', words: 'messages come faster than it allows' },
  0x97: { error: 'quota', words: 'a quota or limit of the broker is used up' },
  0x98: { error: 'kicked', words: 'somebody who runs the broker closed it' },
  0x99: { words: 'the payload is not of the format that was announced' },
  0x9a: { words: 'it does not keep retained messages' },
  0x9b: { words: 'it does not support this QoS' },
  0x9c: { error: 'moved', words: 'it wants clients to use another server for now' },
  0x9d: { error: 'moved', words: 'it has moved to another server' },
  0x9e: { words: 'it has no shared subscriptions' },
  0x9f: { error: 'busy', words: 'too many connections are opened in too short a time' },
  0xa0: { words: 'a connection may stand only so long, and this one has' },
  0xa1: { words: 'it has no subscription identifiers' },
  0xa2: { words: 'it does not allow wildcards in topic filters' },
};

/** The kind of error of a CONNACK or a DISCONNECT; `undefined` where the code is none of an error, or not known. */
export function errorCodeOf(reason: number): ConnectionErrorCode | undefined {
  return REASONS[reason]?.error;
}

/**
 * A reason code in words.
 *
 * @param said the broker's own words, where it gave some (the reason string of MQTT 5).
 */
export function reasonWords(code: number, said?: string): string {
  const words = REASONS[code]?.words ?? `its reason code is ${codeText(code)}`;
  return said === undefined || said === '' ? words : `${words} (it says: "${said}")`;
}

/** As the specification writes it: `0x87`, and `5` for the codes of MQTT 3.1.1. */
export function codeText(code: number): string {
  return code < 0x80 ? String(code) : `0x${code.toString(16).toUpperCase()}`;
}
