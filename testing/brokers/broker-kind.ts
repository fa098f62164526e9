import type { CheckName } from './check-names';

/** The account of the suite. The user may do everything except subscribe to `DENIED` and below. */
export const USER = 'panel';
export const PASSWORD = 'secret-of-panel';
/** A topic level; the user may not subscribe to `denied/#`. */
export const DENIED = 'denied';

/** A broker that runs on loopback. */
export interface RunningBroker extends AsyncDisposable {
  /** The URL for the engine: `ws://127.0.0.1:PORT/PATH`. */
  readonly url: string;
  /** The URL for the plain clients: `mqtt://` or `ws://`. */
  readonly publishUrl: string;
  stop(): Promise<void>;
  /** Starts it again on the same ports. */
  start(): Promise<void>;
}

/** What a broker does wrong, with sentences for `docs/brokers.md`. */
export interface BrokerFault {
  readonly what: string;
  /** What its users can do. */
  readonly advice: string;
  /** Finds the fault in the text of a check that failed. Any other failure of the check is ours until it is understood. */
  readonly shows: RegExp;
}

/** A broker of the matrix: where it comes from, how it starts, and what it cannot do. */
export interface BrokerKind {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly mqtt5: boolean;
  /** How long after a reconnect it sends unacknowledged messages again, in milliseconds. Default: at once. */
  readonly resendsAfterMs?: number;
  /** Checks that fail because of the broker. */
  readonly faults?: Partial<Record<CheckName, BrokerFault>>;
  /** Checks that fail now and then because of the broker. */
  readonly rareFaults?: Partial<Record<CheckName, BrokerFault>>;
  /**
   * Gets the broker into the cache folder, if it is not there yet.
   *
   * @returns its version
   * @throws {Unavailable} with the reason
   */
  fetch(cache: string): Promise<string>;
  /** @param folder an empty folder for configuration and data, which the caller removes */
  start(cache: string, folder: string): Promise<RunningBroker>;
}

/** The broker's own fault that a failed check shows; undefined if it failed in another way. */
export function shownFault(
  { faults, rareFaults }: Pick<BrokerKind, 'faults' | 'rareFaults'>,
  check: CheckName,
  text: string
): BrokerFault | undefined {
  return [faults?.[check], rareFaults?.[check]].find((fault) => fault?.shows.test(text));
}

/** A broker cannot be had on this machine; the message says why. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
