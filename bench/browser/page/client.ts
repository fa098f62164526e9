import type { Meter } from './meter';

/** Somebody who is subscribed in the page, ours or a peer. */
export interface Client {
  /** Messages that came, whatever became of them. */
  readonly meter: Meter;
  /** Messages that came and were given up. */
  lost(): number;
  /** Packets handed to panels. */
  packets(): number;
}
