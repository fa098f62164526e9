import type { Meter } from './meter';

/** A subscriber in the page: ours or a peer. */
export interface Client {
  /** Messages that arrived, including dropped ones. */
  readonly meter: Meter;
  /** Messages that arrived and were dropped. */
  lost(): number;
  /** Responses to panels. */
  packets(): number;
}
