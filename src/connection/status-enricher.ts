import type { ConnectionError, ConnectionStatus } from '../engine';

/** How long the page may take to find out more about an error before the error is shown without it, in milliseconds. */
const ENRICH_MS = 5_000;

/** Adds what the page knows to an error, at once or after it has looked. May reject. */
export type Enrich = (error: ConnectionError) => ConnectionError | Promise<ConnectionError>;

/**
 * Hands on the engine's statuses, those with an error after the page has added what it knows of the error. A status
 * that a newer one overtakes meanwhile is dropped.
 */
export class StatusEnricher {
  readonly #enrich: Enrich;
  readonly #onStatus: (status: ConnectionStatus) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts statuses, so that a late response about an older one is recognized. */
  #newest = 0;

  constructor(enrich: Enrich, onStatus: (status: ConnectionStatus) => void) {
    this.#enrich = enrich;
    this.#onStatus = onStatus;
  }

  push(status: ConnectionStatus): void {
    const own = ++this.#newest;
    clearTimeout(this.#timer);
    if (!('error' in status) || status.error === undefined) {
      this.#onStatus(status);
      return;
    }
    const error = status.error;
    const enriched = this.#enrich(error);
    if (!(enriched instanceof Promise)) {
      this.#onStatus({ ...status, error: enriched });
      return;
    }
    const show = (error: ConnectionError): void => {
      if (own === this.#newest) {
        this.stop();
        this.#onStatus({ ...status, error });
      }
    };
    this.#timer = setTimeout(() => show(error), ENRICH_MS);
    enriched.then(show, () => show(error));
  }

  /** Drops a status whose error is still being looked into. */
  stop(): void {
    this.#newest++;
    clearTimeout(this.#timer);
  }
}
