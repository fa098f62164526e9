import type { AedesOptions } from 'aedes';
import type { SharedStore } from './shared-store';

/**
 * The store of everything that outlives a connection: retained messages, sessions, queued and in-flight messages. The
 * default store is the memory of the process.
 */
export interface Storage {
  /** The `persistence` of Aedes. */
  persistence?: NonNullable<AedesOptions['persistence']>;
  /** The `mq` of Aedes: carries messages between the brokers of a cluster. */
  mq?: NonNullable<AedesOptions['mq']>;
  /** Set for a store that several brokers share. */
  shared?: SharedStore;
  /**
   * Receives errors of the store that no operation of the broker reports (a lost connection to Redis, a full disk). Called
   * once per failure, not once per message.
   */
  onFault?: (listener: (error: Error) => void) => void;
  /** Completes pending writes and closes the store. Called after the broker is closed; a second call has no effect. */
  close(): Promise<void>;
}
