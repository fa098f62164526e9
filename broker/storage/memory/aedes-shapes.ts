import type { AedesPublishPacket, PublishPacket } from 'aedes';
import type { PublishDone } from '../../aedes/internals';
import type { StoredMessage } from './records';

/**
 * Types of the values that Aedes 1.2.0 hands to a persistence and expects of one. Its own types describe the callbacks
 * of an older version.
 */
export interface PersistenceClient {
  id: string;
  /** Undefined for a client that is only a name. */
  clean?: boolean;
  /** There when this is a connection. */
  conn?: { destroy(): unknown };
  /** The message id that the next message gets. */
  _nextId?: number;
}

export type OutgoingPacket = Partial<AedesPublishPacket> & { messageId?: number };

export interface PubrelPacket {
  cmd: 'pubrel';
  messageId: number;
}

export interface PersistenceBroker {
  id: string;
  counter: number;
  publish: (packet: PublishPacket, client: unknown, done?: PublishDone) => void;
  readonly clients?: Readonly<Record<string, PersistenceClient>>;
  /** Absent in the abstract tests of aedes-persistence. */
  on?: (event: 'client' | 'clientDisconnect', listener: (client: PersistenceClient) => void) => unknown;
}

export type Will = AedesPublishPacket & { clientId?: string };

/** Copies what is kept: a payload is a part of what came over the socket in one piece, and would hold all of it. */
export function toStored(packet: OutgoingPacket & { clientId?: string }): StoredMessage {
  const { topic = '', payload = '', qos = 0, retain = false, brokerId = '', brokerCounter = 0, clientId } = packet;
  const kept = typeof payload === 'string' ? payload : Buffer.from(payload);
  return { topic, payload: kept, qos, retain, brokerId, brokerCounter, clientId };
}

/** A message as Aedes sends it. */
export function toPacket(message: StoredMessage, messageId: number | undefined, dup: boolean): AedesPublishPacket {
  const { clientId: _, ...fields } = message;
  return { cmd: 'publish', ...fields, dup, messageId };
}
