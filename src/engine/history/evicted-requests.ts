import { equalBytes } from '../../utils/equal-bytes';
import { getOrSet } from '../../utils/get-or-set';
import type { Stream } from '../stream';
import type { HistorianClient } from './historian-client';
import { HistoryFeed } from './history-feed';
import type { OwnMessages } from './history-join';
import { KnownHistory } from './known-history';
import { isMarkName } from './marks';
import type { StoredMessage } from './message-segment';
import { ownMessages } from './own-messages';
import { type PastEvents, type PastReceiver, PastRequests } from './past-requests';
import type { Recorder } from './recorder';
import type { Span } from './spans';
import { each } from './stream-replay';

/** A historian may have given a message of the time of the last eviction a time that is so much later, in milliseconds. */
const TOLERANCE_MS = 2_500;

/** The span of a request goes on behind the last eviction, so that it can be joined with what is stored, in milliseconds. */
const MARGIN_MS = 10_000;

/** What came so shortly before now may still be on its way: the order says more than times, in milliseconds. */
const RECENT_MS = 2_000;

/** No recorded message has this epoch: those of the historian that are recorded are stored, as live ones. */
const NO_EPOCH = -1;
const NOTHING_KNOWN = { joinedFrom: () => Infinity, newerThan: () => 0 };

/** Until when messages of topics were lost, in milliseconds since 1970. */
type Lost = ReadonlyMap<string, number>;

export interface EvictedEvents extends Pick<PastEvents, 'onStatus'> {
  isReady(): boolean;
  onRows(stream: Stream): void;
  /** Resolves when what the streams have got is on its way to the page. */
  shown(): Promise<void>;
  now(): number;
}

/** What all requests of a connection share. */
export interface EvictedDeps {
  readonly client: Pick<HistorianClient, 'request'>;
  readonly recorder: Recorder;
  /** The marks that have come over the connection with the live messages. */
  readonly marksSeen: ReadonlySet<string>;
  readonly events: EvictedEvents;
}

/** The requests of streams that opened together, so that they lack the same messages. */
export class EvictedRequests {
  readonly #filters: readonly string[];
  readonly #lost: Lost;
  /** The newest time of {@link #lost}. */
  readonly #until: number;
  readonly #deps: EvictedDeps;
  readonly #openedAt: number;
  /** In the order of arrival, what was still stored of the span of the requests. */
  readonly #stored: StoredMessage[] = [];
  /** The end of the span; with Infinity, a mark says where the response ends among the live messages. */
  readonly #to: number;
  /** What these streams have got. */
  readonly #known = new KnownHistory();
  readonly streams = new Set<Stream>();
  readonly past: PastRequests;
  readonly feeds = new Set<HistoryFeed>();
  #isSent = false;

  /** @param lost what was lost when the streams opened, which is now. */
  constructor(filters: readonly string[], lost: Lost, deps: EvictedDeps) {
    const { client, recorder, events } = deps;
    this.#filters = filters;
    this.#lost = lost;
    this.#deps = deps;
    this.#openedAt = events.now();
    this.#until = Math.max(...lost.values());
    const to = this.#until + MARGIN_MS;
    this.#to = to < this.#openedAt - RECENT_MS ? to : Infinity;
    for (const message of each(recorder.replay((topic) => lost.has(topic)))) {
      if (!isMarkName(message.topic) && !message.retain && message.time < Math.min(this.#to, this.#openedAt)) {
        // The record may evict it, and would keep all of its memory for the view
        this.#stored.push({ ...message, payload: message.payload.slice() });
      }
    }
    this.past = new PastRequests(
      // The requests for what is not evicted look for the historian, and end its session
      { request: (...request) => client.request(...request), lookAgain: () => undefined, stop: () => undefined },
      {
        receive: (names, span, onProgress) => this.#receive(names, span, onProgress),
        onStatus: (concerned, status) => events.onStatus(concerned, status),
      }
    );
  }

  /** Whether a stream lacks the same messages, and the request is not sent yet. */
  mayTake({ lost, spec: { filters } }: Stream): boolean {
    return (
      !this.#isSent &&
      typeof lost === 'object' &&
      lost.size === this.#lost.size &&
      [...lost].every(([topic, until]) => this.#lost.get(topic) === until) &&
      filters.join('\n') === this.#filters.join('\n')
    );
  }

  /** Whether a message was lost before the streams opened, and not while the connection was away since. */
  bring(message: StoredMessage): boolean {
    return message.time <= this.#openedAt && this.#isLost(message);
  }

  request(stream: Stream, { from, to }: Span): void {
    this.streams.add(stream);
    const span = { from, to: Math.min(to, this.#to) };
    if (span.from < this.#until + TOLERANCE_MS) {
      this.past.request(stream.id, this.#filters, span);
    }
  }

  /** @returns whether it was the last stream. */
  close(stream: number): boolean {
    for (const own of this.streams) {
      if (own.id === stream) {
        this.streams.delete(own);
        this.past.close(stream);
      }
    }
    if (this.streams.size === 0) {
      this.stop();
    }
    return this.streams.size === 0;
  }

  stop(): void {
    this.past.stop();
    this.feeds.forEach((feed) => feed.stop());
  }

  #isLost({ topic, time }: StoredMessage): boolean {
    return time <= (this.#lost.get(topic) ?? -Infinity) + TOLERANCE_MS;
  }

  #receive(filters: readonly string[], span: Span, onProgress: (progress: number) => void): PastReceiver {
    this.#isSent = true;
    const { recorder, marksSeen, events } = this.#deps;
    let retained: OwnMessages['retained'] = new Map();
    const topics = new Set<string>();
    const feed = new HistoryFeed(
      recorder,
      this.#known,
      marksSeen,
      filters,
      span,
      {
        streams: () => this.streams,
        isReady: () => events.isReady(),
        onRows: (stream) => events.onRows(stream),
        onProgress,
        now: () => events.now(),
        restart: (stream) => stream,
      },
      {
        findOwn: (mark, matches) => {
          const own = this.#findOwn(span, mark, matches);
          retained = own.retained;
          return { ...own, retained: new Map(), repeated: [] };
        },
        // A stream that has the newest message of a topic as a retained one has it once, as it came
        select: (messages) =>
          messages
            .toReversed()
            .filter((message) => {
              const { topic, payload } = message;
              const isNewest = !topics.has(topic);
              topics.add(topic);
              const isShown = isNewest && retained.get(topic)?.some((own) => equalBytes(own.payload, payload)) === true;
              return !isShown && this.#isLost(message);
            })
            .toReversed(),
      }
    );
    this.feeds.add(feed);
    return {
      onPart: (part, mark, isLast) => feed.add(part, mark, isLast),
      end: async () => {
        const hasAll = await feed.end();
        this.feeds.delete(feed);
        await events.shown();
        return hasAll;
      },
    };
  }

  /** What these streams have got from the record and since, up to the mark, if there is one. */
  #findOwn(span: Span, mark: string | undefined, matches: (topic: string) => boolean): OwnMessages {
    const options = { historyEpoch: NO_EPOCH, span, mark, known: NOTHING_KNOWN };
    const own = ownMessages(this.#deps.recorder.replay(matches), options);
    const live = new Map<string, StoredMessage[]>();
    const add = (message: StoredMessage): void => {
      getOrSet(live, message.topic, () => []).push(message);
    };
    for (const message of this.#stored) {
      if (matches(message.topic) && message.time < span.to) {
        add(message);
      }
    }
    for (const list of span.to === Infinity ? own.live.values() : []) {
      list.filter(({ time }) => time >= this.#openedAt).forEach(add);
    }
    return { ...own, live };
  }
}
