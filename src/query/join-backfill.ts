import { ListenerSet } from '../connection/listener-set';
import { loadPart } from '../connection/load-part';
import type { SeriesView } from '../frames';
import type * as backfill from '../history/backfill';
import type { Backfill, BackfillDeps, BackfillQuery } from '../history/backfill';
import { messageOf } from '../utils/errors';

/** The file of the part; the build knows its name, and tests import the module. */
declare const BACKFILL_PART: string;

const loadBackfill = (): Promise<typeof backfill> =>
  typeof BACKFILL_PART === 'undefined' ? import('../history/backfill') : loadPart(BACKFILL_PART);

/**
 * The older rows of a query that names another data source for them. Few queries do, so the code is loaded when the
 * first one runs.
 */
export class JoinedBackfill {
  readonly #changes = new ListenerSet();
  #backfill: Backfill | undefined;
  #error: string | undefined;
  #left = false;

  constructor(query: BackfillQuery, deps: BackfillDeps) {
    void this.#open(query, deps);
  }

  async #open(query: BackfillQuery, deps: BackfillDeps): Promise<void> {
    try {
      const { openBackfill } = await loadBackfill();
      if (!this.#left) {
        this.#backfill = openBackfill(query, deps);
        this.#backfill.onChange(() => this.#changes.notify());
      }
    } catch (error) {
      this.#error = `Backfill: ${messageOf(error)} Reload the page.`;
      this.#changes.notify();
    }
  }

  /** Calls back when rows or an error have arrived. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  /** Whether rows may be on their way. */
  get isLoading(): boolean {
    return this.#error === undefined && (this.#backfill?.isLoading ?? true);
  }

  /** Whether the last response had older rows. */
  get hasRows(): boolean {
    return this.#backfill?.hasRows === true;
  }

  /** Why there are no older rows, or not for all series. */
  get notices(): readonly string[] {
    return this.#backfill?.notices ?? (this.#error === undefined ? [] : [this.#error]);
  }

  /** See {@link Backfill.join}. */
  join(views: readonly SeriesView[]): readonly SeriesView[] {
    return this.#backfill?.join(views) ?? views;
  }

  leave(): void {
    this.#left = true;
    this.#backfill?.leave();
  }
}
