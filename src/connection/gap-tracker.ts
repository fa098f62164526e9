import type { ConnectionStatus } from '../engine';
import type { Gap } from '../frames';

const MAX_GAPS = 100;

/** Works out from a connection's statuses when it was away: what was published meanwhile is missing. */
export class GapTracker {
  /** When the connection was lost, by the engine's clock; undefined while there is none to lose. */
  #lostAt: number | undefined;
  #all: readonly Gap[] = [];

  /** The newest gaps of the connection, oldest first, for streams that join later. */
  get all(): readonly Gap[] {
    return this.#all;
  }

  add(gap: Gap): void {
    this.#all = [...this.#all, gap].slice(-MAX_GAPS);
  }

  remove({ from, to }: Gap): void {
    this.#all = this.#all.filter((gap) => gap.from !== from || gap.to !== to);
  }

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
