/** Return codes of a CONNACK of MQTT 3.1.1 (3.2.2.3), and the reason codes of MQTT 5 (2.4), as the end of a sentence. */
const WORDS: Readonly<Record<number, string>> = {
  1: 'it does not speak this version of MQTT',
  2: 'it does not accept the client id',
  3: 'it is not available just now',
  4: 'the user name or password is wrong',
  5: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  0x80: 'it gives no reason',
  0x81: 'it could not read what this client sent',
  0x82: 'it says that this client broke the protocol',
  0x83: 'it does not accept the request, for a reason of its own',
  0x84: 'it does not speak this version of MQTT',
  0x85: 'it does not accept the client id',
  0x86: 'the user name or password is wrong',
  0x87: 'this client is not authorized; check the user name, the password and the access rules of the broker',
  0x88: 'it is not available just now',
  0x89: 'it is busy',
  0x8a: 'this client is banned; ask who runs the broker',
  0x8b: 'it is shutting down',
  0x8c: 'it wants another way of authentication than user name and password',
  0x8d: 'it heard nothing from this client for longer than the keepalive',
  0x8e: 'another client connected with the same client id',
  0x8f: 'the topic filter is not valid for this broker',
  0x90: 'the topic name is not valid for this broker',
  0x91: 'the packet identifier is in use',
  0x93: 'more messages were on their way than the receive maximum allows',
  0x95: 'a packet was larger than it accepts',
  0x96: 'messages come faster than it allows',
  0x97: 'a quota or limit of the broker is used up',
  0x98: 'somebody who runs the broker closed it',
  0x99: 'the payload is not of the format that was announced',
  0x9a: 'it does not keep retained messages',
  0x9b: 'it does not support this QoS',
  0x9c: 'it wants clients to use another server for now',
  0x9d: 'it has moved to another server',
  0x9e: 'it has no shared subscriptions',
  0x9f: 'too many connections are opened in too short a time',
  0xa0: 'a connection may stand only so long, and this one has',
  0xa1: 'it has no subscription identifiers',
  0xa2: 'it does not allow wildcards in topic filters',
};

/**
 * A reason code in words.
 *
 * @param said the broker's own words, where it gave some (the reason string of MQTT 5).
 */
export function reasonWords(code: number, said?: string): string {
  const words = WORDS[code] ?? `its reason code is ${codeText(code)}`;
  return said === undefined || said === '' ? words : `${words} (it says: "${said}")`;
}

/** As the specification writes it: `0x87`, and `5` for the codes of MQTT 3.1.1. */
export function codeText(code: number): string {
  return code < 0x80 ? String(code) : `0x${code.toString(16).toUpperCase()}`;
}
