import type { AedesOptions } from 'aedes';
import type { SharedStore } from './shared-store';

/**
 * Where a broker keeps what has to outlive a connection: retained messages, sessions, queued and inflight messages.
 * Without one, that is the broker's memory.
 */
export interface Storage {
  /** Handed to Aedes as its `persistence`. */
  persistence?: NonNullable<AedesOptions['persistence']>;
  /** Handed to Aedes as its `mq`: carries messages between the brokers of a cluster. */
  mq?: NonNullable<AedesOptions['mq']>;
  /** What it does for all brokers that share it; a store of one broker has none. */
  shared?: SharedStore;
  /**
   * Told about what goes wrong in the store behind the broker's back (a lost connection to Redis, a full disk), in
   * words. Called at most once per fault, not once per message.
   */
  onFault?: (listener: (error: Error) => void) => void;
  /** Writes what is still to be written and lets go of it. Called after the broker is closed; calling again is harmless. */
  close(): Promise<void>;
}
