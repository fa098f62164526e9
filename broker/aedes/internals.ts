import type { Readable } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes';

/**
 * The parts of Aedes that its types do not show and that this folder relies on, in one place. They were read in
 * aedes 1.2.0; `internals.test.ts` fails when another version is installed.
 */
export const AEDES_VERSION = '1.2.0';

export type PublishDone = (error?: Error | null) => void;

export interface AedesInternals {
  readonly id: string;
  /** Number of the last packet made; a publish takes the next one (`brokerCounter`) before it returns. */
  counter: number;
  readonly maxTopicLevels: number;
  readonly clients: Readonly<Record<string, ClientInternals>>;
  readonly mq: {
    emit(packet: AedesPublishPacket, done?: PublishDone): unknown;
  };
  readonly persistence: {
    addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<unknown>;
    /** Queues a message for persistent sessions, once for each subscription it matches. */
    outgoingEnqueueCombi(subscriptions: QueueSubscription[], packet: AedesPublishPacket): Promise<unknown>;
    /** Messages that wait for a session; Aedes sends them when its client comes back. */
    outgoingStream(client: Pick<Client, 'id'>): Readable;
    /** Whether each session's copy of a message has a QoS of its own. */
    readonly qosPerClient?: boolean;
    /** Whether a message goes to a client in its turn out of its queue, not live; only our own persistence knows. */
    deliversFromQueue?(client: Client, packet: AedesPublishPacket): boolean;
    /** Whether no session has a filter of QoS 1 or 2 that matches; only our own persistence knows without a promise. */
    queuesNothingOn?(topic: string): boolean;
    /** Whether the queue of a client is empty; likewise. */
    queuesNothingFor?(clientId: string): boolean;
    /** Keeps a retained message; one with an empty payload removes it. */
    storeRetained(packet: AedesPublishPacket): Promise<unknown>;
    createRetainedStreamCombi(filters: string[]): Readable;
    /** Ends a session, as far as its filters go. */
    cleanSubscriptions(client: Client): Promise<unknown>;
    /** Forgets which QoS 2 messages were received of a client. */
    cleanIncoming?(client: Client): Promise<unknown>;
    /** Takes a message out of a client's queue, unsent; only our own persistences can. */
    outgoingRemove?(client: Client, packet: QueuedPacket): Promise<unknown>;
    /** Gives the first queued copy of a message (by broker id and number) a message id. */
    outgoingUpdate(client: Client, packet: QueuedPacket): Promise<unknown>;
    /** Removes the first queued message with this message id. */
    outgoingClearMessageId(client: Client, packet: QueuedPacket): Promise<unknown>;
  };
  /** Whether a client gets a message; null when not. */
  authorizeForward: (client: Client, packet: AedesPublishPacket) => AedesPublishPacket | null | void;
  /** The hook that is called when a message was delivered. */
  published(packet: PublishPacket, client: Client | null, done: PublishDone): void;
  emit(event: 'publish', packet: PublishPacket, client: Client | null): boolean;
  publish(packet: PublishPacket, client: Client | PublishDone | null | undefined, done?: PublishDone): void;
}

export interface QueueSubscription {
  clientId: string;
  topic: string;
  qos: number;
}

export type QueuedPacket = Partial<Pick<AedesPublishPacket, 'brokerId' | 'brokerCounter' | 'messageId'>>;

/** Hands a message to a client; `done` is called when it is written, or will not be. */
type Deliver = (packet: AedesPublishPacket, done: () => void) => void;

export type ClientInternals = Client & {
  readonly broker: Aedes;
  /** The filters of this client, as keys. */
  readonly subscriptions: Record<string, { qos: number }>;
  /** The highest number of a message of each broker that went to this client. */
  readonly duplicates: Record<string, number>;
  /** Whether CONNACK was sent; the filters of a session are restored before that. */
  readonly connackSent: boolean;
  /** The packet identifier of the next message of QoS 1 or 2. */
  _nextId: number;
  /** The will while the client is being authenticated. */
  readonly _will?: PublishPacket | null;
  /** Called for what matches a filter of QoS 0. */
  deliver0: Deliver;
  /** Called for what matches a filter of QoS 1 or 2. */
  deliverQoS: Deliver;
};

/** Aedes as it is inside. */
export function internals(aedes: Aedes): AedesInternals {
  return aedes as unknown as AedesInternals;
}
