import { isGrantedInVain } from './broker-quirks/unsent-messages';
import type { RetainedMessage } from './retained-store';
import type { Session } from './session-set';
import type { Source } from './source';
import type { Stream } from './stream';
import { MAX_SKEW_MS, type Seen, type TopicMove } from './topic-move';

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

/** A route that is planned when it is first used. */
export function newRoute(topic: string, retained: RetainedMessage | undefined): Route {
  return {
    topic,
    streams: [],
    isRecorded: false,
    recordedIn: -1,
    session: undefined,
    id: undefined,
    shared: [],
    retained,
    version: -1,
    sources: [],
    move: undefined,
    newest: undefined,
    skip: 0,
    othersSince: undefined,
    isConfirmed: false,
    missingSince: undefined,
  };
}

export function isSettled({ move, skip }: Route): boolean {
  return move === undefined && skip === 0;
}

export function isPlain(route: Route): boolean {
  return route.sources.length <= 1 && isSettled(route);
}

/** @returns the session that the messages are taken from now. */
export function moveOn(route: Route, session: Session | undefined): Session | undefined {
  route.session = session;
  route.move = undefined;
  route.skip = 0;
  confirm(route);
  return session;
}

export function confirm(route: Route): void {
  route.isConfirmed = true;
  route.othersSince = undefined;
  route.missingSince = undefined;
}

/** Whether another session may soon bring its first message of a topic, of which nobody knows yet how late it comes. */
export function awaitsOther({ session, sources }: Route): boolean {
  return sources.some(
    (source) => source.session !== session && !source.isLeaving && !source.isProven && !isGrantedInVain(source)
  );
}

export function note(route: Route, session: Session, message: Seen): void {
  route.newest ??= new Map();
  route.newest.set(session, message);
}

/** The newest message that a source has brought. Between that of an earlier one in its session and this, some may lack. */
export function newestOf({ newest }: Route, { session, since }: Source): Seen | undefined {
  const message = newest?.get(session);
  return message !== undefined && message.at > Math.max(since, session.changedAt) ? message : undefined;
}

/** The source that has the first message of a topic, or will have it. */
export function firstChoice(sources: readonly Source[], from: Session | undefined, now: number): Source | undefined {
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
