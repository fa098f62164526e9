/** MQTT 3.1.1 as bytes, for a client that is cheaper than the broker that it measures. */
import { packet as packetBytes, text as textBytes } from '../../testing/mqtt-bytes';
import { readFixedHeader } from '../../src/utils/fixed-header';

/** Bytes of the timestamp at the start of each payload. */
export const STAMP_BYTES = 16;

export interface Stamp {
  publisher: number;
  sequence: number;
  /** Milliseconds since 1970, with a fraction. */
  sentAt: number;
}

export function connect(clientId: string, login: { username?: string; password?: string } = {}, keepalive = 0): Buffer {
  const { username, password } = login;
  const flags = 0x02 | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  return packet(0x10, [
    text('MQTT'),
    Buffer.from([4, flags, keepalive >> 8, keepalive & 0xff]),
    text(clientId),
    ...(username === undefined ? [] : [text(username)]),
    ...(password === undefined ? [] : [text(password)]),
  ]);
}

export function subscribe(filter: string, qos: 0 | 1): Buffer {
  return packet(0x82, [Buffer.from([0, 1]), text(filter), Buffer.from([qos])]);
}

export function acknowledge(messageId: number): Buffer {
  return Buffer.from([0x40, 2, messageId >> 8, messageId & 0xff]);
}

export { DISCONNECT } from '../../testing/mqtt-bytes';

/** Makes PUBLISH packets of one topic and size that differ only in their timestamp. */
export function publisher(topic: string, qos: 0 | 1, size: number): (stamp: Stamp, messageId: number) => Buffer {
  const payload = Buffer.alloc(Math.max(STAMP_BYTES, size), 0x2e);
  const head = qos > 0 ? [text(topic), Buffer.alloc(2)] : [text(topic)];
  const template = packet(0x30 | (qos << 1), [...head, payload]);
  const at = template.length - payload.length;
  return ({ publisher: from, sequence, sentAt }, messageId) => {
    const bytes = Buffer.from(template);
    if (qos > 0) {
      bytes.writeUInt16BE(messageId, at - 2);
    }
    bytes.writeUInt32BE(from, at);
    bytes.writeUInt32BE(sequence, at + 4);
    bytes.writeDoubleBE(sentAt, at + 8);
    return bytes;
  };
}

export interface Received extends Stamp {
  qos: number;
  messageId: number;
}

/** The contents of a PUBLISH of {@link publisher}. */
export function readPublish(bytes: Buffer): Received {
  const header = { body: 0, end: 0 };
  readFixedHeader(bytes, 0, header);
  let at = header.body;
  const qos = (bytes[0] >> 1) & 3;
  at += 2 + bytes.readUInt16BE(at);
  const messageId = qos > 0 ? bytes.readUInt16BE(at) : 0;
  at += qos > 0 ? 2 : 0;
  return {
    qos,
    messageId,
    publisher: bytes.readUInt32BE(at),
    sequence: bytes.readUInt32BE(at + 4),
    sentAt: bytes.readDoubleBE(at + 8),
  };
}

/** Milliseconds since 1970, with a fraction: the same clock in every process of a machine. */
export function clock(): number {
  return performance.timeOrigin + performance.now();
}

function packet(header: number, parts: Buffer[]): Buffer {
  return Buffer.from(packetBytes(header, parts).buffer);
}

function text(value: string): Buffer {
  return Buffer.from(textBytes(value).buffer);
}
