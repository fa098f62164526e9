import { FilterTrie, isShared, isWide, matches, shareless } from '../topics';
import { getOrSet } from '../utils/get-or-set';
import type { IncomingMessage } from './incoming-message';
import type { RetainedMessage } from './retained-store';
import {
  awaitsOther,
  confirm,
  firstChoice,
  isPlain,
  isSettled,
  moveOn,
  newestOf,
  newRoute,
  note,
  type Route,
} from './route';
import type { Session } from './session-set';
import type { Source } from './source';
import type { Stream } from './stream';
import { MAX_SILENCE_MS, MAX_SKEW_MS, seen, TopicMove } from './topic-move';

/** Topics whose streams are remembered, so that a topic is matched against the filters once. */
const MAX_REMEMBERED = 50_000;

/** The part of them that is forgotten at a time. */
const FORGOTTEN = 1 / 10;

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
  readonly #retained: (topic: string) => RetainedMessage | undefined;
  readonly #maxRemembered: number;
  readonly #trie = new FilterTrie<Wish>();
  readonly #wishes = new Map<Stream, readonly Wish[]>();
  readonly #routes = new Map<string, Route>();
  /** Of streams, sources and sessions; routes of an older one are looked at again. */
  #version = 0;

  /** @param retained the stored retained message of a topic. */
  constructor(
    plan: Subscribed,
    retained: (topic: string) => RetainedMessage | undefined,
    maxRemembered = MAX_REMEMBERED
  ) {
    this.#plan = plan;
    this.#retained = retained;
    this.#maxRemembered = maxRemembered;
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

  /**
   * Streams, sources, sessions or the broker's answers have changed.
   *
   * @param session that was lost or has connected: it never brings what it had still to bring, unless the broker keeps it.
   */
  onChange(session?: Session): void {
    this.#version++;
    if (session?.isKept === false) {
      for (const route of this.#routes.values()) {
        if (route.session === session) {
          route.skip = 0;
        }
        // It counts messages of both sessions
        if ([route.session, route.move?.to].includes(session)) {
          route.move = undefined;
        }
      }
    }
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
    if (from !== session && session?.isUp === false && isAfter(from, session, now)) {
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
    if (this.#routes.size >= this.#maxRemembered) {
      this.#forget();
    }
    const route = newRoute(topic, this.#retained(topic));
    this.#routes.set(topic, route);
    return route;
  }

  /**
   * Forgets the oldest routes, first those that would be planned again in the same way, then those whose topics several
   * sessions bring. A route that moves to another session knows which messages have come, and stays.
   */
  #forget(): void {
    let left = Math.ceil(this.#maxRemembered * FORGOTTEN);
    for (const mayForget of [isPlain, isSettled]) {
      for (const route of this.#routes.values()) {
        if (left === 0) {
          return;
        }
        if (mayForget(route)) {
          this.#routes.delete(route.topic);
          left--;
        }
      }
    }
  }

  #refresh(route: Route, from?: Session): void {
    route.version = this.#version;
    const sources = this.#plan.matching(route.topic);
    for (const source of sources) {
      if (!source.isProven && source.session === from) {
        source.isProven = true;
      }
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
          from: newestOf(route, current),
          to: newestOf(route, better),
        });
      }
    }
    const here =
      sources.length > 1 ? sources.filter(({ session, isGranted }) => isGranted && session === route.session) : [];
    route.id = here.length > 1 ? here[0].id : undefined;
  }
}

const NONE: Route['shared'] = [];

/** Whether what a session brings was published after another one was lost, or so long after that it is not compared. */
function isAfter(from: Session, lost: Session, now: number): boolean {
  const hasConnectedSince = !from.isKept && from.changedAt > lost.changedAt;
  return hasConnectedSince || now - lost.changedAt >= MAX_SKEW_MS;
}
