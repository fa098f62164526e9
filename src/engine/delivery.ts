import { isShared } from '../topics';
import type { History } from './history/history';
import { asIncoming } from './history/message-segment';
import type { IncomingMessage } from './incoming-message';
import { type RetainedMessage, RetainedStore } from './retained-store';
import type { Route } from './route';
import type { Router } from './router';
import type { Session } from './session-set';
import type { Stream } from './stream';

/** Gives the messages of all sessions to the streams and to the record, and stored retained messages to new streams. */
export class Delivery {
  readonly #router: Router;
  readonly #history: History;
  readonly #clock: () => number;
  readonly #onChange: (stream: Stream) => void;
  readonly #retained = new RetainedStore();
  /** Streams that are to have the retained messages of their topics when they have had the past. */
  readonly #waiting = new Set<Stream>();
  #lastTime = 0;

  /** @param onChange called when a stream has something for the page. */
  constructor(router: Router, history: History, now: () => number, onChange: (stream: Stream) => void) {
    this.#router = router;
    this.#history = history;
    this.#clock = now;
    this.#onChange = onChange;
  }

  /** A stream has opened: it has the retained messages that the broker has sent before. */
  open(stream: Stream): void {
    this.#waiting.add(stream);
    this.onReplayed(stream);
  }

  close(stream: Stream): void {
    this.#waiting.delete(stream);
  }

  /** A stream takes the place of another one. */
  replace(old: Stream, stream: Stream): void {
    if (this.#waiting.delete(old)) {
      this.#waiting.add(stream);
    }
  }

  /** The broker no longer sends what changes below a filter. */
  forget(filter: string): void {
    this.#retained.forget(filter);
  }

  /** The newest message of a topic that has a retained message. */
  retained(topic: string): RetainedMessage | undefined {
    return this.#retained.get(topic);
  }

  /** Whether the broker has sent a retained message that matches a filter. */
  hasRetained(filter: string): boolean {
    return this.#retained.has(filter);
  }

  /**
   * A message has come over a session.
   *
   * @param receivedAt when its bytes came, in milliseconds since 1970: to read the clock once for each chunk of the
   * socket, of which some bring a hundred messages, saves a sixth of the cost of a message.
   * @returns the time that its rows have, in milliseconds since 1970.
   */
  receive(session: Session, message: IncomingMessage, receivedAt: number): number {
    const time = this.#notBefore(receivedAt);
    if (this.#history.takeMark(message, time, session.epoch)) {
      return time;
    }
    const route = this.#router.route(message.topic, session);
    if (this.#history.takeHistorianMessage(message, route.streams)) {
      return time;
    }
    if (message.retain) {
      // From whichever session: only the one with the new subscription has it. Streams that know better skip it.
      route.retained = this.#retained.set(message);
      this.#deliver(route, route.streams, message, time);
    } else if (this.#router.takes(route, session, message)) {
      if (route.retained !== undefined) {
        this.#retained.update(route.retained, message);
        route.retained = route.retained.isStored ? route.retained : undefined;
      }
      this.#deliver(route, route.streams, message, time);
    }
    for (const shared of route.shared) {
      if (shared.session === session) {
        this.#deliver(route, shared.streams, message, time);
      }
    }
    return time;
  }

  /** Gives a message to streams of its topic, each of which gets it once. */
  #deliver(route: Route, streams: readonly Stream[], message: IncomingMessage, time: number): void {
    const { recorder } = this.#history;
    const epoch = route.session?.epoch ?? 0;
    if (message.retain && recorder.repeats(message, streams)) {
      // Streams have it, or will have it from the record
      for (const stream of streams.filter((each) => !each.isRecorded)) {
        stream.add(message, time, epoch);
        this.#onChange(stream);
      }
      return;
    }
    const isForRecord = isToRecord(route, streams, message, epoch);
    const isRecorded = isForRecord && recorder.record(message, time, epoch);
    if (isRecorded) {
      route.recordedIn = epoch;
    }
    for (const stream of streams) {
      if (recorder.isReplaying(stream) && (isRecorded || !isForRecord)) {
        continue; // it comes to the stream from the record, behind what came before
      }
      stream.add(message, time, epoch);
      this.#onChange(stream);
    }
  }

  /** A stream may have had the past; messages that are retained come behind. */
  onReplayed(stream: Stream): void {
    if (!this.#waiting.has(stream) || this.#history.recorder.isReplaying(stream)) {
      return;
    }
    this.#waiting.delete(stream);
    const messages = new Set(
      stream.spec.filters.flatMap((filter) => (isShared(filter) ? [] : this.#retained.matching(filter)))
    );
    for (const { topic, payload: stored, qos, userProperties } of messages) {
      const route = this.#router.route(topic);
      if (route.streams.includes(stream)) {
        // Of its own: the store writes the next message into the same bytes, and a stream may hold this one.
        const payload = stored.slice();
        const message = asIncoming({ topic, payload, qos, userProperties, retain: true });
        this.#deliver(route, [stream], message, this.#notBefore(this.#clock()));
      }
    }
  }

  /** A clock that is set back must not make rows run backwards. */
  #notBefore(time: number): number {
    this.#lastTime = Math.max(this.#lastTime, time);
    return this.#lastTime;
  }
}

/** Whether a message is to be recorded, once for all streams: not what only a shared subscription has of a topic. */
function isToRecord(route: Route, streams: readonly Stream[], { retain }: IncomingMessage, epoch: number): boolean {
  if (retain && route.recordedIn === epoch) {
    return false;
  }
  return route.isRecorded ? streams === route.streams || retain : streams.some((stream) => stream.isRecorded);
}
