import type { Aedes, AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes';

/**
 * The parts of Aedes that its types do not show and that this folder relies on, in one place. They were read in
 * aedes 1.2.0; `aedes-internals.test.ts` fails when another version is installed.
 */
export const AEDES_VERSION = '1.2.0';

export type PublishDone = (error?: Error | null) => void;

export interface AedesInternals {
  readonly id: string;
  /** Number of the last packet made; a publish takes the next one (`brokerCounter`) before it returns. */
  counter: number;
  readonly clients: Readonly<Record<string, ClientInternals>>;
  readonly mq: {
    emit(packet: AedesPublishPacket, done?: PublishDone): unknown;
  };
  readonly persistence: {
    addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<unknown>;
    /** Queues a message for persistent sessions, once for each subscription it matches. */
    outgoingEnqueueCombi(subscriptions: QueueSubscription[], packet: AedesPublishPacket): Promise<unknown>;
    /** Gives the first queued copy of a message (by broker id and number) a message id. */
    outgoingUpdate(client: Client, packet: QueuedPacket): Promise<unknown>;
    /** Removes the first queued message with this message id. */
    outgoingClearMessageId(client: Client, packet: QueuedPacket): Promise<unknown>;
  };
  publish(packet: PublishPacket, client: Client | PublishDone | null | undefined, done?: PublishDone): void;
}

export interface QueueSubscription {
  clientId: string;
  topic: string;
  qos: number;
}

export type QueuedPacket = Partial<Pick<AedesPublishPacket, 'brokerId' | 'brokerCounter' | 'messageId'>>;

export type ClientInternals = Client & {
  /** The filters of this client, as keys. */
  readonly subscriptions: Readonly<Record<string, unknown>>;
};

/** Aedes as it is inside. */
export function internals(aedes: Aedes): AedesInternals {
  return aedes as unknown as AedesInternals;
}
