import { FilterTrie, isShared, isWide, matches, shareless } from '../topics';
import { getOrSet } from '../utils/get-or-set';
import type { IncomingMessage } from './incoming-message';
import type { RetainedMessage } from './retained-store';
import type { Session } from './session-set';
import { isGrantedInVain } from './broker-quirks/unsent-messages';
import type { Source } from './source';
import type { Stream } from './stream';
import { MAX_SILENCE_MS, MAX_SKEW_MS, type Seen, seen, TopicMove } from './topic-move';

/** Topics whose streams are remembered, so that a topic is matched against the filters once. */
const MAX_REMEMBERED = 50_000;

/** The session that the messages of a topic come from, and the streams that they go to. */
export interface Route {
  readonly topic: string;
  /** Each once, however many of its filters match. */
  streams: readonly Stream[];
  /** One of the streams is recorded. */
  isRecorded: boolean;
  /** The epoch of the newest message of the topic that has been recorded; -1 if there is none. */
  recordedIn: number;
  /** The session whose messages count; others may bring the same ones. */
  session: Session | undefined;
  /**
   * The subscription identifier whose copy counts, if the session had to subscribe to several filters that match: the
   * lowest. mosquitto sends a copy for each with MQTT 5.
   */
  id: number | undefined;
  /** Shared subscriptions [MQTT5-4.8.2], each of which gets messages of its own. */
  shared: ReadonlyArray<{ readonly session: Session; readonly streams: readonly Stream[] }>;
  /** The newest message, if the topic is known to have a retained one. */
  retained: RetainedMessage | undefined;
  version: number;
  sources: readonly Source[];
  move: TopicMove | undefined;
  /** The newest message of each session, if several bring the topic. */
  newest: Map<Session, Seen> | undefined;
  /** Next messages of the session that another session has brought already. */
  skip: number;
  /** Since when another session has brought messages and this one none, by `performance.now()`. */
  othersSince: number | undefined;
  /** Whether the session has brought a message of the topic, or has replaced one that had. */
  isConfirmed: boolean;
  /** When another session brought a message that this one cannot have brought before. */
  missingSince: number | undefined;
}

interface Wish {
  readonly stream: Stream;
  readonly filter: string;
}

/** The part of the subscription plan that the router needs. */
export interface Subscribed {
  /** The sources whose filters match a topic, oldest first. */
  matching(topic: string): readonly Source[];
  isRefused(filter: string): boolean;
}

/**
 * Decides to which streams each topic goes, by the filters that they want, and from which session it is taken, because
 * filters that overlap are subscribed in different sessions, and each of them brings the message.
 */
export class Router {
  readonly #plan: Subscribed;
  readonly #trie = new FilterTrie<Wish>();
  readonly #wishes = new Map<Stream, readonly Wish[]>();
  readonly #routes = new Map<string, Route>();
  /** Of streams, sources and sessions; routes of an older one are looked at again. */
  #version = 0;

  constructor(plan: Subscribed) {
    this.#plan = plan;
  }

  add(stream: Stream): void {
    const wishes = stream.spec.filters.map((filter): Wish => ({ stream, filter }));
    for (const wish of wishes) {
      this.#trie.add(wish.filter, wish);
    }
    this.#wishes.set(stream, wishes);
    this.onChange();
  }

  delete(stream: Stream): void {
    for (const wish of this.#wishes.get(stream) ?? []) {
      this.#trie.delete(wish.filter, wish);
    }
    this.#wishes.delete(stream);
    this.onChange();
  }

  /** Streams, sources, sessions or the broker's answers have changed. */
  onChange(): void {
    this.#version++;
  }

  /** @param from the session that has brought a message of the topic. */
  route(topic: string, from?: Session): Route {
    const known = this.#routes.get(topic);
    if (known?.version === this.#version) {
      return known;
    }
    const route = known ?? this.#newRoute(topic);
    this.#refresh(route, from);
    return route;
  }

  /** Whether a live message is taken from this session, or comes from another one too. */
  takes(route: Route, from: Session, message: IncomingMessage): boolean {
    const ids = message.subscriptionIdentifiers;
    if (route.id !== undefined && ids.length > 0 && route.session === from && !ids.includes(route.id)) {
      return false;
    }
    if (route.session === from && route.move === undefined && route.skip === 0) {
      if (route.sources.length > 1) {
        note(route, from, seen(message.payload, performance.now()));
      }
      confirm(route);
      return true;
    }
    return this.#compare(route, from, message);
  }

  /** Takes the messages of a source's topics from other sources if that loses none. @returns whether all are. */
  release({ session, filter }: Source): boolean {
    const now = performance.now();
    const plain = shareless(filter);
    let all = true;
    const named = isWide(plain) ? undefined : this.#routes.get(plain);
    for (const route of isWide(plain) ? this.#routes.values() : named === undefined ? [] : [named]) {
      if (route.session === session && matches(plain, route.topic)) {
        if (route.version !== this.#version) {
          this.#refresh(route);
        }
        if (route.move?.isQuiet(now) === true) {
          moveOn(route, route.move.to);
        }
        all &&= route.streams.length === 0 || (route.move === undefined && !awaitsOther(route));
      }
    }
    return all;
  }

  #compare(route: Route, from: Session, { payload }: IncomingMessage): boolean {
    const now = performance.now();
    const { session, move } = route;
    const newest = seen(payload, now);
    note(route, from, newest);
    const [source, current] = [from, session].map((each) => route.sources.find((one) => one.session === each));
    if (source?.isProven === false) {
      source.isProven = true;
      this.onChange();
    }
    const isYoung = source === undefined || now - source.since < MAX_SKEW_MS;
    if (
      from !== session &&
      !route.isConfirmed &&
      source?.isGranted === true &&
      (!isYoung || current?.isProven === false)
    ) {
      // The first message of the topic; that of the other session, if one comes, is the same.
      moveOn(route, from);
      return true;
    }
    if (move?.isQuiet(now) === true) {
      return moveOn(route, move.to) === from;
    }
    if (from !== session && move?.to !== from) {
      return this.#takesFromOther(route, from, now);
    }
    if (from !== session && session?.isUp === false && now - session.changedAt >= MAX_SKEW_MS) {
      // Nothing of what comes here can have come there.
      moveOn(route, from);
      return true;
    }
    move?.add(from === session ? 'from' : 'to', newest);
    let isNew = false;
    if (from === session) {
      isNew = route.skip === 0;
      route.skip -= isNew ? 0 : 1;
      confirm(route);
    }
    const lead = route.skip === 0 ? move?.lead(now) : undefined;
    if (move !== undefined && lead !== undefined && lead <= 0) {
      moveOn(route, move.to);
      route.skip = -lead;
    } else if (from !== session && this.#takesFromOther(route, from, now)) {
      isNew = true;
    }
    return isNew;
  }

  /** A session that brings nothing although it should: the broker has granted the filter and keeps its messages back. */
  #takesFromOther(route: Route, from: Session, now: number): boolean {
    if (!route.sources.some(({ session, isGranted }) => session === from && isGranted)) {
      return false;
    }
    route.othersSince ??= now;
    if (now - route.othersSince >= MAX_SKEW_MS) {
      route.missingSince ??= now;
    }
    const isSilent = route.missingSince !== undefined && now - route.missingSince >= MAX_SILENCE_MS;
    if (isSilent) {
      moveOn(route, from);
    }
    return isSilent;
  }

  #newRoute(topic: string): Route {
    if (this.#routes.size >= MAX_REMEMBERED) {
      this.#forget();
    }
    const route: Route = {
      topic,
      streams: [],
      isRecorded: false,
      recordedIn: -1,
      session: undefined,
      id: undefined,
      shared: [],
      retained: undefined,
      version: -1,
      sources: [],
      move: undefined,
      newest: undefined,
      skip: 0,
      othersSince: undefined,
      isConfirmed: false,
      missingSince: undefined,
    };
    this.#routes.set(topic, route);
    return route;
  }

  /** Forgets routes, first those that would be planned again in the same way. */
  #forget(): void {
    for (const [topic, { sources }] of this.#routes) {
      if (sources.length <= 1) {
        this.#routes.delete(topic);
      }
    }
    if (this.#routes.size >= MAX_REMEMBERED / 2) {
      this.#routes.clear();
    }
  }

  #refresh(route: Route, from?: Session): void {
    route.version = this.#version;
    const sources = this.#plan.matching(route.topic);
    for (const source of sources) {
      source.isProven ||= source.session === from;
    }
    const streams = new Set<Stream>();
    const sharing = new Map<string, Stream[]>();
    for (const { stream, filter } of this.#trie.match(route.topic)) {
      if (this.#plan.isRefused(filter)) {
        continue;
      }
      if (isShared(filter)) {
        getOrSet(sharing, filter, () => []).push(stream);
      } else {
        streams.add(stream);
      }
    }
    route.streams = [...streams];
    route.shared =
      sharing.size === 0
        ? NONE
        : sources.flatMap(({ filter, session }) => {
            // A stream that gets all messages anyway gets them once.
            const own = sharing.get(filter)?.filter((stream) => !streams.has(stream));
            return own === undefined ? [] : [{ session, streams: own }];
          });
    route.isRecorded = route.streams.some((stream) => stream.isRecorded);
    route.sources = sources.filter(({ filter }) => !isShared(filter));
    if (route.sources.length <= 1) {
      route.newest = undefined;
    }
    this.#chooseSession(route, from);
  }

  #chooseSession(route: Route, from: Session | undefined): void {
    const { sources } = route;
    const current = sources.find(({ session }) => session === route.session);
    const now = performance.now();
    // A session that the broker keeps brings what was published while it is away.
    const isAway = current?.session.isUp === false && !current.session.isKept;
    if (current === undefined) {
      // A kept session brings messages before its filters are planned.
      moveOn(route, firstChoice(sources, from, now)?.session ?? from);
      route.isConfirmed = false;
    } else {
      const better = sources
        .filter(
          ({ session, isGranted, isLeaving, isProven }) =>
            session !== current.session && isGranted && isProven && !isLeaving && session.isUp
        )
        .reduce<Source | undefined>(
          (best, each) => (best === undefined || each.qos > best.qos ? each : best),
          undefined
        );
      const moves = better !== undefined && (current.isLeaving || isAway || better.qos > current.qos);
      if (!moves) {
        route.move = undefined;
      } else if (route.move?.to !== better.session) {
        route.move = new TopicMove(better.session, now, {
          since: Math.max(current.since, better.since),
          from: newestOf(route, current.session),
          to: newestOf(route, better.session),
        });
      }
    }
    const here =
      sources.length > 1 ? sources.filter(({ session, isGranted }) => isGranted && session === route.session) : [];
    route.id = here.length > 1 ? here[0].id : undefined;
  }
}

const NONE: Route['shared'] = [];

/** @returns the session that the messages are taken from now. */
function moveOn(route: Route, session: Session | undefined): Session | undefined {
  route.session = session;
  route.move = undefined;
  route.skip = 0;
  confirm(route);
  return session;
}

function confirm(route: Route): void {
  route.isConfirmed = true;
  route.othersSince = undefined;
  route.missingSince = undefined;
}

/** Whether another session may soon bring its first message of a topic, of which nobody knows yet how late it comes. */
function awaitsOther({ session, sources }: Route): boolean {
  return sources.some(
    (source) => source.session !== session && !source.isLeaving && !source.isProven && !isGrantedInVain(source)
  );
}

function note(route: Route, session: Session, message: Seen): void {
  route.newest ??= new Map();
  route.newest.set(session, message);
}

/** The newest message that a session has brought since it is connected. */
function newestOf({ newest }: Route, session: Session): Seen | undefined {
  const message = newest?.get(session);
  return message !== undefined && message.at > session.changedAt ? message : undefined;
}

/** The source that has the first message of a topic, or will have it. */
function firstChoice(sources: readonly Source[], from: Session | undefined, now: number): Source | undefined {
  const granted = sources.filter(({ isGranted, session }) => isGranted && session.isUp);
  const settled = granted.filter(({ since, isLeaving }) => !isLeaving && now - since >= MAX_SKEW_MS);
  return (
    settled.find(({ isProven }) => isProven) ??
    granted.find(({ isProven }) => isProven) ??
    granted[0] ??
    sources.find(({ session }) => session === from) ??
    sources[0]
  );
}
