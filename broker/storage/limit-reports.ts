import type { Limits } from '../limits';

export type StorageLimits = Pick<
  Limits,
  'queueMessages' | 'queueBytes' | 'queueTotal' | 'queueTotalBytes' | 'retainedMessages' | 'retainedBytes'
>;

/** Stored messages of clients, and messages that were not stored because of a limit. */
export interface StorageCounts {
  retainedMessages: number;
  retainedBytes: number;
  queuedMessages: number;
  queuedBytes: number;
  retainedRefused: number;
  queueDropped: number;
}

/** Counts messages that were not stored, and reports the first one each time that a limit is reached. */
export class LimitReports {
  readonly counts: StorageCounts = {
    retainedMessages: 0,
    retainedBytes: 0,
    queuedMessages: 0,
    queuedBytes: 0,
    retainedRefused: 0,
    queueDropped: 0,
  };
  readonly #limits: StorageLimits;
  readonly #report: (error: Error) => void;
  readonly #fullQueues = new Set<string>();
  #retainedFull = false;

  constructor(limits: StorageLimits, report: (error: Error) => void) {
    this.#limits = limits;
    this.#report = report;
  }

  retained(): void {
    this.#retainedFull = false;
  }

  /** @param messages number of retained messages, of `bytes` in all */
  notRetained(topic: string, messages: number, bytes: number): void {
    this.counts.retainedRefused += 1;
    if (!this.#retainedFull) {
      this.#retainedFull = true;
      const { retainedMessages, retainedBytes } = this.#limits;
      this.#report(
        new Error(
          `Not retained: ${topic.slice(0, 80)}. ${messages} messages of ${bytes} bytes are retained; ` +
            `the limits are ${retainedMessages} messages and ${retainedBytes} bytes`
        )
      );
    }
  }

  queued(clientId: string): void {
    this.#fullQueues.delete(clientId);
  }

  /** @param messages number of queued messages of this session */
  notQueued(clientId: string, messages: number): void {
    this.counts.queueDropped += 1;
    if (!this.#fullQueues.has(clientId)) {
      this.#fullQueues.add(clientId);
      this.#report(
        new Error(
          `Not queued for ${clientId.slice(0, 80)}: queue limit reached, with ${messages} messages in its queue`
        )
      );
    }
  }

  /** The session has ended. */
  forget(clientId: string): void {
    this.#fullQueues.delete(clientId);
  }
}
