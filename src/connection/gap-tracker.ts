import type { ConnectionStatus } from '../engine';
import type { Gap } from '../frames';

/** Works out from a connection's statuses when it was away: what was published meanwhile is missing. */
export class GapTracker {
  /** When the connection was lost, by the engine's clock; undefined while there is none to lose. */
  #lostAt: number | undefined;

  /**
   * Takes the next status.
   *
   * @returns the time between the loss and this connection, in milliseconds since the epoch, where the status ends one.
   */
  update({ state, since }: ConnectionStatus): Gap | undefined {
    if (state !== 'connected') {
      // A connection that has not stood yet cannot lose messages.
      this.#lostAt = state === 'connecting' ? undefined : since;
      return undefined;
    }
    const from = this.#lostAt;
    this.#lostAt = undefined;
    return from === undefined ? undefined : { from, to: since };
  }
}
