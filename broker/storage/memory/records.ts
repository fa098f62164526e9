import { decode, encode } from '@msgpack/msgpack';

/** A message as it is kept. */
export interface StoredMessage {
  topic: string;
  payload: Buffer | string;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** The run of the broker that numbered it, and its number there; together they name a message. */
  brokerId: string;
  brokerCounter: number;
  clientId: string | undefined;
}

/** A session, for as long as its client may come back. */
export interface StoredSession {
  clientId: string;
  /** When its client was last seen, milliseconds since 1970. */
  seen: number;
}

/** A subscription of a persistent session, as Aedes hands it over. */
export interface StoredSubscription {
  topic: string;
  qos: 0 | 1 | 2;
  rh?: number;
  rap?: boolean;
  nl?: boolean;
}

/** How far the delivery of a queued message has come. */
export interface DeliveryState {
  messageId: number;
  /** PUBREC came, PUBREL is what is sent from here on. */
  released: boolean;
}

/** Version of what is written; raised whenever an older broker could not read it. */
export const STORE_VERSION = 1;

/** Keys. Client ids are escaped, so that `/` ends them; topics and filters come last and are as they are. */
export const keys = {
  version: '0',
  retained: (topic: string): string => `r/${topic}`,
  session: (clientId: string): string => `c/${escapeId(clientId)}`,
  subscription: (clientId: string, filter: string): string => `s/${escapeId(clientId)}/${filter}`,
  /** Sorts by sequence number within a client. */
  queued: (clientId: string, sequence: number): string => `q/${escapeId(clientId)}/${hex(sequence)}`,
  state: (clientId: string, sequence: number): string => `m/${escapeId(clientId)}/${hex(sequence)}`,
  incoming: (clientId: string, messageId: number): string => `i/${escapeId(clientId)}/${messageId}`,
  will: (clientId: string): string => `w/${escapeId(clientId)}`,
};

export type RecordKind = 'r' | 'c' | 's' | 'q' | 'm' | 'i' | 'w' | '0';

/** A key taken apart: the kind, the client id (or the topic, of a retained message), and what follows. */
export function parseKey(key: string): { kind: RecordKind; id: string; rest: string } {
  const kind = key[0] as RecordKind;
  if (kind === 'r') {
    return { kind, id: key.slice(2), rest: '' };
  }
  const end = key.indexOf('/', 2);
  const id = decodeURIComponent(key.slice(2, end < 0 ? undefined : end));
  return { kind, id, rest: end < 0 ? '' : key.slice(end + 1) };
}

export function sequenceOf(rest: string): number {
  return Number.parseInt(rest, 16);
}

function escapeId(clientId: string): string {
  return encodeURIComponent(clientId);
}

/** 14 digits hold every safe integer. */
function hex(sequence: number): string {
  return sequence.toString(16).padStart(14, '0');
}

export function encodeMessage(message: StoredMessage): Uint8Array {
  const { topic, payload, qos, retain, brokerId, brokerCounter, clientId } = message;
  return encode([topic, payload, qos, retain, brokerId, brokerCounter, clientId ?? null]);
}

/** @throws Error when the bytes are not a message */
export function decodeMessage(bytes: Uint8Array): StoredMessage {
  const fields = decode(bytes);
  if (!Array.isArray(fields) || typeof fields[0] !== 'string' || typeof fields[2] !== 'number') {
    throw new TypeError('not a message');
  }
  const [topic, payload, qos, retain, brokerId, brokerCounter, clientId] = fields as [
    string,
    Uint8Array | string,
    0 | 1 | 2,
    boolean,
    string,
    number,
    string | null,
  ];
  return {
    topic,
    payload: typeof payload === 'string' ? payload : Buffer.from(payload),
    qos,
    retain,
    brokerId,
    brokerCounter,
    clientId: clientId ?? undefined,
  };
}

export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** @throws Error when the bytes are not JSON */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}
