import { getOrSet } from '../../utils/get-or-set';
import type { PastStatus } from '../protocol';
import type { HistorianClient } from './historian-client';
import { type HistoryResult, inRequests, type OnPart } from './history-request';
import { type Span, Spans } from './spans';

/** Takes the parts of one response. */
export interface PastReceiver {
  readonly onPart: OnPart;
  /**
   * Resolves when what has come is shown and recorded, to whether that is all of it. Never rejects.
   *
   * @param covered all of this span has come; `undefined` if that is not known.
   */
  end(covered: Span | undefined): Promise<boolean>;
}

export interface PastEvents {
  /** A request begins. @param onProgress called with how much of the response is shown, 0 to 1. */
  receive(filters: readonly string[], span: Span, onProgress: (progress: number) => void): PastReceiver;
  onStatus(streams: readonly number[], status: PastStatus): void;
}

type Historian = Pick<HistorianClient, 'request' | 'lookAgain' | 'stop'>;

interface UnderWay {
  readonly filters: readonly string[];
  readonly streams: Set<number>;
  readonly span: Span;
  readonly cancel: () => void;
}

type Unanswered = Pick<UnderWay, 'filters' | 'streams' | 'span'>;

/** Requests of streams within this time are sent as one, in milliseconds: a dashboard opens its panels together. */
const COLLECT_MS = 20;

/** After how long a historian that was lost is asked again without a word of it, in milliseconds: twice as long each time. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/** A panel that moves with the clock asks for less than this again and again, in milliseconds. */
const SHORTEST_MS = 1_000;

/** The spans of each filter that were requested from the historian, so that no span is requested twice. */
export class PastRequests {
  readonly #client: Historian;
  readonly #events: PastEvents;
  readonly #requested = new Map<string, Spans>();
  /** The next request, and the streams that wait for it. */
  #due: Array<{ readonly stream: number; readonly filter: string; readonly span: Span }> = [];
  #isStarted = false;
  #isStopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Requests under way, with their streams. */
  readonly #underWay = new Set<UnderWay>();
  /** Requests without an answer, which are sent again: their spans count as not requested meanwhile. */
  #unanswered: Unanswered[] = [];
  /** How often there was reason to think that the historian is there again. */
  #looks = 0;
  #retryMs = RETRY_MS;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Historian, events: PastEvents) {
    this.#client = client;
    this.#events = events;
  }

  /** A stream needs a span; reports a status, at once if nothing is missing. */
  request(stream: number, filters: readonly string[], span: Span): void {
    let isWaiting = false;
    this.#release(stream, (each) => !meet(each.span, span));
    this.#unanswered = this.#unanswered.filter(
      (each) => !isWithin(each.span, span) || !each.streams.delete(stream) || each.streams.size > 0
    );
    for (const filter of filters) {
      const requested = getOrSet(this.#requested, filter, () => new Spans());
      const missing = requested.missing(span);
      if (missing !== undefined && missing.to - missing.from >= SHORTEST_MS) {
        requested.add(missing);
        this.#due.push({ stream, filter, span: missing });
        this.#schedule();
        isWaiting = true;
      } else {
        isWaiting = this.#join(stream, filter) || isWaiting;
      }
    }
    this.#events.onStatus([stream], { state: isWaiting ? 'requesting' : 'done' });
  }

  /** A stream has closed: requests that only this stream needs are cancelled. */
  close(stream: number): void {
    for (const due of this.#due.filter((each) => each.stream === stream)) {
      this.#requested.get(due.filter)?.remove(due.span);
    }
    this.#due = this.#due.filter((each) => each.stream !== stream);
    this.#release(stream, () => true);
  }

  /** There is a connection: requests that waited for it are sent now. */
  start(): void {
    this.#isStarted = true;
    this.lookAgain();
    this.#schedule();
  }

  /** A historian may be there again: requests without an answer are sent again now. */
  lookAgain(): void {
    this.#looks++;
    this.#client.lookAgain();
    this.#retryMs = RETRY_MS;
    this.#retry();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#client.stop();
  }

  /** The spans that these filters were requested for. */
  requested(filters: readonly string[]): Span[] {
    return filters.flatMap((filter) => this.#requested.get(filter)?.all ?? []);
  }

  /** Messages of this span were lost: the span is requested again. */
  lost(span: Span, streams: ReadonlyMap<number, readonly string[]>): void {
    for (const spans of this.#requested.values()) {
      spans.remove(span);
    }
    for (const [stream, filters] of streams) {
      const open = filters.filter((filter) => this.#requested.has(filter));
      if (open.length > 0) {
        this.request(stream, open, span);
      }
    }
  }

  /** @returns whether a request for the filter is open or due: the stream waits for it, too. */
  #join(stream: number, filter: string): boolean {
    const due = this.#due.find((each) => each.filter === filter);
    if (due !== undefined) {
      this.#due.push({ ...due, stream });
      return true;
    }
    let isUnderWay = false;
    for (const { filters, streams } of this.#underWay) {
      if (filters.includes(filter)) {
        streams.add(stream);
        isUnderWay = true;
      }
    }
    return isUnderWay;
  }

  #schedule(): void {
    if (this.#isStarted && !this.#isStopped && this.#due.length > 0) {
      this.#timer ??= setTimeout(() => this.#send(), COLLECT_MS);
    }
  }

  #send(): void {
    this.#timer = undefined;
    // Filters of one span go together.
    const bySpan = new Map<string, { span: Span; filters: Set<string>; streams: Set<number> }>();
    for (const { stream, filter, span } of this.#due) {
      // Panels that follow the clock begin a few milliseconds apart.
      const key = `${Math.round(span.from / 1_000)} ${span.to === Infinity ? '' : Math.round(span.to / 1_000)}`;
      const group = bySpan.get(key) ?? { span, filters: new Set(), streams: new Set() };
      bySpan.set(key, {
        span: { from: Math.min(group.span.from, span.from), to: Math.max(group.span.to, span.to) },
        filters: group.filters.add(filter),
        streams: group.streams.add(stream),
      });
    }
    this.#due = [];
    for (const { span, filters, streams } of bySpan.values()) {
      for (const group of inRequests([...filters])) {
        void this.#sendRequest(group, new Set(streams), span);
      }
    }
  }

  /** Sends again what has no answer. */
  #retry(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    for (const { filters, streams, span } of this.#unanswered.splice(0)) {
      for (const stream of streams) {
        this.request(stream, filters, span);
      }
    }
  }

  #retryLater(): void {
    if (this.#retryTimer === undefined && !this.#isStopped) {
      this.#retryTimer = setTimeout(() => this.#retry(), this.#retryMs);
      this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
    }
  }

  #release(stream: number, isUnwanted: (request: Pick<UnderWay, 'span'>) => boolean): void {
    for (const request of this.#unanswered) {
      if (isUnwanted(request)) {
        request.streams.delete(stream);
      }
    }
    this.#unanswered = this.#unanswered.filter(({ streams }) => streams.size > 0);
    for (const request of this.#underWay) {
      if (isUnwanted(request) && request.streams.delete(stream) && request.streams.size === 0) {
        request.cancel();
      }
    }
  }

  async #sendRequest(filters: readonly string[], streams: Set<number>, span: Span): Promise<void> {
    const receiver = this.#events.receive(filters, span, (progress) =>
      this.#events.onStatus([...streams], { state: 'requesting', progress })
    );
    let oldest = span.to;
    const { result, cancel } = this.#client.request(filters, span, (part, mark, isLast) => {
      oldest = Math.min(oldest, part.messages.at(0)?.time ?? Infinity);
      receiver.onPart(part, mark, isLast);
    });
    const request = { filters, streams, span, cancel };
    this.#underWay.add(request);
    const looks = this.#looks;
    const ended = await result;
    const hasAll = await receiver.end(
      ended.state === 'done' ? { from: ended.truncated ? oldest : span.from, to: span.to } : undefined
    );
    this.#underWay.delete(request);
    if (this.#isStopped) {
      return;
    }
    if (ended.state === 'done') {
      this.#retryMs = RETRY_MS;
    } else if (ended.state !== 'none' || ended.until !== 'never') {
      const has = ended.state === 'cancelled' && hasAll ? { from: oldest, to: span.to } : undefined;
      for (const filter of filters) {
        this.#requested.get(filter)?.remove({ from: span.from, to: has?.from ?? span.to });
      }
      this.#keepUnanswered({ filters, streams, span });
      // Streams may have joined a request that was being cancelled
      const isCancelled = ended.state === 'cancelled' && streams.size > 0;
      if (isCancelled || (ended.state === 'failed' && ended.isBack === true) || this.#looks !== looks) {
        this.#retry();
      } else if (ended.state === 'failed' || (ended.state === 'none' && ended.until === 'later')) {
        this.#retryLater();
      }
    }
    this.#events.onStatus([...streams], statusOf(ended));
  }

  /** One list for each set of filters: a panel that moves with the clock asks for almost the same span again and again. */
  #keepUnanswered(request: Unanswered): void {
    if (request.streams.size === 0) {
      return;
    }
    const key = request.filters.join('\n');
    const same = this.#unanswered.find((each) => each.filters.join('\n') === key && meet(each.span, request.span));
    if (same === undefined) {
      this.#unanswered.push(request);
      return;
    }
    const span = { from: Math.min(same.span.from, request.span.from), to: Math.max(same.span.to, request.span.to) };
    const streams = new Set([...same.streams, ...request.streams]);
    this.#unanswered = [...this.#unanswered.filter((each) => each !== same), { ...request, span, streams }];
  }
}

/** Whether two spans overlap, or one begins where the other ends. */
function meet(one: Span, other: Span): boolean {
  return one.to >= other.from && one.from <= other.to;
}

function isWithin(one: Span, other: Span): boolean {
  return one.from >= other.from && one.to <= other.to;
}

function statusOf(result: HistoryResult): PastStatus {
  switch (result.state) {
    case 'done':
      return {
        state: 'done',
        ...(result.truncated ? { truncated: true } : undefined),
        ...(result.userProperties ? undefined : { noUserProperties: true }),
      };
    case 'failed':
      return result;
    default:
      return { state: 'done' };
  }
}
