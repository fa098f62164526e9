import { FilterTrie, isWide } from '../topics';
import { mayLackRetained } from './broker-quirks/unsent-messages';
import type { SubscribeResult } from './protocol';
import { MAX_SESSIONS, type Session, type SessionSet } from './session-set';
import { PlanReview } from './plan-review';
import { isReplaced, type Source, SourceSet } from './source';
import type { Stream } from './stream';
import { MAX_SKEW_MS } from './topic-move';
import { highestQos, type WantedFilter, WantedFilters } from './wanted-filters';

type Qos = 0 | 1 | 2;

const NO_SESSION = `more filters overlap in different ways than ${MAX_SESSIONS} connections can hold. Use one filter that covers the others`;

/** How long retained messages may take after SUBACK, in milliseconds. */
const RETAINED_MS = 2_000;

export interface PlanEvents {
  /**
   * Sources have changed, so topics may come from others.
   *
   * @param session that was lost or has connected.
   */
  onChange(session?: Session): void;
  /** The set of subscribed filters of these streams has changed. */
  onResult(streams: Iterable<Stream>): void;
  /** The broker no longer sends what matches a filter. */
  onUnsubscribed(filter: string): void;
  /** Whether the broker has sent a retained message that matches a filter. */
  hasRetained(filter: string): boolean;
  /** Takes the messages of a source's topics from others if that loses none. @returns whether it could, for all of them. */
  release(source: Source): boolean;
}

/**
 * Decides which session subscribes to which filter, so that no session holds two filters that a topic can match. A
 * filter that another one covers is not subscribed; filters that overlap go to different sessions. What a source that
 * leaves has covered is subscribed before it leaves.
 */
export class SubscriptionPlan {
  readonly #sessions: () => SessionSet | undefined;
  readonly #events: PlanEvents;
  readonly #wanted = new WantedFilters();
  readonly #sources = new SourceSet();
  /** Filters that are subscribed although they are covered, for their retained messages. */
  readonly #extra = new Set<string>();
  #nextId = 1;
  readonly #review: PlanReview;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(sessions: () => SessionSet | undefined, events: PlanEvents) {
    this.#sessions = sessions;
    this.#events = events;
    this.#review = new PlanReview(sessions, this.#wanted, this.#sources, () => this.update());
  }

  /** The sources whose filters match a topic, oldest first. */
  matching(topic: string): Source[] {
    return this.#sources.matching(topic);
  }

  /** Whether the broker has refused a filter, and no other one brings its messages. */
  isRefused(filter: string): boolean {
    return this.#refusalOf(filter) !== undefined;
  }

  /** A stream wants its filters, and the retained messages of each. */
  add(stream: Stream): void {
    const added = this.#wanted.add(stream);
    for (const wanted of added) {
      const { name } = wanted;
      const own = this.#sources.own(name) ?? this.#sources.named(name).at(0);
      if (own?.isLeaving === true) {
        own.isLeaving = false;
        this.#events.onChange();
      }
      if (own?.isGranted === true) {
        own.session.connection.subscribe(name, own.qos, own.id);
      } else if (own === undefined && this.#covering(wanted).some(({ isGranted }) => isGranted)) {
        this.#extra.add(name);
      }
    }
    // Streams that open together are subscribed together: of overlapping filters, the one that covers the others.
    this.#updateSoon();
  }

  delete(stream: Stream): void {
    this.#wanted.delete(stream);
    this.#updateSoon();
  }

  /** A stream takes the place of another one that has the same filters. */
  replace(old: Stream, stream: Stream): void {
    this.#wanted.replace(old, stream);
  }

  #updateSoon(): void {
    this.#soon ??= setTimeout(() => this.update(), 0);
  }

  /** Subscribes to what is wanted and not covered, and unsubscribes what is not needed. */
  update(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#markLeaving();
    const sessions = this.#sessions();
    // Before, there is no SUBSCRIBE, so that all filters of a dashboard are planned together.
    if (sessions === undefined || !sessions.hasConnected) {
      return;
    }
    for (const wanted of this.#wanted.all()) {
      wanted.refusal = wanted.isWaiting ? undefined : wanted.refusal;
    }
    for (const wanted of this.#uncovered()) {
      if (this.#covering(wanted).length === 0) {
        this.#subscribe(wanted, sessions, false);
      }
    }
    this.#wanted.all().forEach((wanted) => this.#check(wanted));
    for (const name of this.#extra) {
      const wanted = this.#wanted.get(name);
      if (wanted !== undefined && this.#sources.own(name) === undefined) {
        this.#subscribe(wanted, sessions, true);
      }
    }
    this.#extra.clear();
    for (const source of this.#sources.all()) {
      if (source.isLeaving && this.#mayLeave(source)) {
        this.#drop(source);
      }
    }
    sessions.closeIdle();
    this.#review.restart();
  }

  /** A SUBACK has come. */
  onSubscribed(session: Session, filter: string, refusal: string | undefined): void {
    const source = this.#sources.named(filter).find((each) => each.session === session);
    if (source === undefined) {
      return;
    }
    this.#review.isStale = true;
    if (refusal === undefined) {
      if (!source.isGranted) {
        source.isGranted = true;
        source.since = performance.now();
        this.#events.onChange();
      }
    } else {
      const wanted = this.#wanted.get(filter);
      if (wanted !== undefined) {
        wanted.refusal = refusal;
      }
      this.#drop(source);
    }
    const concerned = this.#wanted.inside(filter);
    this.#events.onResult(new Set(concerned.flatMap(({ qos }) => [...qos.keys()])));
    if (refusal !== undefined) {
      // Not within the SUBACKs of one packet: all filters that are free now are planned together.
      this.#updateSoon();
    } else {
      this.#review.schedule();
    }
  }

  /** A session has connected, was lost, or is given up. */
  onSession(session: Session, change: 'connected' | 'resumed' | 'lost' | 'given-up'): void {
    for (const source of this.#sources.all()) {
      if (source.session === session) {
        if (change === 'given-up') {
          this.#remove(source);
        } else if (change === 'connected') {
          source.isGranted = false;
          source.since = performance.now();
          this.#events.onUnsubscribed(source.filter);
        }
      }
    }
    if (session.index === 0 && change !== 'lost') {
      // A filter that was refused before may be allowed now.
      for (const wanted of this.#wanted.all()) {
        wanted.refusal = undefined;
      }
    }
    this.#events.onChange(session);
    if (change !== 'lost') {
      this.update();
    }
  }

  /** The results of the SUBACKs for the filters of a stream. */
  resultOf({ spec }: Stream): SubscribeResult & { readonly isComplete: boolean } {
    const refused = spec.filters.flatMap((filter) => {
      const reason = this.#refusalOf(filter);
      return reason === undefined ? [] : [{ filter, reason }];
    });
    const names = new Set(refused.map(({ filter }) => filter));
    const isComplete = spec.filters.every((name) => names.has(name) || this.#isGranted(name));
    const granted = isComplete && names.size === 0;
    // Of thousands of filters, most are wanted with QoS 0.
    const qos = granted && spec.qos > 0 ? (Math.min(...spec.filters.map((name) => this.grantedQos(name))) as Qos) : 2;
    return { granted, refused, isComplete, ...(qos < spec.qos && { qos }) };
  }

  /** The QoS that the broker has granted for the messages of a filter. */
  grantedQos(filter: string): Qos {
    const wanted = this.#wanted.get(filter);
    const sources = wanted && this.#covering(wanted);
    const qos = sources?.map((source) => source.session.connection.grantedQos(source.filter)) ?? [];
    return Math.max(0, ...qos) as Qos;
  }

  /** Whether the messages of a stream come over this session, all or some. */
  uses(stream: Stream, session: Session): boolean {
    return stream.spec.filters.some((filter) => !session.isFree(filter));
  }

  /** See {@link SourceSet.missesSince}. */
  missesSince(session: Session, lostAt: number): number {
    return this.#sources.missesSince(session, lostAt, this.#wanted);
  }

  stop(): void {
    this.#review.stop();
    clearTimeout(this.#soon);
  }

  /** Also with a lower QoS, while a source with the higher one is pending. */
  #isGranted(name: string): boolean {
    const wanted = this.#wanted.get(name);
    return wanted !== undefined && this.#covering(wanted, 0).some(({ isGranted }) => isGranted);
  }

  #refusalOf(name: string): string | undefined {
    const refusal = this.#wanted.get(name)?.refusal;
    return refusal === undefined || this.#isGranted(name) ? undefined : refusal;
  }

  /** Subscribes to a covered filter all the same, if its cover brings no retained message and may have to. */
  #check(wanted: WantedFilter): void {
    const before = performance.now() - RETAINED_MS;
    const cover = wanted.isChecked ? undefined : this.#covering(wanted).find(({ isGranted }) => isGranted);
    const isOwn = cover?.filter === wanted.name;
    if (cover !== undefined && (isOwn || cover.since < before)) {
      wanted.isChecked = true;
      if (!isOwn && mayLackRetained(wanted.name, () => this.#events.hasRetained(cover.filter))) {
        this.#extra.add(wanted.name);
      }
    }
  }

  #covering(wanted: WantedFilter, qos?: Qos): Source[] {
    return this.#sources.covering(wanted, this.#wanted, qos);
  }

  /** Filters that no source covers, those first that nothing else covers. */
  #uncovered(): WantedFilter[] {
    const all = this.#wanted
      .all()
      .filter((wanted) => wanted.refusal === undefined && this.#covering(wanted).length === 0);
    const wide = all.filter(({ name }) => isWide(name));
    const trie = new FilterTrie<string>();
    wide.forEach(({ name }) => trie.add(name, name));
    const inner = new Set(
      all.filter((wanted) => [...trie.match(wanted.name)].some((name) => this.#wanted.mayCover(name, wanted)))
    );
    return [...all.filter((wanted) => !inner.has(wanted)), ...inner];
  }

  #subscribe(wanted: WantedFilter, sessions: SessionSet, isExtra: boolean): void {
    const { name } = wanted;
    let session = sessions.place(name);
    if (session === undefined && sessions.first.isUp && !isExtra) {
      if (!sessions.mayOpen) {
        // As every client with one session has it: the broker decides how many copies come.
        session = sessions.first;
      } else if (sessions.all.length >= MAX_SESSIONS && this.#sources.serving(name).length === 0) {
        wanted.refusal = NO_SESSION;
        if (!wanted.isWaiting) {
          this.#events.onResult(wanted.qos.keys());
        }
      }
    }
    wanted.isWaiting = wanted.refusal !== undefined;
    if (session === undefined) {
      return;
    }
    const inner = isExtra ? [] : this.#wanted.inside(name).filter((each) => this.#wanted.mayCover(name, each));
    const qos = Math.max(highestQos(wanted), ...inner.map(highestQos)) as Qos;
    const source: Source = {
      filter: name,
      isWide: isWide(name),
      qos,
      id: this.#nextId++,
      session,
      isGranted: false,
      since: performance.now(),
      isLeaving: false,
      isProven: false,
    };
    this.#sources.add(source);
    session.hold(name);
    this.#events.onChange();
    session.connection.subscribe(name, qos, source.id);
  }

  #markLeaving(): void {
    const before = performance.now() - RETAINED_MS;
    let changed = false;
    let hasCovered = false;
    for (const source of this.#sources.all()) {
      const wanted = this.#wanted.get(source.filter);
      const covering = wanted === undefined ? [] : this.#covering(wanted);
      hasCovered ||= covering.some((other) => other !== source);
      const isLeaving = wanted === undefined || isReplaced(source, covering, before);
      changed ||= isLeaving !== source.isLeaving;
      source.isLeaving = isLeaving;
    }
    this.#review.hasCovered = hasCovered;
    if (changed) {
      this.#events.onChange();
    }
  }

  /** Whether nothing is lost if a source is unsubscribed now. */
  #mayLeave(source: Source): boolean {
    const { session, filter } = source;
    if (!source.isGranted || !session.isUp) {
      return true;
    }
    const before = performance.now() - MAX_SKEW_MS;
    const waits = this.#wanted
      .overlapping(filter)
      .some(
        (wanted) =>
          wanted.refusal === undefined &&
          !this.#covering(wanted).some((other) => other.isGranted && other.since < before && other.session.isUp)
      );
    return !waits && this.#events.release(source);
  }

  #drop(source: Source): void {
    const { session, filter } = source;
    this.#remove(source);
    session.connection.unsubscribe(filter, () => {
      if (!this.#sources.named(filter).some((other) => other.session === session)) {
        session.release(filter);
        this.#updateSoon();
      }
    });
  }

  #remove(source: Source): void {
    this.#sources.delete(source);
    if (!this.#sources.serving(source.filter).some(({ isGranted }) => isGranted)) {
      this.#events.onUnsubscribed(source.filter);
    }
    this.#events.onChange();
  }
}
