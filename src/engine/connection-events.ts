import type { IncomingMessage } from './incoming-message';
import type { ConnectionStatus } from './protocol';
import type { OpenSocket } from './transport';

export interface ConnectionEvents {
  onStatus(status: ConnectionStatus): void;
  /**
   * @param receivedAt when its bytes came, in milliseconds since 1970.
   * @returns the time that its rows have, in milliseconds since 1970, if it becomes rows.
   */
  onMessage(message: IncomingMessage, receivedAt: number): number | undefined;
  /** A SUBACK has come. `refusal`: why the broker refuses the filter. */
  onSubscribed(filter: string, refusal: string | undefined): void;
  /** The page is to say what an attempt is made with: see `Connection.credentials`. */
  onCredentials(attempt: number): void;
}

export interface ConnectionDeps {
  readonly openSocket: OpenSocket;
  readonly now: () => number;
  readonly random: () => number;
}
