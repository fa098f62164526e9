import { isGrantedInVain } from './broker-quirks/unsent-messages';
import type { SessionSet } from './session-set';
import type { Source, SourceSet } from './source';
import type { WantedFilters } from './wanted-filters';

/** How often a plan that may change without anybody's doing is looked at, in milliseconds. */
const REVIEW_MS = 200;

/** Updates a plan of subscriptions when it may change without anybody's doing: thousands of filters cost too much to be planned at every look. */
export class PlanReview {
  /** The broker has granted or refused a filter after the last update. */
  isStale = false;
  /** Some sources have a cover, and may leave as soon as the cover has shown to bring all that they bring. */
  hasCovered = false;
  readonly #sessions: () => SessionSet | undefined;
  readonly #wanted: WantedFilters;
  readonly #sources: SourceSet;
  readonly #update: () => void;
  /** Sources that stand for other filters, and had not brought anything at the last update. */
  #unproven: readonly Source[] = [];
  #updatedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sessions: () => SessionSet | undefined, wanted: WantedFilters, sources: SourceSet, update: () => void) {
    this.#sessions = sessions;
    this.#wanted = wanted;
    this.#sources = sources;
    this.#update = update;
  }

  /** After an update. */
  restart(): void {
    this.#unproven = this.#sources.all().filter((source) => this.#isUnproven(source));
    this.isStale = false;
    this.#updatedAt = performance.now();
    this.schedule();
  }

  schedule(): void {
    if (this.#timer === undefined && this.#isChanging()) {
      this.#timer = setTimeout(() => this.#look(), REVIEW_MS);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#isUnsettled() || this.#hasShown()) {
      this.#update();
    } else {
      this.#sessions()?.closeIdle();
      this.schedule();
    }
  }

  #isChanging(): boolean {
    const sessions = this.#sessions();
    return this.#unproven.length > 0 || (sessions !== undefined && sessions.all.length > 1) || this.#isUnsettled();
  }

  #isUnsettled(): boolean {
    return (
      this.isStale ||
      this.hasCovered ||
      this.#wanted
        .all()
        .some(({ isChecked, isWaiting, refusal }) => isWaiting || (!isChecked && refusal === undefined)) ||
      this.#sources.all().some(({ isLeaving }) => isLeaving)
    );
  }

  #isUnproven({ filter, isWide, isGranted, isProven }: Source): boolean {
    return (
      isGranted &&
      !isProven &&
      isWide &&
      this.#wanted.inside(filter).some((wanted) => this.#wanted.mayCover(filter, wanted))
    );
  }

  /** Whether one of the sources that stand for others has brought a message, or has shown to bring none. */
  #hasShown(): boolean {
    return this.#unproven.some(
      (source) => source.isProven || isGrantedInVain(source) !== isGrantedInVain(source, this.#updatedAt)
    );
  }
}
